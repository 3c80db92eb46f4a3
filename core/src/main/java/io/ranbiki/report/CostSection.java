package io.ranbiki.report;

import io.ranbiki.report.Part.Cell;
import io.ranbiki.report.Part.Column;
import io.ranbiki.report.Part.Tone;
import io.ranbiki.result.Cost;
import io.ranbiki.result.Cost.Latency;
import io.ranbiki.result.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What a model costs where it runs. */
final class CostSection {

  private static final String ID = "cost";
  private static final String TITLE = "What it costs to run";

  private CostSection() {}

  static Section of(Result result, Roles roles) {
    Map<String, Cost> cost = result.cost();
    if (cost == null || cost.isEmpty()) {
      return simple(result, roles);
    }
    List<Part> parts = new ArrayList<>();
    List<List<Cell>> sizes = new ArrayList<>();
    List<List<Cell>> times = new ArrayList<>();
    List<RowChart.Row> bars = new ArrayList<>();
    List<RowChart.Row> files = new ArrayList<>();
    cost.forEach(
        (role, own) -> {
          Long onnx = own.onnxBytes();
          sizes.add(
              List.of(
                  roles.cell(role),
                  Cell.of(Words.count(own.multiplyAdds())),
                  Cell.of(Words.count(own.largestActivation())),
                  Cell.of(Words.bytes(own.bytes())),
                  Cell.of(onnx == null ? Words.UNKNOWN : Words.bytes(onnx))));
          own.latencies().forEach(latency -> times.add(row(role, latency, roles)));
          own.deployment()
              .ifPresent(
                  latency ->
                      bars.add(
                          RowChart.Row.of(
                              roles.title(role),
                              roles.colour(role),
                              latency.p50(),
                              Words.milliseconds(latency.p50()))));
          long bytes = onnx == null ? own.bytes() : onnx;
          files.add(
              RowChart.Row.of(roles.title(role), roles.colour(role), bytes, Words.bytes(bytes)));
        });
    List<Chart> figures = new ArrayList<>();
    if (bars.size() > 1) {
      figures.add(
          RowChart.bars(
              "figure-latency",
              "Time for one sample",
              "One sample a call, one thread; half of the calls took at most this.",
              bars));
    }
    if (files.size() > 1) {
      figures.add(RowChart.bars("figure-bytes", "Size of the file", "", files));
    }
    if (!figures.isEmpty()) {
      parts.add(new Part.Charts(figures));
    }
    if (!times.isEmpty()) {
      parts.add(
          new Part.Table(
              "Milliseconds of a call",
              List.of(
                  new Column("Model", false),
                  new Column("Run by", false),
                  new Column("Threads", true),
                  new Column("Samples a call", true),
                  new Column("Half", true),
                  new Column("95 of 100", true),
                  new Column("99 of 100", true),
                  new Column("Note", false)),
              times));
    }
    parts.add(
        new Part.Table(
            "Work and memory for one sample",
            Part.columns("Model", "Multiply-adds", "Largest layer, values", "Weights", "ONNX file"),
            sizes));
    return new Section(
        ID,
        TITLE,
        times.isEmpty()
            ? "Work and memory to answer. How long a model takes was not measured in this run."
            : "Time, work and memory to answer, measured on the machine that trained. ONNX Runtime is"
                + " what a service would use; libtorch is what trained.",
        parts);
  }

  private static List<Cell> row(String role, Latency latency, Roles roles) {
    return List.of(
        roles.cell(role),
        Cell.of(latency.engine().title()),
        Cell.of(Words.count(latency.threads())),
        Cell.of(Words.count(latency.batch())),
        Cell.of(Words.significant(latency.p50())),
        Cell.of(Words.significant(latency.p95())),
        Cell.of(Words.significant(latency.p99())),
        latency.busy() ? Cell.of("busy machine: do not trust these", Tone.BAD) : Cell.of(""));
  }

  /** Of runs in which no more was measured than one time. */
  private static Section simple(Result result, Roles roles) {
    List<List<Cell>> rows = new ArrayList<>();
    result
        .models()
        .forEach(
            (role, figures) ->
                rows.add(
                    List.of(
                        roles.cell(role),
                        Cell.of(Words.milliseconds(figures.millisecondsPerImage())),
                        Cell.of(Words.bytes(figures.bytes())))));
    boolean timed =
        result.models().values().stream()
            .map(figures -> figures.millisecondsPerImage())
            .anyMatch(Objects::nonNull);
    return new Section(
        ID,
        TITLE,
        timed
            ? "Time to answer one sample on the machine that trained, in libtorch, and the size of the"
                + " weights. What a service would see was not measured in this run."
            : "The size of the weights. How long a model takes to answer was not measured in this run.",
        List.of(new Part.Table("Cost", Part.columns("Model", "One sample", "Weights"), rows)));
  }
}
