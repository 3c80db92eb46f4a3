package io.ranbiki.objective;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.nn.Layer;
import io.ranbiki.objective.PairwiseLoss.PairLoss;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import java.util.List;
import java.util.Locale;

/**
 * Brings the student's last features to the teacher's, so that the student can use the teacher's
 * own classifier.
 *
 * <p>{@code L = mean((r(f_s) - f_t)^2)}, mean over all elements, with the {@link SimKdProjector} as
 * {@code r}. Features are those before the teacher's global pooling, {@code [batch, channels,
 * height, width]}, or after it, {@code [batch, features]}; the larger maps are averaged over
 * windows to the smaller. Published runs use this term alone, without labels and soft targets.
 *
 * <p><b>What the student keeps.</b> Its own classifier is not trained by this term. The student
 * that is meant is its body, the projector, and the teacher's classifier: {@link #logits}. The
 * projector is the module {@code projector.0} of the bound term ({@link TermLoss#modules()}); take
 * it over before the run is closed. Without this, as with every other term, only the student's body
 * gains.
 *
 * <p>Source: Chen et al. 2022, arXiv:2203.14001, section 3.2. Deviations: none.
 *
 * @param weight weight in the objective; 1 where it stands alone
 * @param pairs one pair: the last features of each side
 * @param factor by how much the projector's middle is narrower than the teacher, 1 or more; 2 is
 *     usual
 */
public record SimKd(Ramp weight, List<LayerPair> pairs, long factor) implements FeatureTerm {

  /** Checks the options. */
  public SimKd {
    weight.requireNonNegative("'weight' of sim-kd");
    pairs = LayerPair.checked("sim-kd", pairs, 1);
    if (pairs.size() > 1) {
      throw RanbikiException.configuration(
          "sim-kd has %d pairs of layers and takes one, the last features of both sides.",
          pairs.size());
    }
    Require.atLeast("'factor' of sim-kd", factor, 1);
  }

  /** With a constant weight and factor 2. */
  public SimKd(double weight, List<LayerPair> pairs) {
    this(Ramp.constant(weight), pairs, 2);
  }

  static SimKd read(Options options) {
    return new SimKd(
        Ramp.weight(options, 1),
        LayerPair.read(options),
        options.longInteger(
            "factor",
            2,
            "By how much the projector's middle is narrower than the teacher",
            Rule.atLeast(1)));
  }

  @Override
  public String name() {
    return "sim-kd";
  }

  @Override
  public MeanOver meanOver() {
    return MeanOver.SAMPLES;
  }

  @Override
  public TermLoss bind(LossInputs example, Generator generator) {
    return PairwiseLoss.bind(
        this,
        example,
        "projector",
        pair -> {
          pair.requireSameKind(name());
          SimKdProjector projector =
              new SimKdProjector(pair.studentChannels(), pair.teacherChannels(), factor, generator);
          return new PairLoss(
              features -> {
                FeaturePair pooled = features.pooled();
                return Functional.mseLoss(projector.apply(pooled.student()), pooled.teacher());
              },
              projector,
              PairwiseLoss.note(
                  pair.poolingNote(),
                  String.format(
                      Locale.ROOT,
                      "projector %d to %d",
                      pair.studentChannels(),
                      pair.teacherChannels())));
        });
  }

  /**
   * The answer of a student with the teacher's classifier: {@code [batch, classes]}.
   *
   * @param projected what the projector gives: maps, which are averaged over positions, or vectors
   * @param classifier the teacher's last layer, from {@code [batch, features]}
   */
  public static Tensor logits(Tensor projected, Layer classifier) {
    return classifier.apply(projected.dim() == 4 ? projected.mean(2, 3) : projected);
  }
}
