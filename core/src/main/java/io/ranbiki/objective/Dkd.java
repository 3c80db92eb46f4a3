package io.ranbiki.objective;

import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.util.List;

/**
 * Decoupled knowledge distillation: soft targets split into what the teacher thinks of the true
 * class and what it thinks of the others among themselves, each with a weight of its own.
 *
 * <p>{@code L = T^2 * (targetWeight * KL(b_t || b_s) + nonTargetWeight * KL(q_t || q_s))} where, of
 * {@code p = softmax(z / T)} and the label y, {@code b = [p_y, 1 - p_y]} and {@code q} is p among
 * the classes other than y, renormalised: summed over classes, averaged over the samples that have
 * a label (0 if none has), in nats. Logits are {@code [batch, classes]} with 2 classes or more.
 *
 * <p>Source: Zhao et al. 2022, "Decoupled Knowledge Distillation", arXiv:2203.08679, section 3.
 * Deviations from the paper, with the authors' code: the factor {@code T^2}, and a weight that
 * warms up. Deviation from the code: computed with log-probabilities throughout, where the code
 * takes the logarithm of probabilities that have become 0 and gives NaN for confident teachers.
 * Classes that the teacher masks with -infinity have the probability 0.
 *
 * @param weight weight in the objective, finite, 0 or more
 * @param temperature softening temperature T, finite, above 0
 * @param targetWeight share of the true class's part (alpha in the paper), finite, 0 or more
 * @param nonTargetWeight share of the other classes' part (beta in the paper), finite, 0 or more
 * @param standardize whether logits are standardised first, as {@link StandardizedTargets} does
 */
public record Dkd(
    Ramp weight, Ramp temperature, double targetWeight, double nonTargetWeight, boolean standardize)
    implements Term {

  private static final String NAME = "dkd";
  private static final double WARM_UP_EPOCHS = 20;

  /** Checks the ranges. */
  public Dkd {
    weight.requireNonNegative("'weight' of " + NAME);
    temperature.requirePositive("'temperature' of " + NAME);
    Require.nonNegative("'target-weight' of " + NAME, targetWeight);
    Require.nonNegative("'non-target-weight' of " + NAME, nonTargetWeight);
    Require.notBothZero(
        "'target-weight' and 'non-target-weight' of " + NAME, targetWeight, nonTargetWeight);
  }

  /**
   * With the authors' values: temperature 4, target weight 1, non-target weight 8, and a weight
   * that rises to its full size over 20 epochs. In a short training, give a shorter ramp.
   */
  public Dkd(double weight) {
    this(Ramp.warmUp(weight, WARM_UP_EPOCHS), Ramp.constant(4), 1, 8, false);
  }

  static Dkd read(Options options) {
    return new Dkd(
        warmingUp(options),
        Ramp.temperature(options, 4),
        options.number("target-weight", 1, "Share of the true class's part", Rule.atLeast(0)),
        options.number("non-target-weight", 8, "Share of the other classes' part", Rule.atLeast(0)),
        options.bool("standardize", false, "Whether logits are standardised first"));
  }

  /** A weight that rises from 0, unless the file says itself how it changes. */
  private static Ramp warmingUp(Options options) {
    Ramp weight = Ramp.weight(options, 1);
    double epochs =
        options.number(
            "warm-up",
            WARM_UP_EPOCHS,
            "Epochs over which a constant weight rises from 0",
            Rule.atLeast(0));
    return weight.shape() == Ramp.Shape.CONSTANT && epochs > 0
        ? Ramp.warmUp(weight.end(), epochs)
        : weight;
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
  public boolean matchesClasses() {
    return true;
  }

  @Override
  public TermLoss bind(LossInputs example, Generator generator) {
    Logits.requireSameShape(NAME, example);
    Logits.requireTwoClasses(NAME, example);
    if (standardize) {
      StandardizedTargets.requireUnmasked(NAME + " with standardize", example);
    }
    return this::loss;
  }

  private Tensor loss(LossInputs inputs) {
    double softening = temperature.at(inputs.progress());
    Tensor labels = inputs.labels();
    // a sample without a label does not count, so any class will do for it
    Tensor target = labels.maskedFill(labels.eq(Functional.IGNORE), 0).unsqueeze(1);
    Split student = split(inputs.studentLogits(), target, softening);
    Split teacher = split(inputs.teacherLogits(), target, softening).withoutTarget(target);
    Tensor targetPart = Logits.divergence(teacher.target, student.target);
    Tensor nonTargetPart = Logits.divergence(teacher.others, student.others);
    Tensor samples = targetPart.mul(targetWeight).add(nonTargetPart.mul(nonTargetWeight));
    return Reduction.MEAN
        .of(samples, Logits.known(labels), inputs.batch().size())
        .mul(softening * softening);
  }

  /**
   * Log-probabilities.
   *
   * @param target of the true class and of all others together: {@code [batch, 2]}
   * @param others of the other classes among themselves: {@code [batch, classes]}; the true class
   *     has next to none
   */
  private record Split(Tensor target, Tensor others) {

    /** Where every other class is masked, none is left to compare, and not the true one instead. */
    Split withoutTarget(Tensor index) {
      return new Split(target, others.scatter(1, index, Logits.EXCLUDED));
    }
  }

  private Split split(Tensor logits, Tensor target, double softening) {
    Tensor scaled = (standardize ? StandardizedTargets.standardize(logits) : logits).div(softening);
    Tensor others = scaled.scatter(1, target, Logits.EXCLUDED);
    Tensor all = scaled.logsumexp(1, true);
    Tensor logTarget = scaled.gather(1, target).sub(all);
    Tensor logRest = others.logsumexp(1, true).sub(all);
    return new Split(Tensors.cat(List.of(logTarget, logRest), 1), others.logSoftmax(1));
  }
}
