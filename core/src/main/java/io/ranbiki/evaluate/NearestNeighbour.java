package io.ranbiki.evaluate;

import io.ranbiki.data.Dataset;
import io.ranbiki.data.Task;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.Arrays;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Share of the test samples of a known class whose nearest training sample, by cosine, is of that
 * class.
 */
public record NearestNeighbour() implements Metric {

  /** Test samples that are compared with all training samples at once. */
  private static final int BLOCK = 256;

  @Override
  public String name() {
    return "nearest-neighbour";
  }

  @Override
  public boolean serves(Task task) {
    return task instanceof Task.Embedding;
  }

  @Override
  public OptionalDouble of(Predictions model, @Nullable Predictions teacher) {
    int[] found = model.neighbours();
    return Metric.share(
        Arrays.stream(found).filter(each -> each == Predictions.SAME_CLASS).count(),
        Arrays.stream(found).filter(each -> each != Predictions.UNKNOWN_CLASS).count());
  }

  /**
   * Looks for the nearest training sample of each test sample.
   *
   * @param test vectors of the test samples
   * @param classes of the test samples, {@link Dataset#UNLABELLED} where not known
   * @param training vectors of training samples, one or more
   * @param trainingClasses of these
   * @return as {@link Predictions#neighbours}
   */
  public static int[] look(
      Predictions test, int[] classes, Predictions training, int[] trainingClasses) {
    int width = test.classes();
    float[] vectors = Vectors.of(test);
    int[] found = new int[test.size()];
    try (TensorScope all = TensorScope.open("neighbours")) {
      Tensor others =
          Functional.normalize(Tensors.of(Vectors.of(training), training.size(), width), 1)
              .transpose(0, 1);
      for (int from = 0; from < found.length; from += BLOCK) {
        int to = Math.min(found.length, from + BLOCK);
        try (TensorScope block = TensorScope.open("block")) {
          Tensor some =
              Tensors.of(Arrays.copyOfRange(vectors, from * width, to * width), to - from, width);
          long[] nearest = some.matmul(others).argmax(1).toLongs(); // lengths do not change it
          for (int i = from; i < to; i++) {
            boolean same = classes[i] == trainingClasses[(int) nearest[i - from]];
            found[i] =
                classes[i] == Dataset.UNLABELLED
                    ? Predictions.UNKNOWN_CLASS
                    : same ? Predictions.SAME_CLASS : Predictions.OTHER_CLASS;
          }
        }
      }
    }
    return found;
  }
}
