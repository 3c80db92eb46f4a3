package io.ranbiki.objective;

import io.ranbiki.config.Options;
import io.ranbiki.tensor.Generator;

/**
 * Matches the student's outputs to the teacher's as they are: for regression, or for logits without
 * a softmax.
 *
 * <p>{@code L = d(z_s / T, z_t / T)}, the mean over all elements, in the outputs' unit (standard
 * deviations of the truth where the network has a unit) as the distance changes it. Outputs are
 * {@code [batch, ...]}.
 *
 * <p>Source: Ba and Caruana 2013, "Do Deep Nets Really Need to be Deep?", arXiv:1312.6184, section
 * 2, for the squared distance between logits; the division by T follows the TextBrewer library (no
 * factor {@code T^2}). Huber's functions are for teachers with outliers.
 *
 * @param weight weight in the objective, finite, 0 or more
 * @param temperature what both sides are divided by, finite, above 0; 1 for regression
 * @param distance how errors are measured
 */
public record OutputRegression(Ramp weight, Ramp temperature, Distance distance) implements Term {

  private static final String NAME = "output-regression";

  /** Checks the ranges. */
  public OutputRegression {
    weight.requireNonNegative("'weight' of " + NAME);
    temperature.requirePositive("'temperature' of " + NAME);
  }

  /** With a constant weight and temperature 1. */
  public OutputRegression(double weight, Distance distance) {
    this(Ramp.constant(weight), Ramp.constant(1), distance);
  }

  static OutputRegression read(Options options) {
    return new OutputRegression(
        Ramp.weight(options, 1), Ramp.temperature(options, 1), Distance.read(options));
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public MeanOver meanOver() {
    return MeanOver.ROWS;
  }

  @Override
  public TermLoss bind(LossInputs example, Generator generator) {
    Logits.requireSameShape(NAME, example);
    Logits.requireUnmasked(NAME, example, "which the student's outputs can never match");
    return inputs -> {
      double divisor = temperature.at(inputs.progress());
      return distance.of(inputs.studentLogits().div(divisor), inputs.teacherLogits().div(divisor));
    };
  }
}
