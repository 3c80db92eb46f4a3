package io.ranbiki.evaluate;

import io.ranbiki.data.Task;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Whether model and teacher find the same samples alike: Pearson's correlation of their cosines of
 * all pairs of samples, -1 to 1. Of more than {@value #MOST} samples, as many are taken, spread
 * over all.
 */
record PairCorrelation() implements Metric {

  /** Samples, of which all pairs are taken. */
  static final int MOST = 2_000;

  @Override
  public String name() {
    return "pair-correlation";
  }

  @Override
  public boolean serves(Task task) {
    return task instanceof Task.Embedding;
  }

  @Override
  public boolean isShare() {
    return false;
  }

  @Override
  public OptionalDouble of(Predictions model, @Nullable Predictions teacher) {
    float[] wanted = Vectors.wanted(model, teacher);
    if (wanted.length == 0) {
      return OptionalDouble.empty();
    }
    float[] own = cosines(Vectors.of(model), model.classes());
    float[] other = cosines(wanted, model.classes());
    int size = (int) Math.round(Math.sqrt(own.length));
    double sumOwn = 0;
    double sumOther = 0;
    double ownOwn = 0;
    double otherOther = 0;
    double ownOther = 0;
    for (int i = 0; i < size; i++) {
      for (int j = i * size; j < i * size + i; j++) { // each pair once, and nothing with itself
        sumOwn += own[j];
        sumOther += other[j];
        ownOwn += (double) own[j] * own[j];
        otherOther += (double) other[j] * other[j];
        ownOther += (double) own[j] * other[j];
      }
    }
    double pairs = (double) size * (size - 1) / 2;
    double spread = (ownOwn - sumOwn * sumOwn / pairs) * (otherOther - sumOther * sumOther / pairs);
    double correlation = (ownOther - sumOwn * sumOther / pairs) / Math.sqrt(spread);
    return Double.isFinite(correlation) ? OptionalDouble.of(correlation) : OptionalDouble.empty();
  }

  /** {@code [samples * samples]} of the samples that are taken. */
  private static float[] cosines(float[] vectors, int width) {
    int size = vectors.length / width;
    int taken = Math.min(size, MOST);
    float[] some = new float[taken * width];
    for (int i = 0; i < taken; i++) {
      int from = (int) ((long) i * size / taken);
      System.arraycopy(vectors, from * width, some, i * width, width);
    }
    try (TensorScope scope = TensorScope.open("cosines of pairs")) {
      Tensor unit = Functional.normalize(Tensors.of(some, taken, width), 1);
      return unit.matmul(unit.transpose(0, 1)).contiguous().toFloats();
    }
  }
}
