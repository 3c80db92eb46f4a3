package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.Safetensors;
import io.ranbiki.artifact.Weights;
import io.ranbiki.model.Model;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The network of a training as it was after the epoch that did best on the samples held out, beside
 * the training's checkpoints. Of two epochs that did equally well the first is kept, so that a
 * training that was stopped and repeats an epoch keeps the same one.
 */
final class BestEpoch {

  private static final String EPOCH = "epoch";
  private static final String REACHED = "accuracy"; // or agreement

  private final Path file;
  private int epoch;
  private double reached = Double.NEGATIVE_INFINITY;

  /**
   * Finds what an earlier start kept.
   *
   * @param checkpoints folder of the training's checkpoints
   */
  BestEpoch(Path checkpoints) {
    file = checkpoints.resolve("best.safetensors");
    if (Files.exists(file)) {
      try {
        Map<String, String> metadata = Safetensors.read(file).metadata();
        epoch = Integer.parseInt(metadata.getOrDefault(EPOCH, ""));
        reached = Double.parseDouble(metadata.getOrDefault(REACHED, ""));
      } catch (RanbikiException | NumberFormatException e) {
        throw RanbikiException.io(
            "%s is damaged, so that the best epoch is not known any more; begin the run anew in"
                + " another folder, or choose train.keep=last.",
            file);
      }
    }
  }

  /** Keeps a network if it did better than all before. */
  void offer(int number, double now, Model model) {
    if (epoch == 0 || now > reached) {
      epoch = number;
      reached = now;
      RunFolder.makeFolder(file.getParent());
      Weights.writeTensors(
          file,
          model.module().state(),
          Map.of(EPOCH, Integer.toString(number), REACHED, Double.toString(now)));
    }
  }

  /** Number of the best epoch, from 1; 0 if none was offered. */
  int epoch() {
    return epoch;
  }

  /** What it reached. */
  double reached() {
    return reached;
  }

  /** Gives a network the weights of the best epoch. */
  void restore(Model model) {
    Weights.read(file, model);
  }
}
