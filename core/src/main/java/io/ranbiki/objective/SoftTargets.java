package io.ranbiki.objective;

import io.ranbiki.config.Options;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Generator;

/**
 * Matches the student's softened class distribution to the teacher's.
 *
 * <p>{@code L = T^2 * KL(teacher || student)} with {@code p = softmax(z / T)}: summed over classes,
 * averaged over the batch, in nats. Logits are {@code [batch, classes]}. The factor {@code T^2}
 * keeps the gradient's size independent of the temperature, and is there whatever the weight.
 *
 * <p>Source: Hinton, Vinyals and Dean 2015, arXiv:1503.02531, section 2. Deviations: none.
 *
 * <p>Mutual learning (Zhang et al. 2017, arXiv:1706.00384) is this term at temperature 1 with a
 * peer as teacher: a {@link LossInputs} cuts the teacher's answer from its network, as each peer
 * must be for the other. With more than one peer, give each {@code 1 / (networks - 1)} of the
 * weight as the paper does (the authors' code adds them up instead).
 *
 * @param weight weight in the objective, finite, 0 or more
 * @param temperature softening temperature T, finite, above 0
 */
public record SoftTargets(Ramp weight, Ramp temperature) implements Term {

  private static final String NAME = "soft-targets";

  /** Checks the ranges. */
  public SoftTargets {
    weight.requireNonNegative("'weight' of " + NAME);
    temperature.requirePositive("'temperature' of " + NAME);
  }

  /** With a constant weight and temperature. */
  public SoftTargets(double weight, double temperature) {
    this(Ramp.constant(weight), Ramp.constant(temperature));
  }

  static SoftTargets read(Options options) {
    return new SoftTargets(Ramp.weight(options, 1), Ramp.temperature(options, 4));
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
  public boolean matchesClasses() {
    return true;
  }

  @Override
  public TermLoss bind(LossInputs example, Generator generator) {
    Logits.requireSameShape(NAME, example);
    return inputs ->
        Functional.softTargetLoss(
            inputs.studentLogits(), inputs.teacherLogits(), temperature.at(inputs.progress()));
  }
}
