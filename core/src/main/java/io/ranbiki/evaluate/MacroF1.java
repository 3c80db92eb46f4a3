package io.ranbiki.evaluate;

import io.ranbiki.data.Task;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The unweighted mean of the F1 scores {@code 2 TP / (2 TP + FP + FN)}: over the classes that occur
 * as label or as prediction, or over all labels of which anything is known; 0 for one without a
 * hit.
 */
public record MacroF1() implements Metric {

  @Override
  public String name() {
    return "macro-f1";
  }

  @Override
  public boolean serves(Task task) {
    return task instanceof Task.Classes || task instanceof Task.Labels;
  }

  @Override
  public OptionalDouble of(Predictions model, @Nullable Predictions teacher) {
    int[] right = new int[model.classes()];
    int[] truth = new int[model.classes()];
    int[] predicted = new int[model.classes()];
    boolean[] counts = new boolean[model.classes()];
    float[] labels = model.truth();
    if (labels == null) {
      for (int i = 0; i < model.size(); i++) {
        if (model.isLabelled(i)) {
          truth[model.label(i)]++;
          predicted[model.prediction(i)]++;
          right[model.label(i)] += model.isRight(i) ? 1 : 0;
        }
      }
      for (int c = 0; c < counts.length; c++) {
        counts[c] = truth[c] + predicted[c] > 0;
      }
    } else {
      double[][] answers = model.byOutput();
      for (int i = 0; i < labels.length; i++) {
        int label = i % model.classes();
        if (!Float.isNaN(labels[i])) {
          boolean holds = labels[i] > 0.5;
          boolean says = answers[label][i / model.classes()] > 0;
          counts[label] = true;
          truth[label] += holds ? 1 : 0;
          predicted[label] += says ? 1 : 0;
          right[label] += holds && says ? 1 : 0;
        }
      }
    }
    return IntStream.range(0, truth.length)
        .filter(c -> counts[c])
        .mapToDouble(c -> 2.0 * right[c] / Math.max(1, truth[c] + predicted[c]))
        .average();
  }
}
