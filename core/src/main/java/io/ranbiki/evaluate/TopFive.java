package io.ranbiki.evaluate;

import io.ranbiki.data.Task;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** Share of the labelled samples whose class is among the five likeliest. */
public record TopFive() implements Metric {

  private static final int TOP = 5;

  /** Up to this many classes, being among the five likeliest says little. */
  private static final int FEW_CLASSES = 10;

  @Override
  public String name() {
    return "top-5";
  }

  @Override
  public boolean serves(Task task) {
    return task instanceof Task.Classes && task.width() > FEW_CLASSES;
  }

  @Override
  public OptionalDouble of(Predictions model, @Nullable Predictions teacher) {
    double[] logits = new double[model.classes()];
    int labelled = 0;
    int hits = 0;
    for (int i = 0; i < model.size(); i++) {
      if (model.isLabelled(i)) {
        labelled++;
        model.answers().read(i, logits);
        hits += rank(logits, model.label(i)) < TOP ? 1 : 0;
      }
    }
    return Metric.share(hits, labelled);
  }

  /** How many classes are likelier; ties count for the class. */
  private static int rank(double[] logits, int label) {
    int likelier = 0;
    for (double logit : logits) {
      likelier += logit > logits[label] ? 1 : 0;
    }
    return likelier;
  }
}
