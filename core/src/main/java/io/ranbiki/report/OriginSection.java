package io.ranbiki.report;

import io.ranbiki.report.Part.Cell;
import io.ranbiki.report.Part.Column;
import io.ranbiki.result.FinishedRun;
import io.ranbiki.result.Origin;
import io.ranbiki.result.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where the figures come from, and how to get them again. */
final class OriginSection {

  private static final Map<String, String> HASHES =
      Map.of(
          "data", "Training samples",
          "test", "Test samples",
          "class-names", "Class names",
          "teacher", "Teacher",
          "initial-weights", "Initial weights");

  private OriginSection() {}

  /** Empty where a run kept nothing of it. */
  static Optional<Section> of(FinishedRun run) {
    Origin origin = run.origin();
    if (origin == null) {
      return Optional.empty();
    }
    List<List<Cell>> rows = new ArrayList<>();
    origin.facts().forEach((name, value) -> rows.add(List.of(Cell.of(name), Cell.of(value))));
    rows.add(List.of(Cell.of("Time"), Cell.of(time(run.result().seconds()))));
    origin
        .hashes()
        .forEach(
            (name, hash) ->
                rows.add(
                    List.of(Cell.of(HASHES.getOrDefault(name, name), "SHA-256"), Cell.of(hash))));
    List<Part> parts = new ArrayList<>();
    parts.add(
        new Part.Table(
            "Origin", List.of(new Column("What", false), new Column("Which", false)), rows));
    if (!origin.command().isEmpty()) {
      parts.add(new Part.Code("This run was made by", line(origin.command()), false));
    }
    if (!origin.config().isEmpty()) {
      parts.add(new Part.Code("It is made again by", again(run), false));
      parts.add(
          new Part.Code("The configuration, every default written out", origin.config(), true));
    }
    return Optional.of(
        new Section(
            "origin",
            "Where these figures come from",
            "What another person needs to get the same figures: same data, same teacher, same"
                + " configuration and versions, same number of threads.",
            parts));
  }

  private static String time(double seconds) {
    long whole = Math.round(seconds);
    return whole < 60
        ? Words.format("%.1f s", seconds)
        : whole < 3600
            ? Words.format("%d min %d s", whole / 60, whole % 60)
            : Words.format("%d h %d min", whole / 3600, whole % 3600 / 60);
  }

  private static String again(FinishedRun run) {
    Result result = run.result();
    String folder = run.folder().replaceFirst("/+$", "");
    return line(
        List.of(
            "ranbiki",
            result.command().equals("train") ? "train" : "distill",
            folder + "/config.yaml",
            "--run-dir",
            folder + "-again"));
  }

  /** Words as a shell takes them. */
  private static String line(List<String> words) {
    return String.join(
        " ",
        words.stream()
            .map(
                word ->
                    word.matches("[\\w./=:,@%+-]+") ? word : "'" + word.replace("'", "'\\''") + "'")
            .toList());
  }
}
