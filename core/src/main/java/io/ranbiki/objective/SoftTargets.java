package io.ranbiki.objective;

import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import java.util.Optional;

/**
 * Matches the student's softened class distribution to the teacher's.
 *
 * <p>{@code L = T^2 * KL(teacher || student)} with {@code p = softmax(z / T)}: summed over classes,
 * averaged over the batch, in nats. Logits are {@code [batch, classes]}. The factor {@code T^2}
 * keeps the gradient's size independent of the temperature, and is there whatever the weight.
 *
 * <p>The teacher's side may have a temperature of its own: then {@code p = softmax(z_t / T_t)}
 * there, and {@code T}, of the factor as well, remains the student's. The gradient for the
 * student's logits is {@code T / batch * (softmax(z_s / T) - softmax(z_t / T_t))}, so {@code T_t}
 * changes only what the student is to say: below {@code T} something surer than the teacher. A head
 * that was fitted to few labels is far less sure than it is right, and then 0.25 to 0.5 beside a
 * {@code T} of 1 teaches more.
 *
 * <p>Source: Hinton, Vinyals and Dean 2015, arXiv:1503.02531, section 2. Deviations: the teacher's
 * own temperature, where it is given.
 *
 * <p>Mutual learning (Zhang et al. 2017, arXiv:1706.00384) is this term at temperature 1 with a
 * peer as teacher: a {@link LossInputs} cuts the teacher's answer from its network, as each peer
 * must be for the other. With more than one peer, give each {@code 1 / (networks - 1)} of the
 * weight as the paper does (the authors' code adds them up instead).
 *
 * @param weight weight in the objective, finite, 0 or more
 * @param temperature softening temperature T, finite, above 0
 * @param teacherTemperature of the teacher's logits alone, finite, above 0; empty for T
 */
public record SoftTargets(Ramp weight, Ramp temperature, Optional<Ramp> teacherTemperature)
    implements Term {

  private static final String NAME = "soft-targets";

  /** Checks the ranges. */
  public SoftTargets {
    weight.requireNonNegative("'weight' of " + NAME);
    temperature.requirePositive("'temperature' of " + NAME);
    teacherTemperature.ifPresent(own -> own.requirePositive("'teacher-temperature' of " + NAME));
  }

  /** With one temperature for both sides. */
  public SoftTargets(Ramp weight, Ramp temperature) {
    this(weight, temperature, Optional.empty());
  }

  /** With a constant weight and temperature. */
  public SoftTargets(double weight, double temperature) {
    this(Ramp.constant(weight), Ramp.constant(temperature));
  }

  /** With constants, and a temperature of the teacher's own. */
  public SoftTargets(double weight, double temperature, double teacherTemperature) {
    this(
        Ramp.constant(weight),
        Ramp.constant(temperature),
        Optional.of(Ramp.constant(teacherTemperature)));
  }

  static SoftTargets read(Options options) {
    return new SoftTargets(
        Ramp.weight(options, 1),
        Ramp.temperature(options, 4),
        Ramp.optional(
            options,
            "teacher-temperature",
            "Temperature of the teacher's logits alone; temperature if left out",
            Rule.above(0)));
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
    return inputs -> {
      double softness = temperature.at(inputs.progress());
      return Functional.softTargetLoss(
          inputs.studentLogits(), teacherLogits(inputs, softness), softness);
    };
  }

  /** What divided by the temperature is the teacher's logits divided by its own. */
  private Tensor teacherLogits(LossInputs inputs, double softness) {
    Tensor logits = inputs.teacherLogits();
    return teacherTemperature
        .map(own -> logits.mul(softness / own.at(inputs.progress())))
        .orElse(logits);
  }
}
