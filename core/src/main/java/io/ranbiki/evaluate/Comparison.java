package io.ranbiki.evaluate;

import io.ranbiki.data.Loader;
import io.ranbiki.model.Model;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Models side by side on the same samples. The first one is what the others are held against,
 * usually the teacher.
 *
 * @param scores by name, in the order given
 */
public record Comparison(Map<String, Score> scores) {

  /**
   * What one model is worth.
   *
   * @param accuracy share of the labelled samples that are right, 0 to 1
   * @param agreement share of the samples on which it predicts what the first model predicts
   * @param retention its accuracy divided by that of the first model
   * @param parameters number of trained values
   * @param compression parameters of the first model divided by its own
   * @param bytes size of its weights as 32-bit numbers
   * @param milliseconds median time of a single sample
   */
  public record Score(
      double accuracy,
      double agreement,
      double retention,
      long parameters,
      double compression,
      long bytes,
      double milliseconds) {}

  /** Asks every model for every sample. */
  public static Comparison of(Map<String, Model> models, Loader loader) {
    Map<String, Score> scores = new LinkedHashMap<>();
    Predictions first = null;
    Model reference = null;
    for (Map.Entry<String, Model> entry : models.entrySet()) {
      Model model = entry.getValue();
      Predictions predictions = Evaluation.of(model, loader);
      if (first == null || reference == null) {
        first = predictions;
        reference = model;
      }
      scores.put(
          entry.getKey(),
          new Score(
              predictions.accuracy(),
              predictions.agreement(first),
              predictions.accuracy() / first.accuracy(),
              model.parameterCount(),
              (double) reference.parameterCount() / model.parameterCount(),
              model.byteCount(),
              Latency.milliseconds(model)));
    }
    return new Comparison(scores);
  }
}
