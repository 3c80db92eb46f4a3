package io.ranbiki.result;

/**
 * Test samples of which a model is about equally sure.
 *
 * @param samples how many, 1 or more
 * @param confidence mean of its largest probability, 0 to 1
 * @param accuracy share that it has right, 0 to 1
 */
public record ConfidenceBin(int samples, double confidence, double accuracy) {

  /** Checks the ranges. */
  public ConfidenceBin {
    Check.positive("samples", (double) samples);
    Check.fraction("confidence", confidence);
    Check.fraction("accuracy", accuracy);
  }
}
