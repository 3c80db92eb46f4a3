package io.ranbiki.report;

import io.ranbiki.report.Part.Cell;
import io.ranbiki.report.Part.Tone;
import io.ranbiki.result.Evidence;
import io.ranbiki.result.Gain;
import io.ranbiki.result.HeldOut;
import io.ranbiki.result.Interval;
import io.ranbiki.result.Result;
import io.ranbiki.result.Scores;
import io.ranbiki.result.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What distillation is worth, and which step of it. */
final class GainSection {

  private GainSection() {}

  /** Empty where nothing was trained to compare with. */
  static Optional<Section> of(Result result, Roles roles) {
    Evidence evidence = result.evidence();
    if (evidence == null || evidence.gains().isEmpty()) {
      return Optional.ofNullable(result.scores())
          .filter(scores -> !scores.gains().isEmpty())
          .map(scores -> ofScores(scores, roles));
    }
    Measure measure = new Measure(HeldOut.ACCURACY);
    List<Part> parts = new ArrayList<>();
    boolean best = !evidence.equalSteps().isEmpty();
    parts.add(
        table(
            best ? "Every model at its best epoch" : "After equal steps",
            evidence.gains(),
            measure));
    List<Chart> figures = new ArrayList<>();
    figure(
            "figure-gain",
            best ? "Gains at the best epoch" : "Gains",
            evidence.gains(),
            roles,
            measure)
        .ifPresent(figures::add);
    if (best) {
      parts.add(table("After equal steps", evidence.equalSteps(), measure));
      figure("figure-gain-equal", "Gains after equal steps", evidence.equalSteps(), roles, measure)
          .ifPresent(figures::add);
    }
    if (!figures.isEmpty()) {
      parts.add(new Part.Charts(figures));
    }
    return Optional.of(
        new Section(
            "gain",
            "What distillation is worth",
            "How many more test samples, in points of a hundred, the student has right than the same"
                + " network that learnt in another way.",
            parts));
  }

  private static Section ofScores(Scores scores, Roles roles) {
    Measure measure = new Measure(scores.decides());
    List<Part> parts = new ArrayList<>();
    parts.add(table("Gains", scores.gains(), measure));
    if (scores.gains().get(0).seeds().low() != null) {
      List<RowChart.Row> rows =
          scores.gains().stream()
              .map(gain -> row(step(gain), roles.colour(gain.to()), gain, measure))
              .toList();
      parts.add(new Part.Charts(List.of(intervals("figure-gain", "Gains", rows, measure))));
    }
    return new Section(
        "gain",
        "What distillation is worth",
        Words.format(
            "By how much the student is better than the same network that learnt in another way,"
                + " seed by seed, in the unit of %s: above 0 is better, whichever way it counts.",
            measure.metric()),
        parts);
  }

  /** A gain as a step. */
  static String step(Gain gain) {
    boolean fromLabels = gain.from().equals(Result.SCRATCH);
    if (fromLabels && gain.to().equals(Result.DECISIONS)) {
      return "More answered samples";
    }
    if (gain.from().equals(Result.DECISIONS)) {
      return "Soft answers";
    }
    return fromLabels && gain.to().equals(Result.STUDENT) ? "Gain as a whole" : gain.to();
  }

  private static String detail(Gain gain) {
    return switch (step(gain)) {
      case "More answered samples" -> "the teacher’s decisions, against labels alone";
      case "Soft answers" -> "all that the teacher says, against its decisions";
      case "Gain as a whole" -> "distilled, against labels alone";
      default -> "against " + gain.from();
    };
  }

  private static Part table(String title, List<Gain> gains, Measure measure) {
    List<List<Cell>> rows = new ArrayList<>();
    for (Gain gain : gains) {
      Interval newData = gain.newData();
      rows.add(
          List.of(
              Cell.of(step(gain), detail(gain)),
              Cell.of(measure.difference(gain.seeds().mean())),
              Cell.of(measure.difference(gain.seeds().low(), gain.seeds().high())),
              Cell.of(
                  newData == null
                      ? Words.UNKNOWN
                      : measure.difference(newData.low(), newData.high())),
              verdict(gain)));
    }
    return new Part.Table(
        title,
        List.of(
            new Part.Column("Step", false),
            new Part.Column("Gain, " + measure.unit(), true),
            new Part.Column("Other seeds", true),
            new Part.Column("Other seeds and samples", true),
            new Part.Column("Verdict", false)),
        rows);
  }

  static Cell verdict(Gain gain) {
    return switch (gain.verdict()) {
      case GAINED -> Cell.of("✓ Gained", Tone.GOOD);
      case LOST -> Cell.of("✗ Lost", Tone.BAD);
      case NO_DIFFERENCE -> Cell.of("No difference shown", Tone.OPEN);
      case OPEN -> Cell.of("Fewer than " + Verdict.FEWEST_SEEDS + " seeds", Tone.OPEN);
    };
  }

  private static Optional<Chart> figure(
      String id, String title, List<Gain> gains, Roles roles, Measure measure) {
    List<RowChart.Row> rows =
        gains.stream()
            .map(gain -> row(step(gain), roles.colour(gain.to()), gain, measure))
            .toList();
    return gains.get(0).newData() == null
        ? Optional.empty()
        : Optional.of(intervals(id, title, rows, measure));
  }

  static RowChart.Row row(String label, int colour, Gain gain, Measure measure) {
    Interval newData = gain.newData();
    return new RowChart.Row(
        label,
        colour,
        gain.seeds().mean(),
        gain.seeds().low(),
        gain.seeds().high(),
        newData == null ? null : (Double) newData.low(),
        newData == null ? null : (Double) newData.high(),
        measure.difference(gain.seeds().mean()));
  }

  static Chart intervals(String id, String title, List<RowChart.Row> rows, Measure measure) {
    return RowChart.intervals(
        id,
        title,
        "95\u00a0% intervals. Broad: training again with other seeds. Line: with other test samples as"
            + " well. Left of 0 is a loss.",
        measure.unit(),
        measure::tickDifference,
        0.0,
        rows);
  }
}
