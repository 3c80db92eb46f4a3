package io.ranbiki.objective;

import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.objective.PairwiseLoss.PairLoss;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import java.util.List;

/**
 * Makes the student look where the teacher looks: matches spatial attention maps.
 *
 * <p>The attention of maps {@code f} {@code [batch, channels, height, width]} is {@code a = mean
 * over channels of |f|^p}, flattened and divided by its Euclidean norm per sample. {@code L = sum
 * over pairs of mean((a_s - a_t)^2)}, mean over batch and positions. The larger maps are averaged
 * over windows to the smaller; channels may differ.
 *
 * <p>Source: Zagoruyko and Komodakis 2017, arXiv:1612.03928, section 3.1; {@link Form#SQUARED}
 * follows the authors' code, {@link Form#PAPER} the equation. Deviations: pooling, which the paper
 * does without; {@code PAPER} has no factor 1/2.
 *
 * @param weight weight in the objective; 1000 is usual
 * @param pairs layers to match, one or more
 * @param exponent p, above 0
 * @param form how the distance of two attention maps is measured
 */
public record AttentionTransfer(Ramp weight, List<LayerPair> pairs, double exponent, Form form)
    implements FeatureTerm {

  /** How the distance of two attention maps is measured. */
  public enum Form {
    /** Mean of the squared differences over batch and positions. */
    SQUARED,
    /** Euclidean norm of the difference, averaged over the batch. */
    PAPER
  }

  /** Checks the options. */
  public AttentionTransfer {
    weight.requireNonNegative("'weight' of attention-transfer");
    pairs = LayerPair.checked("attention-transfer", pairs, 1);
    Require.positive("'exponent' of attention-transfer", exponent);
  }

  /** With a constant weight, squares, and the mean of squared differences. */
  public AttentionTransfer(double weight, List<LayerPair> pairs) {
    this(Ramp.constant(weight), pairs, 2, Form.SQUARED);
  }

  static AttentionTransfer read(Options options) {
    return new AttentionTransfer(
        Ramp.weight(options, 1000),
        LayerPair.read(options),
        options.number("exponent", 2, "To what power activations are taken", Rule.above(0)),
        options.word("form", Form.SQUARED, "How the distance of two attention maps is measured"));
  }

  @Override
  public String name() {
    return "attention-transfer";
  }

  @Override
  public MeanOver meanOver() {
    return MeanOver.SAMPLES;
  }

  @Override
  public TermLoss bind(LossInputs example, Generator generator) {
    return PairwiseLoss.bind(
        this, example, pair -> PairLoss.of(this::loss, pair.requireMaps(name()).poolingNote()));
  }

  private Tensor loss(FeaturePair pair) {
    FeaturePair pooled = pair.pooled();
    Tensor difference =
        attention(pooled.student(), exponent).sub(attention(pooled.teacher(), exponent));
    return switch (form) {
      case SQUARED -> FeaturePair.meanSquare(difference);
      case PAPER -> difference.normKeep(1).mean();
    };
  }

  /** The attention of maps: {@code [batch, height * width]}, each row of norm 1. */
  static Tensor attention(Tensor maps, double exponent) {
    Tensor power = exponent == 2 ? maps.mul(maps) : maps.abs().pow(exponent);
    return FeaturePair.unit(power.mean(1).flatten(1), 1);
  }
}
