package io.ranbiki.teacher;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.nn.Signal;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;

/**
 * A teacher that ends in a softmax: answers with {@code ln max(p, 1e-12)}, which differ from the
 * logits before the softmax by a number for each sample, and so make the same probabilities at
 * every temperature. Owns the other teacher.
 */
record ProbabilityTeacher(Teacher teacher) implements Wrapped {

  /** Smaller probabilities are as good as 0, whose logarithm nobody can use. */
  static final double SMALLEST = 1e-12;

  /** What rounding may add to a probability of 1. */
  static final float ROUNDING = 1e-3f;

  /** Whether a number can be no probability; NaN is another matter. */
  static boolean isOutside(float value) {
    return value < 0 || value > 1 + ROUNDING;
  }

  @Override
  public Teacher around(Teacher other) {
    return new ProbabilityTeacher(other);
  }

  @Override
  public Signal signal(Batch batch) {
    try (TensorScope scope = TensorScope.open("probabilities");
        NoGrad noGrad = new NoGrad()) {
      Signal signal = teacher.signal(batch);
      Tensor probabilities = signal.logits().to(DType.FLOAT32);
      double half = 0.5 + ROUNDING;
      if (probabilities.sub(0.5).abs().gt(half).sum().item() > 0) {
        requireWithin(probabilities, batch.ids());
      }
      signal.features().values().forEach(scope::passOut);
      return new Signal(scope.passOut(probabilities.clampMin(SMALLEST).log()), signal.features());
    }
  }

  private void requireWithin(Tensor probabilities, long[] ids) {
    float[] values = probabilities.toFloats();
    int classes = values.length / ids.length;
    for (int i = 0; i < values.length; i++) {
      if (Float.isFinite(values[i]) && (values[i] < -ROUNDING || isOutside(values[i]))) {
        throw outside(title(), "sample " + ids[i / classes], values[i], i % classes);
      }
    }
  }

  static RanbikiException outside(String title, String sample, float value, int index) {
    return RanbikiException.model(
        "The answers of the teacher %s are taken for probabilities, but it answers %s with %s for class %d. Say teacher.kind: logits, or for several models a list with logits in its place.",
        title, sample, value, index);
  }
}
