package io.ranbiki.objective;

import io.ranbiki.config.Options;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;

/**
 * Distance between the student's outputs and true values: what {@link HardLabels} is for classes.
 *
 * <p>{@code L = d(z_s, y)}, the mean over all elements that are known. Outputs are {@code [batch,
 * ...]}; the batch's labels are the true values, FLOAT32 of the same shape, NaN where not known;
 * both are in standard deviations of the truth where the network has a unit.
 *
 * @param weight weight in the objective, finite, 0 or more
 * @param distance how errors are measured
 */
public record LabelRegression(Ramp weight, Distance distance) implements Term {

  private static final String NAME = "label-regression";

  /** Checks the range. */
  public LabelRegression {
    weight.requireNonNegative("'weight' of " + NAME);
  }

  /** With a constant weight. */
  public LabelRegression(double weight, Distance distance) {
    this(Ramp.constant(weight), distance);
  }

  static LabelRegression read(Options options) {
    return new LabelRegression(Ramp.weight(options, 1), Distance.read(options));
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
  public MeanOver meanOver() {
    return (part, positions) -> Logits.countKnown(part);
  }

  @Override
  public TermLoss bind(LossInputs example, Generator generator) {
    Logits.requireLabelsLikeLogits(NAME, example);
    return this::loss;
  }

  private Tensor loss(LossInputs inputs) {
    Tensor outputs = inputs.studentLogits();
    Tensor truth = inputs.labels().to(DType.FLOAT32);
    Tensor known = Logits.known(truth).flatten(0);
    if (known.sum().item() == known.count()) {
      return distance.of(outputs, truth);
    }
    Tensor where = known.nonzero().squeeze(1);
    return distance.of(
        outputs.flatten(0).indexSelect(0, where), truth.flatten(0).indexSelect(0, where));
  }
}
