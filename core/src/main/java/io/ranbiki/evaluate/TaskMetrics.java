package io.ranbiki.evaluate;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Task;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The metrics that there are, and which of them a task shows and is decided by. Their values are
 * those of scikit-learn; what it calls a warning or an error is empty or left out here.
 */
public final class TaskMetrics {

  /** In configurations: what the task says. */
  public static final String AUTO = "auto";

  /** Up to this many classes, being among the five likeliest says little. */
  private static final int FEW_CLASSES = 10;

  private static final int TOP = 5;

  /** The first one that serves a task decides. */
  private static final List<Metric> ALL =
      List.of(
          new Rmse(),
          new Mae(),
          new Auc(Task.Labels.class),
          new Accuracy(),
          new TopFive(),
          new MacroF1(),
          new Auc(Task.Classes.class),
          new Agreement());

  private TaskMetrics() {}

  /** The metrics that a task shows, the one that decides first. */
  public static List<Metric> shown(Task task) {
    return ALL.stream().filter(metric -> metric.serves(task)).toList();
  }

  /**
   * The metric by which epochs are chosen and arms are compared.
   *
   * @param name as the configuration says; {@link #AUTO} for what the task says
   * @throws RanbikiException if the task has no such metric
   */
  public static Metric deciding(Task task, String name) {
    List<Metric> shown = shown(task);
    if (shown.isEmpty()) {
      throw RanbikiException.configuration(
          "No metric serves the task %s. Choose data of classes, labels or numbers.", task.word());
    }
    return name.equals(AUTO)
        ? shown.get(0)
        : shown.stream()
            .filter(metric -> metric.name().equals(name) && !(metric instanceof Agreement))
            .findFirst()
            .orElseThrow(
                () ->
                    RanbikiException.configuration(
                        "The metric '%s' is unknown to the task %s. Choose one of %s.",
                        name,
                        task.word(),
                        String.join(
                            ", ",
                            shown.stream()
                                .filter(metric -> !(metric instanceof Agreement))
                                .map(Metric::name)
                                .toList())));
  }

  /** How often a model answers as the teacher does. */
  public static Metric agreement() {
    return new Agreement();
  }

  private static OptionalDouble share(long hits, long of) {
    return of == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) hits / of);
  }

  /** Share of the labelled samples whose class is right; of labels, of all that are known. */
  record Accuracy() implements Metric {

    @Override
    public String name() {
      return "accuracy";
    }

    @Override
    public boolean serves(Task task) {
      return task instanceof Task.Classes || task instanceof Task.Labels;
    }

    @Override
    public OptionalDouble of(Predictions model, @Nullable Predictions teacher) {
      float[] truth = model.truth();
      if (truth == null) {
        double accuracy = model.accuracy();
        return Double.isNaN(accuracy) ? OptionalDouble.empty() : OptionalDouble.of(accuracy);
      }
      double[][] answers = byOutput(model);
      long known = 0;
      long right = 0;
      for (int i = 0; i < truth.length; i++) {
        if (!Float.isNaN(truth[i])) {
          known++;
          double answer = answers[i % model.classes()][i / model.classes()];
          right += answer > 0 == truth[i] > 0.5 ? 1 : 0;
        }
      }
      return share(right, known);
    }
  }

  /** Share of the labelled samples whose class is among the five likeliest. */
  record TopFive() implements Metric {

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
      return share(hits, labelled);
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

  /**
   * The unweighted mean of the F1 scores {@code 2 TP / (2 TP + FP + FN)}: over the classes that
   * occur as label or as prediction, or over all labels of which anything is known; 0 for one
   * without a hit.
   */
  record MacroF1() implements Metric {

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
        double[][] answers = byOutput(model);
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

  /**
   * Area under the ROC curve, equal to the share of pairs of a sample of a class and one of another
   * that the answers put in the right order, ties counting half. The mean over classes, each
   * against all others by its probability, or over labels; one that all samples have or none is
   * left out.
   *
   * @param kind of task
   */
  record Auc(Class<? extends Task> kind) implements Metric {

    @Override
    public String name() {
      return "auc";
    }

    @Override
    public boolean serves(Task task) {
      return kind.isInstance(task) && (task.width() > 1 || task instanceof Task.Labels);
    }

    @Override
    public OptionalDouble of(Predictions model, @Nullable Predictions teacher) {
      double[][] answers = byOutput(model);
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
    private static OptionalDouble area(double[] scores, boolean[] holds) {
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

  /** Root of the mean squared error, in the unit of the data; the mean over quantities. */
  record Rmse() implements Metric {

    @Override
    public String name() {
      return "rmse";
    }

    @Override
    public boolean serves(Task task) {
      return task instanceof Task.Numbers;
    }

    @Override
    public boolean isLargerBetter() {
      return false;
    }

    @Override
    public boolean isShare() {
      return false;
    }

    @Override
    public OptionalDouble of(Predictions model, @Nullable Predictions teacher) {
      return meanOverOutputs(model, error -> error * error, Math::sqrt);
    }
  }

  /** Mean absolute error, in the unit of the data; the mean over quantities. */
  record Mae() implements Metric {

    @Override
    public String name() {
      return "mae";
    }

    @Override
    public boolean serves(Task task) {
      return task instanceof Task.Numbers;
    }

    @Override
    public boolean isLargerBetter() {
      return false;
    }

    @Override
    public boolean isShare() {
      return false;
    }

    @Override
    public OptionalDouble of(Predictions model, @Nullable Predictions teacher) {
      return meanOverOutputs(model, Math::abs, mean -> mean);
    }
  }

  /** Share of all samples on which the model decides as the teacher does; of labels, of all. */
  record Agreement() implements Metric {

    @Override
    public String name() {
      return "agreement";
    }

    @Override
    public boolean serves(Task task) {
      return task instanceof Task.Classes || task instanceof Task.Labels;
    }

    @Override
    public OptionalDouble of(Predictions model, @Nullable Predictions teacher) {
      if (teacher == null) {
        return OptionalDouble.empty();
      }
      if (model.truth() == null) {
        return OptionalDouble.of(model.agreement(teacher));
      }
      double[][] own = byOutput(model);
      double[][] taught = byOutput(teacher);
      long same = 0;
      for (int c = 0; c < own.length; c++) {
        for (int i = 0; i < own[c].length; i++) {
          same += own[c][i] > 0 == taught[c][i] > 0 ? 1 : 0;
        }
      }
      return share(same, (long) model.size() * model.classes());
    }
  }

  private interface Function {
    double of(double value);
  }

  private static OptionalDouble meanOverOutputs(Predictions model, Function of, Function mean) {
    float[] truth = model.truth();
    if (truth == null) {
      return OptionalDouble.empty();
    }
    double[][] answers = byOutput(model);
    IntToDoubleFunction one =
        output ->
            mean.of(
                IntStream.range(0, model.size())
                    .filter(i -> !Float.isNaN(truth[i * model.classes() + output]))
                    .mapToDouble(
                        i -> of.of(answers[output][i] - truth[i * model.classes() + output]))
                    .average()
                    .orElse(Double.NaN));
    return IntStream.range(0, model.classes()).mapToDouble(one).filter(Double::isFinite).average();
  }

  /** {@code [outputs][samples]}: logarithms of probabilities for classes, else as answered. */
  private static double[][] byOutput(Predictions model) {
    double[][] answers = new double[model.classes()][model.size()];
    double[] one = new double[model.classes()];
    for (int i = 0; i < model.size(); i++) {
      if (model.truth() == null) {
        model.logProbabilities(i, 1, one);
      } else {
        model.answers().read(i, one);
      }
      for (int c = 0; c < one.length; c++) {
        answers[c][i] = one[c];
      }
    }
    return answers;
  }
}
