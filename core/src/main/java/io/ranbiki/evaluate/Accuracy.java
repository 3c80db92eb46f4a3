package io.ranbiki.evaluate;

import io.ranbiki.data.Task;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Share of the labelled samples whose class is right; of labels, of all that are known; of hidden
 * pieces, of all.
 */
public record Accuracy() implements Metric {

  @Override
  public String name() {
    return "accuracy";
  }

  @Override
  public boolean serves(Task task) {
    return task instanceof Task.Classes
        || task instanceof Task.Labels
        || task instanceof Task.MaskedLanguage;
  }

  @Override
  public OptionalDouble of(Predictions model, @Nullable Predictions teacher) {
    float[] truth = model.truth();
    if (truth == null) {
      double accuracy = model.accuracy();
      return Double.isNaN(accuracy) ? OptionalDouble.empty() : OptionalDouble.of(accuracy);
    }
    double[][] answers = model.byOutput();
    long known = 0;
    long right = 0;
    for (int i = 0; i < truth.length; i++) {
      if (!Float.isNaN(truth[i])) {
        known++;
        double answer = answers[i % model.classes()][i / model.classes()];
        right += answer > 0 == truth[i] > 0.5 ? 1 : 0;
      }
    }
    return Metric.share(right, known);
  }
}
