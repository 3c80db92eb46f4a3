package io.ranbiki.objective;

import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;

/**
 * Regression with the teacher as a bound: the student is corrected towards the true values only
 * where it is not yet better than the teacher by a margin. To be used beside {@link
 * LabelRegression}.
 *
 * <p>{@code L = mean_b(|s - y|^2 where |s - y|^2 + margin > |t - y|^2, else 0)}, the squares summed
 * over the outputs of a sample that are known. Outputs are {@code [batch, ...]}; the batch's labels
 * are the true values y, FLOAT32 of the same shape, NaN where not known; the mean is over samples
 * of which one is.
 *
 * <p>Source: Chen et al. 2017, "Learning Efficient Object Detection Models with Knowledge
 * Distillation" (NIPS 2017), section 3.3. Deviations: none.
 *
 * @param weight weight in the objective (nu in the paper, 0.5 there), finite, 0 or more
 * @param margin by how much the student must be better to be left alone, in squared units of the
 *     outputs (standard deviations of the truth where the network has a unit), finite, 0 or more
 */
public record BoundedRegression(Ramp weight, double margin) implements Term {

  private static final String NAME = "bounded-regression";

  /** Checks the ranges. */
  public BoundedRegression {
    weight.requireNonNegative("'weight' of " + NAME);
    Require.nonNegative("'margin' of " + NAME, margin);
  }

  /** With a constant weight. */
  public BoundedRegression(double weight, double margin) {
    this(Ramp.constant(weight), margin);
  }

  static BoundedRegression read(Options options) {
    return new BoundedRegression(
        Ramp.weight(options, 1),
        options.number(
            "margin",
            0,
            "By how much the student must be better than the teacher to be left alone, squared",
            Rule.atLeast(0)));
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean needsLabels() {
    return true;
  }

  @Override
  public MeanOver meanOver() {
    return MeanOver.LABELS;
  }

  @Override
  public TermLoss bind(LossInputs example, Generator generator) {
    Logits.requireSameShape(NAME, example);
    Logits.requireLabelsLikeLogits(NAME, example);
    return inputs -> {
      Tensor labels = inputs.labels().to(DType.FLOAT32);
      Tensor known = Logits.known(labels);
      Tensor truth = labels.maskedFill(known.not(), 0);
      Tensor student = squaredError(inputs.studentLogits(), truth, known);
      Tensor teacher = squaredError(inputs.teacherLogits(), truth, known);
      Tensor worse = student.detach().add(margin).gt(teacher).to(DType.FLOAT32);
      Tensor counted = known.flatten(1).sum(1).gt(0);
      return Reduction.MEAN.of(student.mul(worse), counted, inputs.batch().size());
    };
  }

  private static Tensor squaredError(Tensor outputs, Tensor truth, Tensor known) {
    return outputs.sub(truth).pow(2).mul(known).flatten(1).sum(1);
  }
}
