package io.ranbiki.objective;

import io.ranbiki.config.Options;
import io.ranbiki.nn.Conv2d;
import io.ranbiki.nn.Layer;
import io.ranbiki.objective.PairwiseLoss.PairLoss;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.util.List;
import java.util.Locale;

/**
 * Raises a lower bound of the mutual information between student and teacher: a regressor predicts
 * the teacher's features from the student's, with a learnt variance per channel.
 *
 * <p>{@code L = sum over pairs of mean(((mu(f_s) - f_t)^2 / v + ln v) / 2)}, mean over all
 * elements, in nats but for a constant; {@code mu} is three 1x1 convolutions without bias and ReLU
 * between, {@code v = softplus(rho) + 1e-5} per channel, 5 at first. Regressor and variance train
 * with the run. Features are {@code [batch, channels, height, width]} or {@code [batch, features]},
 * the same kind on both sides; the larger maps are averaged over windows to the smaller. The loss
 * may be negative.
 *
 * <p>Source: Ahn et al. 2019 (VID), arXiv:1904.05835, section 3; as in published code, the mean
 * where the paper sums, without the constant {@code ln(2 pi) / 2}.
 *
 * @param weight weight in the objective; 1 is usual
 * @param pairs layers to match, one or more
 */
public record VariationalInformation(Ramp weight, List<LayerPair> pairs) implements FeatureTerm {

  private static final double FIRST_VARIANCE = 5;
  private static final double SMALLEST_VARIANCE = 1e-5;

  /** Checks the pairs. */
  public VariationalInformation {
    weight.requireNonNegative("'weight' of variational-information");
    pairs = LayerPair.checked("variational-information", pairs, 1);
  }

  /** With a constant weight. */
  public VariationalInformation(double weight, List<LayerPair> pairs) {
    this(Ramp.constant(weight), pairs);
  }

  static VariationalInformation read(Options options) {
    return new VariationalInformation(Ramp.weight(options, 1), LayerPair.read(options));
  }

  @Override
  public String name() {
    return "variational-information";
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
        "predictor",
        pair -> {
          pair.requireSameKind(name());
          long in = pair.studentChannels();
          long out = pair.teacherChannels();
          Predictor predictor = new Predictor(in, out, generator);
          return new PairLoss(
              predictor::loss,
              predictor,
              PairwiseLoss.note(
                  pair.poolingNote(),
                  String.format(Locale.ROOT, "three 1x1 convolutions %d to %d", in, out)));
        });
  }

  /** Predicts the teacher's features, with a variance. */
  private static final class Predictor extends Layer {

    private final Conv2d first;
    private final Conv2d second;
    private final Conv2d third;
    private final Tensor logScale;

    Predictor(long in, long out, Generator generator) {
      first = child("regressor.0", pointwise(in, out, generator));
      second = child("regressor.2", pointwise(out, out, generator));
      third = child("regressor.4", pointwise(out, out, generator));
      double initial = Math.log(Math.expm1(FIRST_VARIANCE - SMALLEST_VARIANCE));
      logScale = parameter("log_scale", Tensors.ones(out).mul(initial));
    }

    private static Conv2d pointwise(long in, long out, Generator generator) {
      return new Conv2d(Conv2d.Options.of(in, out, 1).noBias(), generator);
    }

    @Override
    protected Tensor forward(Tensor input) {
      return third.apply(second.apply(first.apply(input).relu()).relu());
    }

    Tensor loss(FeaturePair pair) {
      FeaturePair maps = pair.pooled().asMaps();
      Tensor variance = Functional.softplus(logScale).add(SMALLEST_VARIANCE);
      Tensor difference = apply(maps.student()).sub(maps.teacher());
      Tensor meanSquares = difference.mul(difference).mean(0, 2, 3); // [channels]
      return meanSquares.div(variance).add(variance.log()).mean().div(2);
    }
  }
}
