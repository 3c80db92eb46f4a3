package io.ranbiki.objective;

import io.ranbiki.config.Options;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;

/**
 * Soft targets after both sides' logits were standardised, so that the student need not match the
 * size of the teacher's logits, only their order and relative distances.
 *
 * <p>{@code L = T^2 * KL(teacher || student)} with {@code p = softmax(n(z) / T)} and {@code n(z) =
 * (z - mean(z)) / (std(z) + 1e-7)} over the classes of each sample: summed over classes, averaged
 * over the batch, in nats. Logits are {@code [batch, classes]} with 2 classes or more.
 *
 * <p>Source: Sun et al. 2024, "Logit Standardization in Knowledge Distillation", arXiv:2403.01427.
 * Deviation from the paper, with the authors' code: the standard deviation has the divisor {@code
 * classes - 1} and 1e-7 is added to it.
 *
 * @param weight weight in the objective, finite, 0 or more
 * @param temperature softening temperature T, finite, above 0
 */
public record StandardizedTargets(Ramp weight, Ramp temperature) implements Term {

  private static final String NAME = "standardized-targets";
  private static final double EPSILON = 1e-7;

  /** Checks the ranges. */
  public StandardizedTargets {
    weight.requireNonNegative("'weight' of " + NAME);
    temperature.requirePositive("'temperature' of " + NAME);
  }

  /** With a constant weight and temperature; the authors use 9 and 2 on CIFAR-100. */
  public StandardizedTargets(double weight, double temperature) {
    this(Ramp.constant(weight), Ramp.constant(temperature));
  }

  static StandardizedTargets read(Options options) {
    return new StandardizedTargets(Ramp.weight(options, 9), Ramp.temperature(options, 2));
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
    Logits.requireTwoClasses(NAME, example);
    requireUnmasked(NAME, example);
    return inputs ->
        Functional.softTargetLoss(
            standardize(inputs.studentLogits()),
            standardize(inputs.teacherLogits()),
            temperature.at(inputs.progress()));
  }

  static void requireUnmasked(String term, LossInputs example) {
    Logits.requireUnmasked(term, example, "and such logits have no mean and standard deviation");
  }

  /** Logits {@code [batch, classes]} with mean 0 and standard deviation 1 in each row. */
  static Tensor standardize(Tensor logits) {
    return logits.sub(logits.meanKeep(1)).div(logits.stdKeep(1, true).add(EPSILON));
  }
}
