package io.ranbiki.report;

import io.ranbiki.report.Part.Cell;
import io.ranbiki.report.Part.Column;
import io.ranbiki.result.Changes;
import io.ranbiki.result.Changes.ClassChange;
import io.ranbiki.result.Changes.Confusion;
import io.ranbiki.result.Disagreement;
import io.ranbiki.result.Evidence;
import io.ranbiki.result.FinishedRun;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What the student does worse: in total, by class, by confusion, and on which samples. */
final class WorseSection {

  /** With more classes a matrix cannot be read. */
  private static final int MOST_IN_MATRIX = 30;

  private static final int MOST_CLASSES = 30;
  private static final int MOST_CONFUSIONS = 50;

  private WorseSection() {}

  /** Empty where there is nothing to compare with. */
  static Optional<Section> of(FinishedRun run, Roles roles) {
    Evidence evidence = run.result().evidence();
    if (evidence == null || evidence.changes().isEmpty()) {
      return Optional.empty();
    }
    Changes first = evidence.changes().get(0);
    String before = roles.title(first.from()).toLowerCase(Locale.ROOT);
    List<Part> parts = new ArrayList<>();
    parts.add(totals(evidence.changes(), roles));
    List<Chart> figures = new ArrayList<>();
    classes(first, before).ifPresent(figures::add);
    List<Confusion> moved = run.moved().getOrDefault(first.from(), List.of());
    boolean small = run.classes().size() <= MOST_IN_MATRIX;
    if (!moved.isEmpty() && small) {
      figures.add(matrix(run.classes(), moved, before));
    }
    if (!figures.isEmpty()) {
      parts.add(new Part.Charts(figures));
    }
    if (moved.isEmpty() || !small) {
      List<Confusion> known = new ArrayList<>(first.appeared());
      known.addAll(first.vanished());
      parts.add(confusions(moved.isEmpty() ? known : moved, before));
    }
    if (!evidence.disagreements().isEmpty()) {
      parts.add(
          new Part.Paragraph(
              "The test samples that student and teacher answer differently, then those that only one of"
                  + " them is sure of, the farthest apart first. Look at them: some may have a wrong"
                  + " label.",
              false));
      parts.add(samples(run, evidence.disagreements()));
    }
    return Optional.of(
        new Section(
            "worse",
            "What got worse",
            "Where the student of the first seed answers otherwise than the "
                + before
                + ": a mean hides the class that lost.",
            parts));
  }

  private static Part totals(List<Changes> changes, Roles roles) {
    List<List<Cell>> rows = new ArrayList<>();
    for (Changes change : changes) {
      rows.add(
          List.of(
              roles.cell(change.from()),
              Cell.of(Words.count(change.lost())),
              Cell.of(Words.count(change.gained())),
              Cell.of(
                  Words.points(change.accuracy().value()),
                  Words.points(change.accuracy().low(), change.accuracy().high()))));
    }
    return new Part.Table(
        "The student against each other model",
        List.of(
            new Column("Against", false),
            new Column("Only the other is right", true),
            new Column("Only the student is right", true),
            new Column("Difference, points", true)),
        rows);
  }

  private static Optional<Chart> classes(Changes changes, String before) {
    List<ClassChange> worst =
        changes.classes().stream()
            .sorted(Comparator.comparingDouble((ClassChange c) -> c.recall().value()))
            .limit(MOST_CLASSES)
            .toList();
    if (worst.isEmpty()) {
      return Optional.empty();
    }
    String most =
        changes.classes().size() > MOST_CLASSES
            ? " The " + MOST_CLASSES + " that lost most of " + changes.classes().size() + "."
            : "";
    return Optional.of(
        RowChart.intervals(
            "figure-classes",
            "Right answers by class, against the " + before,
            "95\u00a0% intervals, each of its class alone: among many classes some lie beside 0 by chance."
                + most,
            "points",
            Words::tickPoints,
            0.0,
            worst.stream()
                .map(
                    c ->
                        RowChart.Row.of(
                            c.name(),
                            3,
                            c.recall().value(),
                            c.recall().low(),
                            c.recall().high(),
                            Words.points(c.recall().value())))
                .toList()));
  }

  private static Chart matrix(List<String> classes, List<Confusion> moved, String before) {
    List<HeatMap.Cell> cells = new ArrayList<>();
    for (Confusion each : moved) {
      int growth = each.after() - each.before();
      boolean right = each.truth().equals(each.predicted());
      cells.add(
          new HeatMap.Cell(
              classes.indexOf(each.truth()),
              classes.indexOf(each.predicted()),
              growth,
              right == growth > 0,
              sentence(each)));
    }
    return HeatMap.of(
        "figure-matrix",
        "Answers that changed, against the " + before,
        "How many more or fewer samples of a class get an answer. On the diagonal are right answers."
            + " Blue is better, orange worse.",
        "true class",
        "answer",
        classes,
        cells);
  }

  private static String sentence(Confusion each) {
    return Words.format(
        "%s answered as %s: %d before, %d now",
        each.truth(), each.predicted(), each.before(), each.after());
  }

  private static Part confusions(List<Confusion> known, String before) {
    List<List<Cell>> rows =
        known.stream()
            .filter(each -> !each.truth().equals(each.predicted()))
            .sorted(
                Comparator.comparingInt((Confusion c) -> -Math.abs(c.after() - c.before()))
                    .thenComparingInt(c -> c.before() - c.after()))
            .limit(MOST_CONFUSIONS)
            .map(
                each ->
                    List.of(
                        Cell.of(each.truth()),
                        Cell.of(each.predicted()),
                        Cell.of(Words.count(each.before())),
                        Cell.of(Words.count(each.after())),
                        Cell.of(
                            Words.signed(Words.format("%+d", each.after() - each.before())),
                            each.after() > each.before() ? Part.Tone.BAD : Part.Tone.GOOD)))
            .toList();
    return new Part.Table(
        "Wrong answers that changed most, against the " + before,
        List.of(
            new Column("True class", false),
            new Column("Answer", false),
            new Column("Before", true),
            new Column("Now", true),
            new Column("Change", true)),
        rows);
  }

  private static Part samples(FinishedRun run, List<Disagreement> disagreements) {
    return new Part.Samples(
        disagreements.stream()
            .map(
                each -> {
                  byte[] png = each.picture() == null ? null : run.pictures().get(each.picture());
                  return new Part.Sample(
                      each.sample(),
                      png == null
                          ? null
                          : "data:image/png;base64," + Base64.getEncoder().encodeToString(png),
                      each.text(),
                      each.truth(),
                      each.teacher(),
                      each.student(),
                      each.student().equals(each.truth()));
                })
            .toList());
  }
}
