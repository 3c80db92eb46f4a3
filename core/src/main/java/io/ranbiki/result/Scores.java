package io.ranbiki.result;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the metrics of the task say of every model.
 *
 * @param task what answers mean: {@code classes}, {@code labels}, {@code numbers} or {@code
 *     embedding}
 * @param decides the metric by which epochs were chosen and models are compared
 * @param largerIsBetter whether more of it is better
 * @param models by role, then by metric, the one that decides first: one value for each seed, one
 *     in all for the teacher; those that the test samples do not tell are left out
 * @param gains differences by the metric that decides, above 0 where it is better; empty where it
 *     is accuracy, whose gains {@link Evidence} has
 */
public record Scores(
    String task,
    String decides,
    boolean largerIsBetter,
    Map<String, Map<String, Figure>> models,
    List<Gain> gains) {

  /** Copies. */
  public Scores {
    Check.text("task", task);
    Check.text("decides", decides);
    Map<String, Map<String, Figure>> copies = new LinkedHashMap<>();
    Check.present("models", models)
        .forEach((role, metrics) -> copies.put(role, Check.ordered("models." + role, metrics)));
    models = Check.ordered("models", copies);
    gains = List.copyOf(Check.present("gains", gains));
  }

  /** What one metric says, by role; empty if it says nothing of any model. */
  public Map<String, Figure> of(String metric) {
    Map<String, Figure> said = new LinkedHashMap<>();
    models.forEach(
        (role, figures) -> {
          Figure figure = figures.get(metric);
          if (figure != null) {
            said.put(role, figure);
          }
        });
    return said;
  }
}
