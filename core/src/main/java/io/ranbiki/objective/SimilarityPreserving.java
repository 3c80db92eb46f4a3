package io.ranbiki.objective;

import io.ranbiki.config.Options;
import io.ranbiki.objective.PairwiseLoss.PairLoss;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import java.util.List;

/**
 * Makes samples similar to the student that are similar to the teacher.
 *
 * <p>{@code G = f f^T} {@code [batch, batch]} with each sample's features as one vector, its rows
 * divided by their Euclidean norm; {@code L = sum over pairs of |G_t - G_s|^2 / batch^2}, the sum
 * of all squared differences. Maps or vectors of any size on either side. A batch of 1 gives 0.
 *
 * <p>Source: Tung and Mori 2019, arXiv:1907.09682, section 3.1. Deviations: none.
 *
 * @param weight weight in the objective; 3000 is usual
 * @param pairs layers to match, one or more
 */
public record SimilarityPreserving(Ramp weight, List<LayerPair> pairs) implements FeatureTerm {

  /** Checks the pairs. */
  public SimilarityPreserving {
    weight.requireNonNegative("'weight' of similarity-preserving");
    pairs = LayerPair.checked("similarity-preserving", pairs, 1);
  }

  /** With a constant weight. */
  public SimilarityPreserving(double weight, List<LayerPair> pairs) {
    this(Ramp.constant(weight), pairs);
  }

  static SimilarityPreserving read(Options options) {
    return new SimilarityPreserving(Ramp.weight(options, 3000), LayerPair.read(options));
  }

  @Override
  public String name() {
    return "similarity-preserving";
  }

  @Override
  public TermLoss bind(LossInputs example, Generator generator) {
    return PairwiseLoss.bind(this, example, pair -> PairLoss.of(SimilarityPreserving::loss, ""));
  }

  private static Tensor loss(FeaturePair pair) {
    FeaturePair flat = pair.flat();
    return FeaturePair.meanSquare(similarity(flat.teacher()).sub(similarity(flat.student())));
  }

  private static Tensor similarity(Tensor features) {
    return FeaturePair.unit(features.matmul(features.transpose(0, 1)), 1);
  }
}
