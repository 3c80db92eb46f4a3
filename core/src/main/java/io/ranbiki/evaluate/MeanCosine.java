package io.ranbiki.evaluate;

import io.ranbiki.data.Task;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** How alike the vectors of model and teacher point: the mean of their cosines, -1 to 1. */
record MeanCosine() implements Metric {

  @Override
  public String name() {
    return "cosine";
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
    float[] vectors = Vectors.of(model);
    int width = model.classes();
    double sum = 0;
    for (int i = 0; i < vectors.length; i += width) {
      double product = 0;
      double own = 0;
      double other = 0;
      for (int j = i; j < i + width; j++) {
        product += (double) vectors[j] * wanted[j];
        own += (double) vectors[j] * vectors[j];
        other += (double) wanted[j] * wanted[j];
      }
      sum += own == 0 || other == 0 ? 0 : product / Math.sqrt(own * other);
    }
    return OptionalDouble.of(sum / model.size());
  }
}
