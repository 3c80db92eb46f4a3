package io.ranbiki.objective;

import io.ranbiki.config.Options;
import io.ranbiki.objective.PairwiseLoss.PairLoss;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import java.util.List;

/**
 * Matches the distributions of what single channels respond to: the squared maximum mean
 * discrepancy between the channels of teacher and student.
 *
 * <p>Each channel of maps {@code [batch, channels, height, width]} is one vector over positions,
 * divided by its Euclidean norm; with the kernel {@code k(x, y) = (x . y)^2}, {@code L = sum over
 * pairs of mean k(t, t') + mean k(s, s') - 2 mean k(s, t)}, means over the batch and all pairs of
 * channels. The larger maps are averaged over windows to the smaller; channels may differ.
 *
 * <p>Source: Huang and Wang 2017 (NST), arXiv:1707.01219, section 4, polynomial kernel of degree 2
 * without constant. Deviations: pooling; no factor 1/2.
 *
 * @param weight weight in the objective; 50 is usual
 * @param pairs layers to match, one or more
 */
public record NeuronSelectivity(Ramp weight, List<LayerPair> pairs) implements FeatureTerm {

  /** Checks the pairs. */
  public NeuronSelectivity {
    weight.requireNonNegative("'weight' of neuron-selectivity");
    pairs = LayerPair.checked("neuron-selectivity", pairs, 1);
  }

  /** With a constant weight. */
  public NeuronSelectivity(double weight, List<LayerPair> pairs) {
    this(Ramp.constant(weight), pairs);
  }

  static NeuronSelectivity read(Options options) {
    return new NeuronSelectivity(Ramp.weight(options, 50), LayerPair.read(options));
  }

  @Override
  public String name() {
    return "neuron-selectivity";
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
        pair -> PairLoss.of(NeuronSelectivity::loss, pair.requireMaps(name()).poolingNote()));
  }

  private static Tensor loss(FeaturePair pair) {
    FeaturePair pooled = pair.pooled();
    Tensor student = FeaturePair.unit(pooled.student().flatten(2), 2);
    Tensor teacher = FeaturePair.unit(pooled.teacher().flatten(2), 2);
    return kernel(teacher, teacher)
        .add(kernel(student, student))
        .sub(kernel(student, teacher).mul(2));
  }

  private static Tensor kernel(Tensor first, Tensor second) {
    return FeaturePair.meanSquare(first.matmul(second.transpose(1, 2)));
  }
}
