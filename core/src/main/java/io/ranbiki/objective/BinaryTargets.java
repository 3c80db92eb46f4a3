package io.ranbiki.objective;

import io.ranbiki.config.Options;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Soft targets for labels that do not exclude each other: each logit is a yes-or-no question of its
 * own.
 *
 * <p>{@code L = T^2 * KL(Bernoulli(p_t) || Bernoulli(p_s))} with {@code p = sigmoid(z / T)}, for
 * each sample and label, in nats. Logits are {@code [batch, labels]}. The gradient is that of the
 * binary cross-entropy between the two, of which the teacher's entropy is taken off so that equal
 * answers give 0.
 *
 * <p>Source: Hinton, Vinyals and Dean 2015, arXiv:1503.02531, carried over to sigmoids; with {@link
 * Reduction#BATCH_MEAN} and T 1 it is the multi-label logits distillation of Yang et al. 2023,
 * "Multi-Label Knowledge Distillation", arXiv:2308.06453.
 *
 * @param weight weight in the objective, finite, 0 or more
 * @param temperature softening temperature T, finite, above 0
 * @param reduction how samples and labels become one number; the default is {@link Reduction#MEAN}
 */
public record BinaryTargets(Ramp weight, Ramp temperature, Reduction reduction) implements Term {

  private static final String NAME = "binary-targets";

  /** Checks the ranges. */
  public BinaryTargets {
    weight.requireNonNegative("'weight' of " + NAME);
    temperature.requirePositive("'temperature' of " + NAME);
  }

  /** With a constant weight and temperature, and the mean over samples and labels. */
  public BinaryTargets(double weight, double temperature) {
    this(Ramp.constant(weight), Ramp.constant(temperature), Reduction.MEAN);
  }

  static BinaryTargets read(Options options) {
    return new BinaryTargets(
        Ramp.weight(options, 1), Ramp.temperature(options, 1), Reduction.read(options));
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public @Nullable MeanOver meanOver() {
    return reduction.over(MeanOver.ROWS);
  }

  @Override
  public TermLoss bind(LossInputs example, Generator generator) {
    Logits.requireSameShape(NAME, example);
    return this::loss;
  }

  private Tensor loss(LossInputs inputs) {
    double softening = temperature.at(inputs.progress());
    Tensor student = inputs.studentLogits().div(softening);
    Tensor teacher = inputs.teacherLogits().clampMin(Logits.EXCLUDED).div(softening);
    Tensor divergence = oneSide(student, teacher).add(oneSide(student.neg(), teacher.neg()));
    return reduction.of(divergence, null, inputs.batch().size()).mul(softening * softening);
  }

  /** {@code p_t (log p_t - log p_s)}, finite also where p is all but 0. */
  private static Tensor oneSide(Tensor student, Tensor teacher) {
    return teacher
        .sigmoid()
        .mul(Functional.logSigmoid(teacher).sub(Functional.logSigmoid(student)));
  }
}
