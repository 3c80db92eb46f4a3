package io.ranbiki.teacher;

import io.ranbiki.data.Batch;
import io.ranbiki.nn.Signal;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;

/** An encoder of texts that teaches its vectors, each of length 1. Owns it. */
record EmbeddingTeacher(Teacher teacher) implements Wrapped {

  @Override
  public Teacher around(Teacher other) {
    return new EmbeddingTeacher(other);
  }

  @Override
  public Signal signal(Batch batch) {
    try (TensorScope scope = TensorScope.open("embed");
        NoGrad noGrad = new NoGrad()) {
      Signal vectors = teacher.signal(batch);
      vectors.features().values().forEach(scope::passOut);
      Tensor directions = Functional.normalize(vectors.logits(), 1);
      return new Signal(scope.passOut(directions), vectors.features());
    }
  }
}
