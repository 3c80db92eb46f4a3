package io.ranbiki.objective;

import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A divergence between teacher and student that can be chosen between two extremes: forward KL, by
 * which the student covers everything that the teacher finds possible, and reverse KL, by which it
 * keeps to what the teacher finds likely.
 *
 * <p>With the interpolation b, {@code p = softmax(z / T)} and {@code m = b p_t + (1 - b) p_s}:
 * {@code b = 0} is {@code KL(p_t || p_s)}, {@code b = 1} is {@code KL(p_s || p_t)}, and between
 * them the generalised Jensen-Shannon divergence {@code b KL(p_t || m) + (1 - b) KL(p_s || m)}:
 * summed over classes, in nats. Logits are {@code [batch, classes]} or {@code [batch, tokens,
 * classes]}. With tokens and labels {@code [batch, tokens]}, tokens labelled -100 do not count; the
 * samples of {@code [batch, classes]} all count, labelled or not.
 *
 * <p>Source: Agarwal et al. 2023, "On-Policy Distillation of Language Models", arXiv:2306.13649,
 * section 2 and 3. Deviations, with the code of the TRL library: the generalised divergence tends
 * to 0 as b nears an end, so both ends are the KL divergences themselves (in the paper they are
 * limits after a division by b or 1 - b). As there, no factor {@code T^2}.
 *
 * @param weight weight in the objective, finite, 0 or more
 * @param temperature softening temperature T, finite, above 0
 * @param interpolation b (beta in the paper): 0 for forward KL, 1 for reverse KL, or between
 * @param reduction how positions become one number; the default is {@link Reduction#MEAN}
 */
public record DivergenceTargets(
    Ramp weight, Ramp temperature, double interpolation, Reduction reduction) implements Term {

  private static final String NAME = "divergence";

  /** Checks the ranges. */
  public DivergenceTargets {
    weight.requireNonNegative("'weight' of " + NAME);
    temperature.requirePositive("'temperature' of " + NAME);
    Require.share("'interpolation' of " + NAME, interpolation);
  }

  /** With a constant weight, temperature 1 and the mean over positions. */
  public DivergenceTargets(double weight, double interpolation) {
    this(Ramp.constant(weight), Ramp.constant(1), interpolation, Reduction.MEAN);
  }

  static DivergenceTargets read(Options options) {
    return new DivergenceTargets(
        Ramp.weight(options, 1),
        Ramp.temperature(options, 1),
        options.number(
            "interpolation",
            0.5,
            "0 for forward KL, 1 for reverse KL, or between",
            Rule.between(0, 1)),
        Reduction.MEAN);
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
  public boolean matchesClasses() {
    return true;
  }

  @Override
  public TermLoss bind(LossInputs example, Generator generator) {
    Logits.requireSameShape(NAME, example);
    if (interpolation == 1) {
      Logits.requireUnmasked(
          NAME + " with interpolation 1", example, "to which the reverse divergence is infinite");
    }
    return this::loss;
  }

  private Tensor loss(LossInputs inputs) {
    double softening = temperature.at(inputs.progress());
    Tensor student = inputs.studentLogits().div(softening).logSoftmax(-1);
    Tensor teacher = inputs.teacherLogits().div(softening).logSoftmax(-1);
    return reduction.of(divergence(student, teacher), null, inputs.batch().size());
  }

  private Tensor divergence(Tensor student, Tensor teacher) {
    if (interpolation == 0) {
      return Logits.divergence(teacher, student);
    }
    if (interpolation == 1) {
      return Logits.divergence(student, teacher);
    }
    Tensor mixture =
        Tensors.stack(
                List.of(
                    teacher.add(Math.log(interpolation)), student.add(Math.log1p(-interpolation))),
                0)
            .logsumexp(0, false);
    return Logits.divergence(teacher, mixture)
        .mul(interpolation)
        .add(Logits.divergence(student, mixture).mul(1 - interpolation));
  }
}
