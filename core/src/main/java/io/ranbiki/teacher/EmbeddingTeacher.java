package io.ranbiki.teacher;

import io.ranbiki.data.Batch;
import io.ranbiki.nn.Signal;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;

/** An encoder of texts that teaches its vectors, each of length 1. Owns it. */
record EmbeddingTeacher(OnnxEncoder encoder) implements Teacher {

  /** As in PyTorch's {@code normalize}; a vector of zeros stays one. */
  private static final double SHORTEST = 1e-12;

  @Override
  public Signal signal(Batch batch) {
    try (TensorScope scope = TensorScope.open("embed");
        NoGrad noGrad = new NoGrad()) {
      Tensor vectors = encoder.encode(batch);
      Tensor lengths = vectors.normKeep(1).clampMin(SHORTEST);
      return Signal.of(scope.passOut(vectors.div(lengths)));
    }
  }

  @Override
  public int classes() {
    return encoder.width();
  }

  @Override
  public String title() {
    return encoder.title();
  }

  @Override
  public void close() {
    encoder.close();
  }
}
