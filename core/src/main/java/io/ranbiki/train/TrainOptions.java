package io.ranbiki.train;

import io.ranbiki.RanbikiException;

/**
 * How a student is fitted.
 *
 * @param epochs how often every sample is seen, 1 or more
 * @param optimizer how gradients change weights
 * @param schedule how the learning rate changes
 * @param clipNorm largest Euclidean norm of all gradients together, above 0; larger ones are scaled
 *     down to it; infinity for no limit
 * @param precision how convolutions and matrix products of the student compute
 * @param accumulate in how many parts a batch is computed, one after the other, whose gradients are
 *     added up: so much less memory is needed for the same step; 1 or more
 */
public record TrainOptions(
    int epochs,
    Optimizer optimizer,
    Schedule schedule,
    double clipNorm,
    Precision precision,
    int accumulate) {

  /** How convolutions and matrix products compute; weights and losses are always 32 bits. */
  public enum Precision {
    /** In 32 bits. */
    FLOAT32,
    /** In 16 bits with the range of 32: about twice as fast on processors that know it. */
    BFLOAT16
  }

  /** Checks the ranges. */
  public TrainOptions {
    if (epochs < 1) {
      throw RanbikiException.configuration("'epochs' is %d, but must be 1 or more.", epochs);
    }
    if (!(clipNorm > 0)) {
      throw RanbikiException.configuration("'clip-norm' is %s, but must be above 0.", clipNorm);
    }
    if (accumulate < 1) {
      throw RanbikiException.configuration(
          "'accumulate' is %d, but must be 1 or more.", accumulate);
    }
    if (schedule.warmUp() >= epochs) {
      throw RanbikiException.configuration(
          "'warm-up' is %s, but must be shorter than the %d epochs.", schedule.warmUp(), epochs);
    }
  }

  /** With whole batches. */
  public TrainOptions(
      int epochs, Optimizer optimizer, Schedule schedule, double clipNorm, Precision precision) {
    this(epochs, optimizer, schedule, clipNorm, precision, 1);
  }

  /** With whole batches, without clipping, in 32 bits. */
  public TrainOptions(int epochs, Optimizer optimizer, Schedule schedule) {
    this(epochs, optimizer, schedule, Double.POSITIVE_INFINITY, Precision.FLOAT32);
  }
}
