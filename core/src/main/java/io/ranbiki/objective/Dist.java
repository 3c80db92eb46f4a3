package io.ranbiki.objective;

import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Matches relations instead of values: how each sample ranks the classes, and how each class ranks
 * the samples. Kind to students that are much smaller than their teacher.
 *
 * <p>{@code L = T^2 * (interWeight * (1 - mean_b r(p_s[b,:], p_t[b,:])) + intraWeight * (1 - mean_c
 * r(p_s[:,c], p_t[:,c])))} with {@code p = softmax(z / T)} and Pearson's correlation {@code r}; no
 * unit. Logits are {@code [batch, classes]} or, for tokens and pixels, {@code [batch, ...,
 * classes]}, where each counts as a sample. The intra part needs 2 samples or more to teach
 * anything: of one it is the constant {@code T^2 * intraWeight}.
 *
 * <p>Source: Huang et al. 2022, "Knowledge Distillation from A Stronger Teacher", arXiv:2205.10536.
 * Deviations from the paper, with the authors' code: the factor {@code T^2} (at T 1 there is no
 * difference), and 1e-8 added to the denominator of r.
 *
 * @param weight weight in the objective, finite, 0 or more
 * @param temperature softening temperature T, finite, above 0
 * @param interWeight share of the part within samples (beta in the paper), finite, 0 or more
 * @param intraWeight share of the part within classes (gamma in the paper), finite, 0 or more
 */
public record Dist(Ramp weight, Ramp temperature, double interWeight, double intraWeight)
    implements Term {

  private static final String NAME = "dist";
  private static final double EPSILON = 1e-8;

  /** Checks the ranges. */
  public Dist {
    weight.requireNonNegative("'weight' of " + NAME);
    temperature.requirePositive("'temperature' of " + NAME);
    Require.nonNegative("'inter-weight' of " + NAME, interWeight);
    Require.nonNegative("'intra-weight' of " + NAME, intraWeight);
    Require.notBothZero("'inter-weight' and 'intra-weight' of " + NAME, interWeight, intraWeight);
  }

  /** With the authors' values: temperature 1, both parts once. */
  public Dist(double weight) {
    this(Ramp.constant(weight), Ramp.constant(1), 1, 1);
  }

  static Dist read(Options options) {
    return new Dist(
        Ramp.weight(options, 1),
        Ramp.temperature(options, 1),
        options.number("inter-weight", 1, "Share of the part within samples", Rule.atLeast(0)),
        options.number("intra-weight", 1, "Share of the part within classes", Rule.atLeast(0)));
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean matchesClasses() {
    return true;
  }

  /** Without its part within classes, which runs over the samples of a batch. */
  @Override
  public @Nullable MeanOver meanOver() {
    return intraWeight == 0 ? MeanOver.ROWS : null;
  }

  @Override
  public TermLoss bind(LossInputs example, Generator generator) {
    Logits.requireSameShape(NAME, example);
    return this::loss;
  }

  private Tensor loss(LossInputs inputs) {
    double softening = temperature.at(inputs.progress());
    Tensor student = inputs.studentLogits().div(softening).softmax(1);
    Tensor teacher = inputs.teacherLogits().div(softening).softmax(1);
    Tensor inter = distance(student, teacher, 1).mul(interWeight);
    Tensor intra = distance(student, teacher, 0).mul(intraWeight);
    return inter.add(intra).mul(softening * softening);
  }

  /** 1 minus the mean correlation of the lines along a dimension. */
  private static Tensor distance(Tensor student, Tensor teacher, long dimension) {
    Tensor s = student.sub(student.meanKeep(dimension));
    Tensor t = teacher.sub(teacher.meanKeep(dimension));
    Tensor norms = s.normKeep(dimension).mul(t.normKeep(dimension)).add(EPSILON);
    return s.mul(t).sumKeep(dimension).div(norms).mean().neg().add(1);
  }
}
