package io.ranbiki.report;

import io.ranbiki.report.Part.Cell;
import io.ranbiki.result.Figure;
import io.ranbiki.result.Result;
import io.ranbiki.result.Scores;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Whether the models doubt what is of none of their classes. */
final class DoubtSection {

  /** The name of the metric in results. */
  private static final String METRIC = "out-of-scope-auc";

  private DoubtSection() {}

  static Optional<Section> of(Result result, Roles roles) {
    Scores scores = result.scores();
    Map<String, Figure> doubts = scores == null ? Map.of() : scores.of(METRIC);
    if (doubts.isEmpty()) {
      return Optional.empty();
    }
    List<List<Cell>> rows = new ArrayList<>();
    doubts.forEach((role, area) -> rows.add(List.of(roles.cell(role), ScoresSection.cell(area))));
    return Optional.of(
        new Section(
            "doubt",
            "Out of scope",
            "Some test samples are of none of the classes, and no model was taught to say so. It"
                + " can doubt: its largest probability may be smaller for them.",
            List.of(
                new Part.Table(
                    "Out of scope",
                    Part.columns("Model", "Area under the ROC curve of doubt"),
                    rows),
                new Part.Paragraph(
                    "Of a sample out of scope and one of a class, the share of pairs in which the"
                        + " model doubts the first more: 0.5 is chance, 1 is perfect. These"
                        + " samples do not count as right or wrong anywhere else.",
                    false))));
  }
}
