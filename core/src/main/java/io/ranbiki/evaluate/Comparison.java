package io.ranbiki.evaluate;

import io.ranbiki.data.Loader;
import io.ranbiki.data.Task;
import io.ranbiki.model.Model;
import io.ranbiki.teacher.ModelTeacher;
import io.ranbiki.teacher.Teacher;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Models side by side on the same samples. The first one is what the others are held against,
 * usually the teacher.
 *
 * @param scores by name, in the order given
 * @param answers to the samples, by the same names
 */
public record Comparison(Map<String, Score> scores, Map<String, Predictions> answers) {

  /**
   * What one model is worth.
   *
   * @param accuracy share of the labelled samples that are right, 0 to 1; NaN if none is labelled,
   *     or for another task than classes
   * @param agreement share of the samples on which it predicts what the first model predicts; NaN
   *     for another task than classes
   * @param retention its accuracy divided by that of the first model; NaN if that one is never
   *     right
   * @param parameters number of trained values; null if not known
   * @param compression parameters of the first model divided by its own; null if not known
   * @param bytes size of its weights as 32-bit numbers
   * @param metrics what those of the task say; those that the samples do not tell are left out
   */
  public record Score(
      double accuracy,
      double agreement,
      double retention,
      @Nullable Long parameters,
      @Nullable Double compression,
      long bytes,
      Map<String, Double> metrics) {

    /** Copies, in the order of the metrics. */
    public Score {
      metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
    }
  }

  /**
   * Somebody who takes part.
   *
   * @param teacher whoever is asked; owned by the caller
   * @param loader the samples, as this one was trained to get them
   * @param parameters number of trained values; null if not known
   * @param bytes size of its weights
   */
  public record Entrant(Teacher teacher, Loader loader, @Nullable Long parameters, long bytes) {

    /** A network that was built here. */
    public static Entrant of(Model model, Loader loader) {
      return new Entrant(
          new ModelTeacher(model, List.of()), loader, model.parameterCount(), model.byteCount());
    }
  }

  /** Asks every model for every sample. */
  public static Comparison of(Map<String, Entrant> entrants) {
    Map<String, Score> scores = new LinkedHashMap<>();
    Map<String, Predictions> answers = new LinkedHashMap<>();
    Predictions first = null;
    Long largest = null;
    for (Map.Entry<String, Entrant> entry : entrants.entrySet()) {
      Entrant entrant = entry.getValue();
      Predictions predictions =
          Evaluation.of("The model " + entry.getKey(), entrant.teacher(), entrant.loader());
      answers.put(entry.getKey(), predictions);
      if (first == null) {
        first = predictions;
        largest = entrant.parameters();
      }
      Long parameters = entrant.parameters();
      scores.put(
          entry.getKey(),
          new Score(
              predictions.accuracy(),
              predictions.truth() == null ? predictions.agreement(first) : Double.NaN,
              first.accuracy() > 0 ? predictions.accuracy() / first.accuracy() : Double.NaN,
              parameters,
              parameters == null || largest == null
                  ? null
                  : (Double) ((double) largest / parameters),
              entrant.bytes(),
              metrics(entrant.loader().dataset().task(), predictions, first)));
    }
    return new Comparison(scores, answers);
  }

  private static Map<String, Double> metrics(Task task, Predictions model, Predictions first) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    for (Metric metric : TaskMetrics.shown(task)) {
      metric.of(model, first).ifPresent(value -> metrics.put(metric.name(), value));
    }
    return metrics;
  }
}
