package io.ranbiki.objective;

import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.nn.Layer;
import io.ranbiki.objective.PairwiseLoss.PairLoss;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import java.util.List;

/**
 * Makes the student's neurons active where the teacher's are, whatever their size.
 *
 * <p>For features before a ReLU, {@code [batch, channels, height, width]} or {@code [batch,
 * features]}, with margin m, per element: {@code (s + m)^2} where {@code s > -m} and {@code t <=
 * 0}, {@code (s - m)^2} where {@code s <= m} and {@code t > 0}, else 0. {@code L = sum over pairs
 * of 2^(i - n + 1) * 3/1000 * sum / batch}, the last pair counting whole. The student passes a
 * learnable connector, a 1x1 convolution or linear layer with batch normalisation; the larger maps
 * are averaged over windows to the smaller.
 *
 * <p>Source: Heo et al. 2019 (AB), arXiv:1811.03233, section 3; factors and weights of layers as in
 * RepDistiller, the paper has neither. Deviation: the student is taught all along, not in a stage
 * before. In published code this sum over elements has weight 1 in a stage of its own; beside
 * labels it drowns them, and a tenth of it does not.
 *
 * @param weight weight in the objective; 0.1 where a configuration names none
 * @param pairs layers before the activation to match, in the order of computation, one or more
 * @param margin how clearly a neuron must be active or not, above 0; 1 is usual
 * @param connector whether every pair has a connector, or only those whose channels differ
 */
public record ActivationBoundary(
    Ramp weight, List<LayerPair> pairs, double margin, boolean connector) implements FeatureTerm {

  private static final double SCALE = 3.0 / 1000;

  /** Checks the options. */
  public ActivationBoundary {
    weight.requireNonNegative("'weight' of activation-boundary");
    pairs = LayerPair.checked("activation-boundary", pairs, 1);
    Require.positive("'margin' of activation-boundary", margin);
  }

  /** With a constant weight, margin 1, and connectors. */
  public ActivationBoundary(double weight, List<LayerPair> pairs) {
    this(Ramp.constant(weight), pairs, 1, true);
  }

  static ActivationBoundary read(Options options) {
    return new ActivationBoundary(
        Ramp.weight(options, 0.1),
        LayerPair.read(options),
        options.number("margin", 1, "How clearly a neuron must be active or not", Rule.above(0)),
        options.bool(
            "connector",
            true,
            "Whether every pair has a connector, or only those whose channels differ"));
  }

  @Override
  public String name() {
    return "activation-boundary";
  }

  @Override
  public MeanOver meanOver() {
    return MeanOver.SAMPLES;
  }

  @Override
  public TermLoss bind(LossInputs example, Generator generator) {
    return PairwiseLoss.bind(
        this, example, "connectors", pair -> bind(pair.requireSameKind(name()), generator));
  }

  private PairLoss bind(FeaturePair pair, Generator generator) {
    double share = SCALE * Math.pow(2, pairs.indexOf(pair.layers()) + 1.0 - pairs.size());
    if (!connector && pair.sameChannels()) {
      return PairLoss.of(features -> loss(features.pooled()).mul(share), pair.poolingNote());
    }
    Layer module = Projector.Regressor.connector(pair, generator);
    return new PairLoss(
        features -> {
          FeaturePair pooled = features.pooled();
          return loss(pooled.student(module.apply(pooled.student()))).mul(share);
        },
        module,
        PairwiseLoss.note(pair.poolingNote(), Projector.note(pair)));
  }

  private Tensor loss(FeaturePair pair) {
    Tensor active = pair.teacher().gt(0);
    Tensor tooHigh = pair.student().add(margin).relu().maskedFill(active, 0);
    Tensor tooLow = pair.student().neg().add(margin).relu().maskedFill(active.not(), 0);
    Tensor squares = tooHigh.mul(tooHigh).add(tooLow.mul(tooLow));
    return squares.sum().div((double) pair.student().size(0));
  }
}
