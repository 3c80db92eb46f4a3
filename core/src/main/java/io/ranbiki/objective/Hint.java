package io.ranbiki.objective;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Options;
import io.ranbiki.nn.Layer;
import io.ranbiki.objective.PairwiseLoss.PairLoss;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Matches the student's features to the teacher's, through a learnable projector.
 *
 * <p>{@code L = sum over pairs of mean((r(f_s) - f_t)^2)}, mean over all elements. Features are
 * {@code [batch, channels, height, width]} or {@code [batch, features]}. Where maps differ in size,
 * the larger is averaged over windows to the smaller; where channels differ, the projector {@code
 * r} is a 1x1 convolution or a linear layer. It trains with the run and stays behind.
 *
 * <p>Source: Romero et al. 2015 (FitNets), arXiv:1412.6550, section 2.2. Deviations, as published
 * code has them: the mean of squares instead of half their sum; the student is taught all along,
 * not in a stage before.
 *
 * @param weight weight in the objective; 50 to 100 is usual
 * @param pairs layers to match, one or more
 * @param projection when there is a projector, and which
 */
public record Hint(Ramp weight, List<LayerPair> pairs, Projection projection)
    implements FeatureTerm {

  /** When there is a projector between student and teacher. */
  public enum Projection {
    /** A 1x1 convolution or linear layer where the channels differ. */
    WHERE_NEEDED,
    /** A 1x1 convolution or linear layer in every pair. */
    ALWAYS,
    /**
     * Convolution, batch normalisation and ReLU in every pair, for maps: stride 2 where the
     * student's are twice as high as the teacher's, transposed where half as high, else with a
     * kernel of the difference plus 1. For layers behind a ReLU.
     */
    REGRESSOR
  }

  /** Checks the pairs. */
  public Hint {
    weight.requireNonNegative("'weight' of hint");
    pairs = LayerPair.checked("hint", pairs, 1);
  }

  /** With a constant weight and projectors where the channels differ. */
  public Hint(double weight, List<LayerPair> pairs) {
    this(Ramp.constant(weight), pairs, Projection.WHERE_NEEDED);
  }

  static Hint read(Options options) {
    return new Hint(
        Ramp.weight(options, 50),
        LayerPair.read(options),
        options.word(
            "projection", Projection.WHERE_NEEDED, "When a projector stands between both"));
  }

  @Override
  public String name() {
    return "hint";
  }

  @Override
  public MeanOver meanOver() {
    return MeanOver.SAMPLES;
  }

  @Override
  public TermLoss bind(LossInputs example, Generator generator) {
    return PairwiseLoss.bind(
        this, example, "projector", pair -> bind(pair.requireSameKind(name()), generator));
  }

  private PairLoss bind(FeaturePair pair, Generator generator) {
    if (projection == Projection.REGRESSOR) {
      return regressor(pair.requireMaps(name()), generator);
    }
    if (projection == Projection.WHERE_NEEDED && pair.sameChannels()) {
      return PairLoss.of(features -> meanSquare(features.pooled()), pair.poolingNote());
    }
    Layer projector = Projector.pointwise(pair, generator);
    return new PairLoss(
        features -> {
          FeaturePair pooled = features.pooled();
          return meanSquare(pooled.student(projector.apply(pooled.student())));
        },
        projector,
        PairwiseLoss.note(pair.poolingNote(), Projector.note(pair)));
  }

  private PairLoss regressor(FeaturePair pair, Generator generator) {
    long height = pair.student().size(2);
    long target = pair.teacher().size(2);
    if (2 * height != target && height < target || pair.student().size(3) != height) {
      throw RanbikiException.configuration(
          "The regressor of hint cannot bring %s of student layer '%s' to %s; take projection where-needed.",
          Arrays.toString(pair.student().shape()),
          pair.layers().student(),
          Arrays.toString(pair.teacher().shape()));
    }
    Layer projector = Projector.Regressor.resizing(pair, generator);
    return new PairLoss(
        features -> meanSquare(features.student(projector.apply(features.student()))),
        projector,
        String.format(
            Locale.ROOT,
            "regressor %s to %s",
            Arrays.toString(pair.student().shape()),
            Arrays.toString(pair.teacher().shape())));
  }

  private static Tensor meanSquare(FeaturePair pair) {
    return Functional.mseLoss(pair.student(), pair.teacher());
  }
}
