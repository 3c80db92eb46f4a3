package io.ranbiki.data;

import io.ranbiki.RanbikiException;

/**
 * Which samples the batches of an epoch hold. Whatever is random depends on the seed and the number
 * of the epoch alone.
 */
public sealed interface Sampling {

  /** An epoch is one pass over the dataset: every sample once. */
  record EveryOnce() implements Sampling {}

  /**
   * Every batch has the same share of labelled samples: {@code n = round(share * batch)}, before
   * those without label.
   *
   * <p>An epoch is one pass over the samples without label, each once. Its last batch may hold
   * fewer of them, but no fewer labelled ones. The labelled samples are drawn from passes in random
   * order that go on from batch to batch and from epoch to epoch; so at any time none of them was
   * drawn over once more often than another, and one that comes twice in an epoch has the same id
   * and view both times.
   *
   * @param share above 0 and below 1
   */
  record LabelledShare(double share) implements Sampling {
    /** Checks the share. */
    public LabelledShare {
      if (!(share > 0 && share < 1)) {
        throw RanbikiException.configuration(
            "The labelled share is %s, but must be above 0 and below 1. Try 0.25.", share);
      }
    }
  }

  /**
   * An epoch is a number of samples, drawn from passes in random order that go on from epoch to
   * epoch.
   *
   * @param samples 1 or more
   */
  record Count(int samples) implements Sampling {
    /** Checks the number. */
    public Count {
      if (samples < 1) {
        throw RanbikiException.configuration(
            "The number of samples in an epoch is %d, but must be 1 or more. Correct the number.",
            samples);
      }
    }
  }
}
