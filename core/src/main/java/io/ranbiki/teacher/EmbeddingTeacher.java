package io.ranbiki.teacher;

import io.ranbiki.data.Batch;
import io.ranbiki.nn.Signal;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.util.Optional;
import java.util.function.BiFunction;

/** An encoder of texts that teaches its vectors, each of length 1. Owns it. */
record EmbeddingTeacher(OnnxEncoder encoder) implements Teacher {

  /** As in PyTorch's {@code normalize}; a vector of zeros stays one. */
  private static final double SHORTEST = 1e-12;

  @Override
  public Signal signal(Batch batch) {
    return signal(batch, OnnxEncoder::encode);
  }

  @Override
  public Optional<Teacher> inCompany() {
    return encoder.isAskedAlone()
        ? Optional.of(new InCompany(this, batch -> signal(batch, OnnxEncoder::encodeTogether)))
        : Optional.empty();
  }

  private Signal signal(Batch batch, BiFunction<OnnxEncoder, Batch, Tensor> encoding) {
    try (TensorScope scope = TensorScope.open("embed");
        NoGrad noGrad = new NoGrad()) {
      Tensor vectors = encoding.apply(encoder, batch);
      return Signal.of(scope.passOut(ofLengthOne(vectors)));
    }
  }

  static Tensor ofLengthOne(Tensor vectors) {
    return vectors.div(vectors.normKeep(1).clampMin(SHORTEST));
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
