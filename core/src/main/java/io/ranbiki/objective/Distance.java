package io.ranbiki.objective;

import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Tensor;

/**
 * How far numbers lie apart: the mean over all elements of a function of the error {@code e}.
 *
 * @param kind the function
 * @param threshold where Huber's functions turn from quadratic to linear, finite, above 0; the
 *     others do not read it
 */
public record Distance(Kind kind, double threshold) {

  /** The functions. */
  public enum Kind {
    /** {@code e^2}. */
    MSE,
    /** {@code |e|}. */
    L1,
    /** {@code e^2 / 2} up to the threshold d, then {@code d (|e| - d / 2)}. */
    HUBER,
    /** Huber's function divided by the threshold. */
    SMOOTH_L1
  }

  /** The mean of squares. */
  public static final Distance SQUARED = new Distance(Kind.MSE, 1);

  /** Checks the threshold. */
  public Distance {
    Require.positive("'threshold'", threshold);
  }

  static Distance read(Options options) {
    return new Distance(
        options.word("distance", Kind.MSE, "How errors are measured"),
        options.number(
            "threshold",
            1,
            "Where Huber's functions turn from quadratic to linear",
            Rule.above(0)));
  }

  Tensor of(Tensor student, Tensor target) {
    return switch (kind) {
      case MSE -> Functional.mseLoss(student, target);
      case L1 -> Functional.l1Loss(student, target);
      case HUBER -> Functional.huberLoss(student, target, threshold);
      case SMOOTH_L1 -> Functional.smoothL1Loss(student, target, threshold);
    };
  }
}
