package io.ranbiki.evaluate;

import io.ranbiki.result.Changes;
import io.ranbiki.result.Quality;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The figures that a comparison shows, from stored predictions. */
public final class Metrics {

  /** Up to this many classes, being among the five likeliest says little. */
  private static final int FEW_CLASSES = 10;

  private static final int MOST_CONFUSIONS = 10;

  private Metrics() {}

  /**
   * Judges a model.
   *
   * @param model its answers to the test samples, one of which at least has a label
   * @param teacher the teacher's answers to the same samples; null without a teacher
   * @param heldOut the model's answers to validation samples, to fit a temperature; null without
   */
  public static Quality of(
      Predictions model, @Nullable Predictions teacher, @Nullable Predictions heldOut) {
    if (teacher != null) {
      model.requireSameSamples(teacher);
    }
    int labelled = 0;
    int right = 0;
    for (int i = 0; i < model.size(); i++) {
      if (model.isLabelled(i)) {
        labelled++;
        right += model.isRight(i) ? 1 : 0;
      }
    }
    double topFive = new TopFive().of(model, null).orElse(0);
    Calibration calibration = Calibration.of(model, 1);
    return new Quality(
        labelled,
        ConfidenceInterval.ofShare(right, labelled).result(),
        model.classes() <= FEW_CLASSES ? null : (Double) topFive,
        new MacroF1().of(model, null).orElse(0),
        finite(calibration.negativeLogLikelihood()),
        calibration.brier(),
        calibration.expectedError(),
        CalibrationError.of(model).map(error -> error.interval().result()).orElse(null),
        heldOut == null ? null : scaled(model, heldOut),
        teacher == null ? null : (Double) model.agreement(teacher),
        teacher == null ? null : finite(divergence(teacher, model)),
        !model.isExact() || teacher != null && !teacher.isExact());
  }

  private static Quality.Scaled scaled(Predictions model, Predictions heldOut) {
    double temperature = TemperatureScaling.fit(heldOut);
    Calibration calibration = Calibration.of(model, temperature);
    return new Quality.Scaled(
        temperature, finite(calibration.negativeLogLikelihood()), calibration.expectedError());
  }

  private static @Nullable Double finite(double value) {
    return Double.isFinite(value) ? (Double) value : null;
  }

  private static double divergence(Predictions teacher, Predictions model) {
    double[] each = divergences(teacher, model);
    double sum = 0;
    for (double kl : each) {
      sum += kl;
    }
    return sum / each.length;
  }

  /** {@code KL(teacher || model)} of every sample, in nats. */
  private static double[] divergences(Predictions teacher, Predictions model) {
    double[] p = new double[teacher.classes()];
    double[] q = new double[teacher.classes()];
    double[] each = new double[teacher.size()];
    for (int i = 0; i < each.length; i++) {
      teacher.logProbabilities(i, 1, p);
      model.logProbabilities(i, 1, q);
      for (int c = 0; c < p.length; c++) {
        if (p[c] > Double.NEGATIVE_INFINITY) {
          each[i] += Math.exp(p[c]) * (p[c] - q[c]);
        }
      }
    }
    return each;
  }

  /**
   * The samples on which a model is farthest from its teacher: those to which it gives another
   * answer, then the others, both by divergence. A teacher that is never sure is far from a sure
   * student where both are right, too.
   *
   * @return at most {@code most}, the farthest first
   */
  public static List<Distance> farthest(Predictions teacher, Predictions model, int most) {
    double[] each = divergences(teacher, model);
    return IntStream.range(0, each.length)
        .boxed()
        .sorted(
            Comparator.<Integer, Boolean>comparing(
                    i -> teacher.prediction(i) == model.prediction(i))
                .thenComparingDouble(i -> -each[i])
                .thenComparing(i -> i))
        .limit(most)
        .map(i -> new Distance(i, each[i]))
        .toList();
  }

  /**
   * How far a model is from its teacher on one sample.
   *
   * @param sample its position in the dataset
   * @param nats {@code KL(teacher || model)}
   */
  public record Distance(int sample, double nats) {}

  /**
   * What the second of two models does differently.
   *
   * @param names of the classes
   */
  public static Changes between(
      String from, Predictions first, String to, Predictions second, List<String> names) {
    PairedAccuracy all = PairedAccuracy.of(first, second);
    int[] right = new int[first.classes()];
    Map<Cell, int[]> confusions = new HashMap<>(); // before, after
    for (int i = 0; i < first.size(); i++) {
      if (!first.isLabelled(i)) {
        continue;
      }
      int label = first.label(i);
      right[label] += first.isRight(i) ? 1 : 0;
      count(confusions, first, i, 0);
      count(confusions, second, i, 1);
    }
    List<Changes.ClassChange> changes = new ArrayList<>();
    PairedAccuracy.byClass(first, second)
        .forEach(
            (label, paired) ->
                changes.add(
                    new Changes.ClassChange(
                        names.get(label),
                        paired.samples(),
                        (double) right[label] / paired.samples(),
                        paired.interval().result())));
    return new Changes(
        from,
        to,
        all.gained(),
        all.lost(),
        all.interval().result(),
        changes,
        largest(confusions, names, 1),
        largest(confusions, names, -1));
  }

  /**
   * How often each class is answered in place of each other one and of itself, where the two models
   * differ in that.
   *
   * @param names of the classes
   */
  public static List<Changes.Confusion> moved(
      Predictions first, Predictions second, List<String> names) {
    first.requireSameSamples(second);
    Map<Cell, int[]> answers = new HashMap<>(); // before, after
    for (int i = 0; i < first.size(); i++) {
      if (first.isLabelled(i)) {
        cell(answers, first, i)[0]++;
        cell(answers, second, i)[1]++;
      }
    }
    return answers.entrySet().stream()
        .filter(entry -> growth(entry) != 0)
        .sorted(
            Comparator.<Map.Entry<Cell, int[]>>comparingInt(entry -> entry.getKey().truth())
                .thenComparing(entry -> entry.getKey().predicted()))
        .map(entry -> confusion(entry, names))
        .toList();
  }

  /** A true class and the one that was answered. */
  private record Cell(int truth, int predicted) {}

  private static int[] cell(Map<Cell, int[]> answers, Predictions model, int sample) {
    return answers.computeIfAbsent(
        new Cell(model.label(sample), model.prediction(sample)), any -> new int[2]);
  }

  private static void count(Map<Cell, int[]> confusions, Predictions model, int sample, int which) {
    if (!model.isRight(sample)) {
      cell(confusions, model, sample)[which]++;
    }
  }

  private static List<Changes.Confusion> largest(
      Map<Cell, int[]> confusions, List<String> names, int sign) {
    return confusions.entrySet().stream()
        .filter(entry -> sign * growth(entry) > 0)
        .sorted(
            Comparator.<Map.Entry<Cell, int[]>>comparingInt(entry -> -sign * growth(entry))
                .thenComparing(entry -> entry.getKey().truth())
                .thenComparing(entry -> entry.getKey().predicted()))
        .limit(MOST_CONFUSIONS)
        .map(entry -> confusion(entry, names))
        .toList();
  }

  private static Changes.Confusion confusion(Map.Entry<Cell, int[]> entry, List<String> names) {
    return new Changes.Confusion(
        names.get(entry.getKey().truth()),
        names.get(entry.getKey().predicted()),
        entry.getValue()[0],
        entry.getValue()[1]);
  }

  private static int growth(Map.Entry<Cell, int[]> confusion) {
    return confusion.getValue()[1] - confusion.getValue()[0];
  }
}
