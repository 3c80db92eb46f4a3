package io.ranbiki.objective;

import io.ranbiki.config.Options;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import java.util.List;

/**
 * Matches how alike the vectors of the samples of a batch are: the cosine of every two of the
 * student's to that of the same two of the teacher's. Widths need not match.
 *
 * <p>{@code L = mean((cos(s_i, s_j) - cos(t_i, t_j))^2)} over all {@code i, j} of the batch.
 * Vectors are {@code [batch, width]}: the answers of both, or the outputs of layers, over which
 * losses are summed.
 *
 * <p>Source: the cosine form of Tung and Mori 2019, arXiv:1907.09682 ({@link SimilarityPreserving}
 * has theirs). Deviation: rows of the matrices are not normalised.
 *
 * @param weight weight in the objective
 * @param pairs layers whose outputs are the vectors; empty for the answers
 */
public record EmbeddingRelations(Ramp weight, List<LayerPair> pairs) implements FeatureTerm {

  private static final String NAME = "embedding-relations";

  /** Checks the pairs. */
  public EmbeddingRelations {
    weight.requireNonNegative("'weight' of " + NAME);
    pairs = LayerPair.checked(NAME, pairs, 0);
  }

  /** Of the answers, with a constant weight. */
  public EmbeddingRelations(double weight) {
    this(Ramp.constant(weight), List.of());
  }

  static EmbeddingRelations read(Options options) {
    return new EmbeddingRelations(
        Ramp.weight(options, 10),
        LayerPair.readOptional(
            options, "Layers whose outputs are compared; the answers if left out"));
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public TermLoss bind(LossInputs example, Generator generator) {
    return inputs ->
        EmbeddingTargets.vectors(inputs, pairs).stream()
            .map(pair -> FeaturePair.meanSquare(alike(pair.student()).sub(alike(pair.teacher()))))
            .reduce(Tensor::add)
            .orElseThrow();
  }

  private static Tensor alike(Tensor vectors) {
    Tensor unit = FeaturePair.unit(vectors, 1);
    return unit.matmul(unit.transpose(0, 1));
  }
}
