package io.ranbiki.report;

import io.ranbiki.report.Part.Cell;
import io.ranbiki.result.Figure;
import io.ranbiki.result.Result;
import io.ranbiki.result.Scores;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The metrics of classes that are decided by another one than accuracy. */
final class ScoresSection {

  private ScoresSection() {}

  static Optional<Section> of(Result result, Roles roles) {
    Scores scores = result.scores();
    if (scores == null || scores.gains().isEmpty() || result.evidence() == null) {
      return Optional.empty();
    }
    List<String> names = metrics(scores);
    List<String> columns = new ArrayList<>(List.of("Model"));
    columns.addAll(names);
    List<List<Cell>> rows = new ArrayList<>();
    scores
        .models()
        .forEach(
            (role, figures) -> {
              List<Cell> row = new ArrayList<>(List.of(roles.cell(role)));
              names.forEach(name -> row.add(cell(figures.get(name))));
              rows.add(row);
            });
    return Optional.of(
        new Section(
            "metrics",
            "The metrics",
            "What the metrics of the task say on test samples that no model saw. "
                + decides(scores),
            List.of(
                new Part.Table("Metrics", Part.columns(columns.toArray(String[]::new)), rows))));
  }

  /** The names of all metrics, the one that decides first. */
  static List<String> metrics(Scores scores) {
    Set<String> names = new LinkedHashSet<>(List.of(scores.decides()));
    scores.models().values().forEach(figures -> names.addAll(figures.keySet()));
    return List.copyOf(names);
  }

  static String decides(Scores scores) {
    return Words.format(
        "The metric %s decides, and %s of it is better.",
        scores.decides(), scores.largerIsBetter() ? "more" : "less");
  }

  static Cell cell(@Nullable Figure figure) {
    if (figure == null) {
      return Cell.of(Words.UNKNOWN);
    }
    Double low = figure.low();
    Double high = figure.high();
    return low == null || high == null
        ? Cell.of(Words.figure(figure.mean()))
        : Cell.of(Words.figure(figure.mean()), Words.figure(low) + " to " + Words.figure(high));
  }
}
