package io.ranbiki.objective;

import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;

/**
 * Matches the student's softened class distribution to the teacher's.
 *
 * <p>{@code L = T^2 * KL(teacher || student)} with {@code p = softmax(z / T)}: summed over classes,
 * averaged over the batch, in nats. Logits are {@code [batch, classes]}. The factor {@code T^2}
 * keeps the gradient's size independent of the temperature, and is there whatever the weight.
 *
 * <p>Source: Hinton, Vinyals and Dean 2015, arXiv:1503.02531, section 2. Deviations: none.
 *
 * @param weight weight in the objective
 * @param temperature softening temperature T, above 0
 */
public record SoftTargets(Ramp weight, Ramp temperature) implements Term {

  /** Checks the temperature. */
  public SoftTargets {
    temperature.requirePositive("temperature");
  }

  /** With a constant weight and temperature. */
  public SoftTargets(double weight, double temperature) {
    this(Ramp.constant(weight), Ramp.constant(temperature));
  }

  @Override
  public String name() {
    return "soft-targets";
  }

  @Override
  public TermLoss bind(Lesson example, Generator generator) {
    return lesson ->
        loss(lesson.studentLogits(), lesson.teacherLogits(), temperature.at(lesson.progress()));
  }

  /** The loss at one temperature. */
  static Tensor loss(Tensor studentLogits, Tensor teacherLogits, double temperature) {
    Tensor student = studentLogits.div(temperature).logSoftmax(1);
    Tensor teacher = teacherLogits.div(temperature).logSoftmax(1);
    return Functional.klDivergence(student, teacher).mul(temperature * temperature);
  }
}
