package io.ranbiki.objective;

import io.ranbiki.config.Options;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;

/**
 * Turns the student's vectors to where the teacher's point; how long they are does not count.
 *
 * <p>{@code L = 1 - cos(z_s, z_t)}, the mean over samples, 0 to 2. Vectors are {@code [batch,
 * width]}.
 *
 * <p>Source: Reimers and Gurevych 2020, "Making Monolingual Sentence Embeddings Multilingual using
 * Knowledge Distillation", arXiv:2004.09813, section 2, which takes squared errors; here as PyTorch
 * has it, {@code cosine_embedding_loss} with the target 1.
 *
 * @param weight weight in the objective, finite, 0 or more
 */
public record EmbeddingTargets(Ramp weight) implements Term {

  private static final String NAME = "embedding";

  /** Added to squared lengths, so that a vector of zeros has a gradient; as in PyTorch. */
  private static final double EPSILON = 1e-12;

  /** Checks the range. */
  public EmbeddingTargets {
    weight.requireNonNegative("'weight' of " + NAME);
  }

  /** With a constant weight. */
  public EmbeddingTargets(double weight) {
    this(Ramp.constant(weight));
  }

  static EmbeddingTargets read(Options options) {
    return new EmbeddingTargets(Ramp.weight(options, 1));
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public MeanOver meanOver() {
    return MeanOver.ROWS;
  }

  @Override
  public TermLoss bind(LossInputs example, Generator generator) {
    Logits.requireSameShape(NAME, example);
    Logits.requireUnmasked(NAME, example, "which is no number of a vector");
    return inputs -> {
      Tensor student = inputs.studentLogits();
      Tensor teacher = inputs.teacherLogits();
      Tensor lengths = squaredLength(student).mul(squaredLength(teacher)).sqrt();
      return student.mul(teacher).sum(-1).div(lengths).neg().add(1).mean();
    };
  }

  private static Tensor squaredLength(Tensor vectors) {
    return vectors.mul(vectors).sum(-1).add(EPSILON);
  }
}
