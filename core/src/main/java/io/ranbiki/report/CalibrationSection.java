package io.ranbiki.report;

import io.ranbiki.report.Part.Cell;
import io.ranbiki.result.ConfidenceBin;
import io.ranbiki.result.Evidence;
import io.ranbiki.result.FinishedRun;
import io.ranbiki.result.Interval;
import io.ranbiki.result.Quality;
import io.ranbiki.result.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Whether the probabilities can be believed. */
final class CalibrationSection {

  /** Of fewer samples, the share that is right says little. */
  private static final int FEWEST = 10;

  private CalibrationSection() {}

  /** Empty where it was not measured. */
  static Optional<Section> of(FinishedRun run, Roles roles) {
    Evidence evidence = run.result().evidence();
    if (evidence == null || evidence.models().isEmpty()) {
      return Optional.empty();
    }
    boolean scaled = evidence.models().values().stream().anyMatch(one -> one.scaled() != null);
    List<String> columns = new ArrayList<>(List.of("Model", "Gap (ECE)", "Gap without chance"));
    if (scaled) {
      columns.add("Gap after scaling");
    }
    columns.addAll(List.of("Log-likelihood loss", "Brier score"));
    List<List<Cell>> rows = new ArrayList<>();
    evidence.models().forEach((role, quality) -> rows.add(row(role, quality, scaled, roles)));
    List<Part> parts = new ArrayList<>();
    parts.add(
        new Part.Table(
            "Probabilities against the truth", Part.columns(columns.toArray(String[]::new)), rows));
    List<XyChart.Series> right = series(run, roles, CalibrationSection::right);
    if (!right.isEmpty()) {
      XyChart.Axis sure = new XyChart.Axis("how sure it is", Words::tickPercent);
      parts.add(
          new Part.Charts(
              List.of(
                  XyChart.shares(
                      "figure-calibration",
                      "How sure, and how right",
                      "On the dashed line a model is as often right as it says; below it, it is too"
                          + " sure of itself. Groups of fewer than "
                          + FEWEST
                          + " samples are left out.",
                      true,
                      sure,
                      new XyChart.Axis("how often it is right", Words::tickPercent),
                      right),
                  XyChart.shares(
                      "figure-confidence",
                      "How sure the models are",
                      "Share of the test samples in each group.",
                      false,
                      sure,
                      new XyChart.Axis("share of the samples", Words::tickPercent),
                      series(run, roles, CalibrationSection::shares)))));
    }
    if (evidence.models().values().stream().anyMatch(Quality::approximate)) {
      parts.add(
          new Part.Paragraph(
              "Only the likeliest classes of every sample were kept, so these figures are"
                  + " approximate.",
              true));
    }
    return Optional.of(
        new Section(
            "calibration",
            "Can its probabilities be believed?",
            "Whether a model that says 90\u00a0% is right nine times in ten; it matters where a service acts"
                + " on the probability. Smaller is better in every column.",
            parts));
  }

  private static List<Cell> row(String role, Quality quality, boolean scaled, Roles roles) {
    Interval debiased = quality.calibrationError();
    List<Cell> row = new ArrayList<>();
    row.add(roles.cell(role));
    row.add(Cell.of(Words.decimal(quality.expectedCalibrationError())));
    row.add(
        debiased == null
            ? Cell.of(Words.UNKNOWN)
            : Cell.of(
                Words.decimal(debiased.value()),
                Words.decimal(debiased.low()) + " to " + Words.decimal(debiased.high())));
    if (scaled) {
      row.add(scaled(quality.scaled()));
    }
    row.add(Cell.of(Words.decimal(quality.negativeLogLikelihood())));
    row.add(Cell.of(Words.decimal(quality.brier())));
    return row;
  }

  private static Cell scaled(Quality.@Nullable Scaled scaled) {
    return scaled == null
        ? Cell.of(Words.UNKNOWN)
        : Cell.of(
            Words.decimal(scaled.expectedCalibrationError()),
            Words.format("temperature %.2f", scaled.temperature()));
  }

  private static List<XyChart.Series> series(
      FinishedRun run, Roles roles, Function<List<ConfidenceBin>, List<XyChart.Point>> points) {
    List<XyChart.Series> series = new ArrayList<>();
    run.confidence()
        .forEach(
            (role, bins) -> {
              if (role.equals(Result.TEACHER) || role.equals(Result.STUDENT)) {
                series.add(
                    new XyChart.Series(roles.title(role), roles.colour(role), points.apply(bins)));
              }
            });
    return series;
  }

  private static List<XyChart.Point> right(List<ConfidenceBin> bins) {
    return bins.stream()
        .filter(bin -> bin.samples() >= FEWEST)
        .map(bin -> point(bin, bin.accuracy()))
        .toList();
  }

  private static List<XyChart.Point> shares(List<ConfidenceBin> bins) {
    double all = bins.stream().mapToInt(ConfidenceBin::samples).sum();
    return bins.stream().map(bin -> point(bin, bin.samples() / all)).toList();
  }

  private static XyChart.Point point(ConfidenceBin bin, double y) {
    String samples = Words.count(bin.samples()) + (bin.samples() == 1 ? " sample" : " samples");
    return new XyChart.Point(bin.confidence(), y, null, null, samples);
  }
}
