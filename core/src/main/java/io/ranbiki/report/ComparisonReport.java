package io.ranbiki.report;

import io.ranbiki.report.Page.Tile;
import io.ranbiki.report.Part.Cell;
import io.ranbiki.report.Part.Column;
import io.ranbiki.report.Part.Tone;
import io.ranbiki.result.Changes;
import io.ranbiki.result.Cost;
import io.ranbiki.result.Evidence;
import io.ranbiki.result.FinishedRun;
import io.ranbiki.result.Gain;
import io.ranbiki.result.Interval;
import io.ranbiki.result.MethodComparison;
import io.ranbiki.result.MethodComparison.Method;
import io.ranbiki.result.ModelFigures;
import io.ranbiki.result.Quality;
import io.ranbiki.result.Result;
import io.ranbiki.result.Scores;
import io.ranbiki.result.SeedFigures;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The report of several runs side by side. */
final class ComparisonReport {

  private final List<FinishedRun> runs;
  private final List<Method> methods;

  private final Measure measure;

  /** What each run is called here: the last name of its folder, where these differ. */
  private final List<String> labels;

  private ComparisonReport(List<FinishedRun> runs, MethodComparison comparison) {
    this.runs = runs;
    methods = comparison.methods();
    measure = new Measure(comparison.metric());
    List<String> folders = methods.stream().map(Method::name).toList();
    List<String> last = folders.stream().map(ComparisonReport::lastName).toList();
    labels = last.stream().distinct().count() == last.size() ? last : folders;
  }

  private static String lastName(String folder) {
    String path = folder.replaceFirst("/+$", "");
    return path.substring(path.lastIndexOf('/') + 1);
  }

  static Page of(List<FinishedRun> runs, MethodComparison comparison) {
    return new ComparisonReport(runs, comparison).page();
  }

  private Page page() {
    return new Page(
        "Comparison of " + methods.size() + " runs",
        String.join(", ", runs.stream().map(run -> run.result().name()).distinct().toList()),
        setting(),
        List.of(),
        sizes().orElseGet(this::best),
        IntStream.range(0, Math.min(4, methods.size())).mapToObj(this::tile).toList(),
        Stream.of(Optional.of(runsSection()), differences(), curves(), Optional.of(origins()))
            .flatMap(Optional::stream)
            .toList(),
        RunReport.foot(runs.get(0)));
  }

  private String best() {
    int best =
        IntStream.range(0, methods.size())
            .boxed()
            .max(Comparator.comparingDouble(this::score))
            .orElseThrow();
    return Words.format(
        measure.isAccuracy() ? "%s has the most right answers, %s." : "%s has the best %3$s, %2$s.",
        labels.get(best),
        measure.value(methods.get(best).score().mean()),
        measure.metric());
  }

  /** So that more is better. */
  private double score(int run) {
    double mean = methods.get(run).score().mean();
    Scores scores = runs.get(run).result().scores();
    return measure.isAccuracy() || scores == null || scores.largerIsBetter() ? mean : -mean;
  }

  /** What students of several sizes keep; empty where the runs do not differ in size. */
  private Optional<String> sizes() {
    List<Result> bySize =
        runs.stream()
            .map(FinishedRun::result)
            .filter(result -> result.compression() != null && retention(result) != null)
            .sorted(Comparator.comparingDouble(Result::compression))
            .toList();
    if (bySize.size() < runs.size()) {
      return Optional.empty();
    }
    Result largest = bySize.get(0);
    Result smallest = bySize.get(bySize.size() - 1);
    return Objects.requireNonNull(smallest.compression())
            < 1.05 * Objects.requireNonNull(largest.compression())
        ? Optional.empty()
        : Optional.of(
            Words.format(
                "From %s to %s smaller, students keep %.1f to %.1f\u00a0%% of their teacher’s"
                    + " accuracy.",
                Words.times(largest.compression()),
                Words.times(smallest.compression()),
                100 * Objects.requireNonNull(retention(largest)),
                100 * Objects.requireNonNull(retention(smallest))));
  }

  /** The mean over seeds where there are several. */
  private static @Nullable Double retention(Result result) {
    SeedFigures seeds = result.seeds();
    return seeds == null || seeds.retention() == null
        ? result.retention()
        : (Double) seeds.retention().mean();
  }

  private Tile tile(int index) {
    Method method = methods.get(index);
    Gain gain = method.difference();
    return new Tile(
        labels.get(index),
        measure.value(method.score().mean()),
        gain == null
            ? "the others are held against it"
            : measure.difference(gain.seeds().mean()) + " " + measure.unit());
  }

  private String setting() {
    Quality quality = quality(runs.get(0));
    String samples = quality == null ? "" : Words.count(quality.samples()) + " test samples · ";
    return samples + "held against " + labels.get(0);
  }

  private static @Nullable Quality quality(FinishedRun run) {
    return run.result().evidence() == null
        ? null
        : run.result().evidence().models().get(Result.STUDENT);
  }

  private Section runsSection() {
    List<List<Cell>> rows = new ArrayList<>();
    for (int i = 0; i < methods.size(); i++) {
      Method method = methods.get(i);
      ModelFigures figures = runs.get(i).result().models().get(Result.STUDENT);
      rows.add(
          List.of(
              new Cell(labels.get(i), "", Tone.PLAIN, i),
              Cell.of(
                  measure.value(method.score().mean()),
                  measure.interval(method.score().low(), method.score().high())),
              Cell.of(Words.count(method.seeds().size())),
              change(runs.get(i).result()),
              Cell.of(
                  Words.count(figures == null ? null : figures.parameters()),
                  compression(runs.get(i).result())),
              Cell.of(figures == null ? Words.UNKNOWN : Words.bytes(figures.bytes()))));
    }
    List<Part> parts = new ArrayList<>();
    parts.add(
        new Part.Table(
            "Runs",
            Part.columns(
                "Run", measure.title(), "Seeds", "Against its teacher", "Parameters", "Weights"),
            rows));
    List<Chart> charts = new ArrayList<>();
    charts.add(accuracies());
    against(
            "figure-size",
            "size",
            new XyChart.Axis("parameters", Words::tickCount),
            ComparisonReport::parameters)
        .ifPresent(charts::add);
    against(
            "figure-latency",
            "time",
            new XyChart.Axis("milliseconds for one sample", Svg::number),
            ComparisonReport::milliseconds)
        .ifPresent(charts::add);
    if (measure.isAccuracy()) {
      parts.add(
          new Part.Paragraph(
              "Against its teacher stands the first seed of a run, with the 95\u00a0% interval for"
                  + " other test samples.",
              false));
    }
    parts.add(new Part.Charts(charts));
    return new Section(
        "models",
        "The runs",
        (measure.isAccuracy()
                ? "How often the student of each run is right on the same test samples"
                : "The "
                    + measure.metric()
                    + " of the student of each run on the same test samples")
            + ": the mean over its seeds, with the 95\u00a0% interval of that mean below it.",
        parts);
  }

  private static Cell change(Result result) {
    Evidence evidence = result.evidence();
    return Stream.ofNullable(evidence)
        .flatMap(each -> each.changes().stream())
        .filter(change -> change.from().equals(Result.TEACHER))
        .map(Changes::accuracy)
        .findFirst()
        .map(
            change ->
                Cell.of(
                    Words.points(change.value()) + " points",
                    Words.points(change.low(), change.high())))
        .orElse(Cell.of(Words.UNKNOWN));
  }

  private static String compression(Result result) {
    return result.compression() == null ? "" : Words.times(result.compression()) + " smaller";
  }

  private Chart accuracies() {
    List<RowChart.Row> rows = new ArrayList<>();
    for (int i = 0; i < methods.size(); i++) {
      Method method = methods.get(i);
      rows.add(
          new RowChart.Row(
              labels.get(i),
              i,
              method.score().mean(),
              method.score().low(),
              method.score().high(),
              null,
              null,
              measure.value(method.score().mean())));
    }
    return RowChart.intervals(
        "figure-" + measure.metric(),
        measure.title() + " of every run",
        "Broad: the 95\u00a0% interval of the mean over seeds, where there are several.",
        measure.axis(),
        measure::tick,
        null,
        rows);
  }

  /** Accuracy against size or time, with the teachers: the compression curve. */
  private Optional<Chart> against(
      String id, String what, XyChart.Axis axis, BiFunction<Result, String, Optional<Double>> x) {
    List<XyChart.Series> series = new ArrayList<>();
    Set<Double> teachers = new HashSet<>();
    for (int i = 0; i < runs.size(); i++) {
      Result result = runs.get(i).result();
      point(result, Result.STUDENT, labels.get(i), i, x).ifPresent(series::add);
      if (x.apply(result, Result.TEACHER).filter(teachers::add).isPresent()) {
        point(result, Result.TEACHER, "teacher", runs.size(), x).ifPresent(series::add);
      }
    }
    return series.stream().map(one -> one.points().get(0).x()).distinct().count() < 2
        ? Optional.empty()
        : Optional.of(
            XyChart.points(
                id,
                "Right answers against " + what,
                "First seed of every run; lines are 95\u00a0% intervals for other test samples.",
                axis,
                new XyChart.Axis("right answers", Words::tickPercent),
                series));
  }

  private static Optional<XyChart.Series> point(
      Result result,
      String role,
      String name,
      int colour,
      BiFunction<Result, String, Optional<Double>> x) {
    Quality quality = result.evidence() == null ? null : result.evidence().models().get(role);
    if (quality == null) {
      return Optional.empty();
    }
    Interval right = quality.accuracy();
    return x.apply(result, role)
        .map(at -> new XyChart.Point(at, right.value(), right.low(), right.high(), name))
        .map(point -> new XyChart.Series(name, colour, List.of(point)));
  }

  private static Optional<Double> parameters(Result result, String role) {
    return Optional.ofNullable(result.models().get(role))
        .map(ModelFigures::parameters)
        .filter(count -> count > 0)
        .map(Long::doubleValue);
  }

  private static Optional<Double> milliseconds(Result result, String role) {
    return Optional.ofNullable(result.cost() == null ? null : result.cost().get(role))
        .flatMap(Cost::deployment)
        .map(Cost.Latency::p50);
  }

  private Optional<Section> differences() {
    List<List<Cell>> rows = new ArrayList<>();
    List<RowChart.Row> charted = new ArrayList<>();
    for (int i = 1; i < methods.size(); i++) {
      Gain gain = methods.get(i).difference();
      if (gain != null) {
        Interval newData = gain.newData();
        rows.add(
            List.of(
                new Cell(labels.get(i), "", Tone.PLAIN, i),
                Cell.of(measure.difference(gain.seeds().mean())),
                Cell.of(measure.difference(gain.seeds().low(), gain.seeds().high())),
                Cell.of(
                    newData == null
                        ? Words.UNKNOWN
                        : measure.difference(newData.low(), newData.high())),
                GainSection.verdict(gain)));
        charted.add(GainSection.row(labels.get(i), i, gain, measure));
      }
    }
    return rows.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Section(
                "gain",
                "Against the first run",
                Words.format(
                    (measure.isAccuracy()
                            ? "How many more test samples, in points of a hundred, each run has right"
                                + " than %s, seed by seed."
                            : "By how much each run is better than %s, seed by seed: above 0 is"
                                + " better.")
                        + " Verdicts allow for %d comparison%s in one table (Holm).",
                    labels.get(0),
                    rows.size(),
                    rows.size() == 1 ? "" : "s"),
                List.of(
                    new Part.Table(
                        "Differences",
                        List.of(
                            new Column("Run", false),
                            new Column("Difference, " + measure.unit(), true),
                            new Column("Other seeds", true),
                            new Column("Other seeds and samples", true),
                            new Column("Verdict", false)),
                        rows),
                    new Part.Charts(
                        List.of(
                            GainSection.intervals(
                                "figure-gain",
                                "Differences to the first run",
                                charted,
                                measure))))));
  }

  private Optional<Section> curves() {
    List<CurvesSection.Training> trainings =
        IntStream.range(0, runs.size())
            .mapToObj(
                i -> new CurvesSection.Training(labels.get(i), i, runs.get(i).result().history()))
            .toList();
    return CurvesSection.heldOut(trainings, "", measure)
        .map(
            chart ->
                new Section(
                    "curves",
                    "How training went",
                    "What each run’s first student had reached after every epoch.",
                    List.of(new Part.Charts(List.of(chart)))));
  }

  private Section origins() {
    List<List<Cell>> rows = new ArrayList<>();
    for (FinishedRun run : runs) {
      rows.add(
          List.of(
              Cell.of(run.folder(), run.result().name()),
              Cell.of(run.origin() == null ? "" : String.join(" ", run.origin().command()))));
    }
    return new Section(
        "origin",
        "Where these figures come from",
        "The command of every run; its own report says more.",
        List.of(
            new Part.Table(
                "Commands",
                List.of(new Column("Run", false), new Column("Command", false)),
                rows)));
  }
}
