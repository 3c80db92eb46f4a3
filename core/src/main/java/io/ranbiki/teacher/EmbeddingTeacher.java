package io.ranbiki.teacher;

import io.ranbiki.data.Batch;
import io.ranbiki.nn.Signal;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.util.Optional;
import java.util.function.BiFunction;

/** An encoder of texts that teaches its vectors, each of length 1. Owns it. */
record EmbeddingTeacher(OnnxEncoder encoder) implements Teacher {

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
      return Signal.of(scope.passOut(Functional.normalize(vectors, 1)));
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
