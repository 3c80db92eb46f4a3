package io.ranbiki.objective;

import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;

/**
 * Cross-entropy between the student's answer and the true labels.
 *
 * <p>{@code L = -mean(log softmax(z_s)[label])}, in nats, over the samples of the batch that have a
 * label; 0 where none has. Logits are {@code [batch, classes]}.
 *
 * @param weight weight in the objective, finite, 0 or more
 * @param labelSmoothing share of the target that is spread evenly over all classes, 0 to 1 (Szegedy
 *     et al. 2015, arXiv:1512.00567, section 7)
 */
public record HardLabels(Ramp weight, double labelSmoothing) implements Term {

  private static final String NAME = "hard-labels";

  /** Checks the ranges. */
  public HardLabels {
    weight.requireNonNegative("'weight' of " + NAME);
    Require.share("'label-smoothing' of " + NAME, labelSmoothing);
  }

  /** Without smoothing, with a constant weight. */
  public HardLabels(double weight) {
    this(Ramp.constant(weight), 0);
  }

  static HardLabels read(Options options) {
    return new HardLabels(
        Ramp.weight(options, 1),
        options.number(
            "label-smoothing",
            0,
            "Share of the target that is spread evenly over all classes",
            Rule.between(0, 1)));
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
    return MeanOver.LABELS;
  }

  @Override
  public TermLoss bind(LossInputs example, Generator generator) {
    return this::loss;
  }

  private Tensor loss(LossInputs inputs) {
    return Functional.crossEntropy(inputs.studentLogits(), inputs.labels(), labelSmoothing);
  }
}
