package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import java.util.stream.IntStream;

/** The order of epochs by {@link Sampling.LabelledShare}. */
final class Mixture {

  private static final long UNLABELLED_ORDER = 4;
  private static final long LABELLED_ORDER = 5;

  private final int[] labelled;
  private final int[] unlabelled;
  private final int batch;
  private final int block;
  private final int labelledInBatch;
  private final int labelledInEpoch;

  /**
   * Finds the labelled and the unlabelled samples of a dataset.
   *
   * @param share of the labelled samples in a batch, above 0 and below 1
   * @param batch samples in a batch
   * @param block how many neighbours stay together
   * @throws RanbikiException if the dataset lacks one kind, or a batch would
   */
  Mixture(Dataset dataset, double share, int batch, int block) {
    this.batch = batch;
    this.block = block;
    labelledInBatch = (int) Math.round(share * batch);
    if (labelledInBatch < 1 || labelledInBatch >= batch) {
      throw RanbikiException.configuration(
          "The labelled share %s of a batch of %d samples rounds to %d, but a batch must hold at"
              + " least one sample with label and one without. Change the share or take a larger"
              + " batch.",
          share, batch, labelledInBatch);
    }
    labelled = indices(dataset, true);
    unlabelled = indices(dataset, false);
    if (labelled.length == 0 || unlabelled.length == 0) {
      throw RanbikiException.configuration(
          "The labelled share is %s, but %d samples have a label and %d have none, and there must"
              + " be some of both. Leave the share out, or add samples of the other kind.",
          share, labelled.length, unlabelled.length);
    }
    int batches = (unlabelled.length - 1) / (batch - labelledInBatch) + 1;
    long drawn = (long) batches * labelledInBatch;
    if (unlabelled.length + drawn > InMemory.LARGEST_ARRAY) {
      throw RanbikiException.configuration(
          "With the labelled share %s an epoch over %d samples without label draws %d with label,"
              + " more than can be counted. Take a smaller share.",
          share, unlabelled.length, drawn);
    }
    labelledInEpoch = (int) drawn;
  }

  private static int[] indices(Dataset dataset, boolean labelled) {
    return IntStream.range(0, dataset.size())
        .filter(index -> dataset.isLabelled(index) == labelled)
        .toArray();
  }

  /** The samples of all batches of an epoch, repeated ones counted again. */
  int length() {
    return unlabelled.length + labelledInEpoch;
  }

  /** The indices of the dataset, batch after batch. */
  int[] order(long seed, int epoch) {
    int[] known =
        new Passes(LABELLED_ORDER, seed, labelled.length, block)
            .draw((long) epoch * labelledInEpoch, labelledInEpoch);
    int[] raw = new Passes(UNLABELLED_ORDER, seed, unlabelled.length, block).pass(epoch);
    int[] order = new int[length()];
    int nextKnown = 0;
    int nextRaw = 0;
    for (int i = 0; i < order.length; i++) {
      order[i] =
          i % batch < labelledInBatch ? labelled[known[nextKnown++]] : unlabelled[raw[nextRaw++]];
    }
    return order;
  }
}
