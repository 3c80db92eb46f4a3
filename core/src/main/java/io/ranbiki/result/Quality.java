package io.ranbiki.result;

import org.jspecify.annotations.Nullable;

/**
 * How good a model's answers to the test samples are.
 *
 * @param samples number of labelled test samples, 1 or more
 * @param accuracy share of them that is right, with Wilson's interval
 * @param topFive share of them whose class is among the five likeliest; {@code null} up to 10
 *     classes
 * @param macroF1 unweighted mean of the F1 scores of the classes, 0 to 1
 * @param negativeLogLikelihood mean of {@code -ln p[label]}, in nats; {@code null} if it is
 *     infinite
 * @param brier mean of the sum over classes of {@code (p_c - [c = label])^2}, 0 to 2
 * @param expectedCalibrationError in 15 bins of equal width, 0 to 1; above 0 by chance alone even
 *     where the model is perfectly calibrated
 * @param calibrationError root of the mean squared gap between confidence and accuracy without what
 *     chance brings, 0 to 1; {@code null} below 30 samples
 * @param scaled the same probabilities at the temperature that fits the validation samples; {@code
 *     null} without these
 * @param agreement share of all test samples on which it predicts what the teacher predicts; {@code
 *     null} without a teacher
 * @param divergence mean of {@code KL(teacher || model)} over all test samples, in nats; {@code
 *     null} without a teacher, or if it is infinite
 * @param approximate whether only the likeliest classes were kept, so that all but accuracy, F1,
 *     top-five, agreement and expected calibration error are approximate
 */
public record Quality(
    int samples,
    Interval accuracy,
    @Nullable Double topFive,
    double macroF1,
    @Nullable Double negativeLogLikelihood,
    double brier,
    double expectedCalibrationError,
    @Nullable Interval calibrationError,
    @Nullable Scaled scaled,
    @Nullable Double agreement,
    @Nullable Double divergence,
    boolean approximate) {

  /** Checks the ranges. */
  public Quality {
    if (samples < 1) {
      throw new IllegalArgumentException("samples must be 1 or more, but is " + samples);
    }
    Check.present("accuracy", accuracy);
    Check.fraction("top-five", topFive);
    Check.fraction("macro-f1", macroF1);
    Check.notNegative("brier", brier);
    Check.fraction("expected-calibration-error", expectedCalibrationError);
    Check.fraction("agreement", agreement);
  }

  /**
   * A model after temperature scaling, which changes no decision.
   *
   * @param temperature by which its logits are divided, fitted on validation samples, above 0
   * @param negativeLogLikelihood in nats; {@code null} if it is infinite
   * @param expectedCalibrationError 0 to 1
   */
  public record Scaled(
      double temperature, @Nullable Double negativeLogLikelihood, double expectedCalibrationError) {

    /** Checks the ranges. */
    public Scaled {
      Check.positive("temperature", temperature);
      Check.fraction("expected-calibration-error", expectedCalibrationError);
    }
  }
}
