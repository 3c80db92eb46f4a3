package io.ranbiki.evaluate;

import io.ranbiki.data.Task;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Area under the ROC curve, equal to the share of pairs of a sample of a class and one of another
 * that the answers put in the right order, ties counting half. The mean over classes, each against
 * all others by its probability, or over labels; one that all samples have or none is left out.
 */
public record Auc() implements Metric {

  @Override
  public String name() {
    return "auc";
  }

  @Override
  public boolean serves(Task task) {
    return task instanceof Task.Labels || task instanceof Task.Classes && task.width() > 1;
  }

  @Override
  public OptionalDouble of(Predictions model, @Nullable Predictions teacher) {
    double[][] answers = model.byOutput();
    float[] truth = model.truth();
    List<Double> areas = new ArrayList<>();
    for (int c = 0; c < model.classes(); c++) {
      int output = c;
      int[] known =
          IntStream.range(0, model.size())
              .filter(
                  i ->
                      truth == null
                          ? model.isLabelled(i)
                          : !Float.isNaN(truth[i * model.classes() + output]))
              .toArray();
      boolean[] holds = new boolean[known.length];
      double[] scores = new double[known.length];
      for (int i = 0; i < known.length; i++) {
        scores[i] = answers[c][known[i]];
        holds[i] =
            truth == null
                ? model.label(known[i]) == c
                : truth[known[i] * model.classes() + c] > 0.5;
      }
      area(scores, holds).ifPresent(areas::add);
    }
    return areas.stream().mapToDouble(Double::doubleValue).average();
  }

  /** By the ranks of the samples that hold, as Mann and Whitney's U. */
  static OptionalDouble area(double[] scores, boolean[] holds) {
    Integer[] order = IntStream.range(0, scores.length).boxed().toArray(Integer[]::new);
    Arrays.sort(order, Comparator.comparingDouble(i -> scores[i]));
    double ranks = 0;
    long positive = 0;
    int from = 0;
    while (from < order.length) {
      int to = from;
      while (to < order.length && scores[order[to]] == scores[order[from]]) {
        to++;
      }
      double rank = (from + 1 + to) / 2.0; // the mean of the ranks of equal ones
      for (int i = from; i < to; i++) {
        if (holds[order[i]]) {
          ranks += rank;
          positive++;
        }
      }
      from = to;
    }
    long negative = scores.length - positive;
    return positive == 0 || negative == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(
            (ranks - positive * (positive + 1) / 2.0) / ((double) positive * negative));
  }
}
