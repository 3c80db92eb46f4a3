package io.ranbiki.objective;

import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Generator;

/**
 * Distance between the student's outputs and true values: what {@link HardLabels} is for classes.
 *
 * <p>{@code L = d(z_s, y)}, the mean over all elements. Outputs are {@code [batch, ...]}; the
 * batch's labels are the true values, FLOAT32 of the same shape.
 *
 * @param weight weight in the objective, finite, 0 or more
 * @param distance how errors are measured
 */
public record LabelRegression(Ramp weight, Distance distance) implements Term {

  private static final String NAME = "label-regression";

  /** Checks the range. */
  public LabelRegression {
    weight.requireNonNegative("weight of " + NAME);
  }

  /** With a constant weight. */
  public LabelRegression(double weight, Distance distance) {
    this(Ramp.constant(weight), distance);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean needsTeacher() {
    return false;
  }

  @Override
  public boolean needsLabels() {
    return true;
  }

  @Override
  public TermLoss bind(LossInputs example, Generator generator) {
    Logits.requireLabelsLikeLogits(NAME, example);
    return inputs -> distance.of(inputs.studentLogits(), inputs.labels().to(DType.FLOAT32));
  }
}
