package io.ranbiki.teacher;

import io.ranbiki.data.Batch;
import io.ranbiki.nn.Signal;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;

/** A teacher of vectors that are laid onto their principal components, each of length 1 again. */
record NarrowedTeacher(Teacher teacher, PrincipalComponents components) implements Wrapped {

  @Override
  public Teacher around(Teacher other) {
    return new NarrowedTeacher(other, components);
  }

  @Override
  public Signal signal(Batch batch) {
    try (TensorScope scope = TensorScope.open("narrow");
        NoGrad noGrad = new NoGrad()) {
      Signal whole = teacher.signal(batch);
      Tensor vectors = components.of(whole.logits());
      whole.features().values().forEach(scope::passOut);
      return new Signal(scope.passOut(Functional.normalize(vectors, 1)), whole.features());
    }
  }

  @Override
  public int classes() {
    return components.count();
  }
}
