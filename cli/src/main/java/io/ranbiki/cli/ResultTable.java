package io.ranbiki.cli;

import io.ranbiki.evaluate.OutOfScopeAuc;
import io.ranbiki.result.Cost;
import io.ranbiki.result.Evidence;
import io.ranbiki.result.Figure;
import io.ranbiki.result.Gain;
import io.ranbiki.result.ModelFigures;
import io.ranbiki.result.Result;
import io.ranbiki.result.Scores;
import io.ranbiki.result.SeedFigures;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Shows what a run found as a small table. */
final class ResultTable {

  private static final Map<String, String> TITLES =
      Map.of(
          Result.TEACHER, "teacher",
          Result.SCRATCH, "labels alone",
          Result.DECISIONS, "decisions",
          Result.UNTRAINED, "untrained",
          Result.STUDENT, "distilled");

  private ResultTable() {}

  static void print(Result result, PrintWriter out) {
    out.println();
    Evidence evidence = result.evidence();
    if (evidence != null && evidence.seenByTeacher() != null) {
      evidence.seenByTeacher().sentence().ifPresent(sentence -> out.println(sentence + "\n"));
    }
    Scores scores = result.scores();
    if (scores != null && !scores.gains().isEmpty() || evidence == null && scores != null) {
      metrics(scores, result, out);
      meaningOfSpread(scores, out);
    }
    if (evidence != null || scores == null) {
      accuracies(result, out);
    }
    if (scores != null) {
      doubts(scores, result, out);
    }
    Map<String, Cost> cost = result.cost();
    if (cost != null) {
      CostTable.remarks(cost, out);
    }
    if (result.verdict() != null) {
      out.println();
      out.println(result.verdict());
    }
    if (evidence != null) {
      parts("the gain, each arm at its best epoch", evidence, false, out);
      parts("the gain at equal steps", evidence, true, out);
    }
    if (result.acceptance() != null) {
      AcceptanceList.print(result.acceptance(), out);
    }
    out.flush();
  }

  private static void accuracies(Result result, PrintWriter out) {
    Table table =
        new Table("model", "accuracy", "retention", "parameters", "smaller", "file", "ms");
    ModelFigures teacher = result.models().get(Result.TEACHER);
    result
        .models()
        .forEach(
            (role, figures) -> row(title(role, result), role, figures, teacher, result, table));
    table.print(Table.Format.TEXT, out);
    meaningOfSpread(result.seeds() == null ? 1 : result.seeds().seeds().size(), out);
  }

  /** What the metrics of the task say, the one that decides first. */
  private static void metrics(Scores scores, Result result, PrintWriter out) {
    Set<String> names = new LinkedHashSet<>(List.of(scores.decides()));
    scores.models().values().forEach(figures -> names.addAll(figures.keySet()));
    List<String> columns = new ArrayList<>(List.of("model"));
    columns.addAll(names);
    columns.addAll(List.of("parameters", "file"));
    Map<String, Cost> costs = result.evidence() == null ? result.cost() : null;
    if (costs != null) { // else the table of accuracies has them
      columns.add("ms");
    }
    Table table = new Table(columns.toArray(String[]::new));
    scores
        .models()
        .forEach(
            (role, figures) -> {
              ModelFigures model = result.models().get(role);
              List<String> row = new ArrayList<>(List.of(title(role, result)));
              names.forEach(
                  name -> {
                    Figure figure = figures.get(name);
                    row.add(figure == null ? Shown.UNKNOWN : Shown.figure(figure));
                  });
              row.add(model == null ? Shown.UNKNOWN : Shown.count(model.parameters()));
              row.add(model == null ? Shown.UNKNOWN : Shown.bytes(model.bytes()));
              if (costs != null) {
                row.add(
                    model == null
                        ? Shown.UNKNOWN
                        : CostTable.time(model.millisecondsPerImage(), costs.get(role)));
              }
              table.add(row.toArray(String[]::new));
            });
    table.print(Table.Format.TEXT, out);
  }

  /** Whether models doubt what is of none of their classes, where the test has such samples. */
  private static void doubts(Scores scores, Result result, PrintWriter out) {
    Map<String, Figure> doubts = scores.of(OutOfScopeAuc.NAME);
    if (!doubts.isEmpty()) {
      out.println();
      out.println("doubt tells samples out of scope from the others (area under the ROC curve):");
      doubts.forEach(
          (role, area) ->
              out.printf(Locale.ROOT, "  %-12s  %s%n", title(role, result), Shown.figure(area)));
    }
  }

  private static void meaningOfSpread(Scores scores, PrintWriter out) {
    meaningOfSpread(
        scores.models().values().stream()
            .flatMap(figures -> figures.values().stream())
            .mapToInt(figure -> figure.values().size())
            .max()
            .orElse(1),
        out);
  }

  /** The sign has one meaning in all that Ranbiki prints. */
  private static void meaningOfSpread(int seeds, PrintWriter out) {
    if (seeds > 1) {
      out.printf(Locale.ROOT, "±: half of the 95 %% interval over %d seeds%n", seeds);
    }
  }

  /** What the gain consists of, where there are all three arms. */
  private static void parts(String title, Evidence evidence, boolean equalSteps, PrintWriter out) {
    // Where no epoch was chosen, the only gains are those at equal steps.
    boolean chosen = !evidence.equalSteps().isEmpty();
    List<Gain> gains = equalSteps && chosen ? evidence.equalSteps() : evidence.gains();
    if (gains.size() < 2 || !equalSteps && !chosen) {
      return;
    }
    out.println(title + (gains.get(0).seeds().low() == null ? ":" : ", with 95 % intervals:"));
    for (Gain gain : gains) {
      String step =
          gain.to().equals(Result.DECISIONS)
              ? "more answered samples"
              : gain.from().equals(Result.DECISIONS) ? "what is soft" : "gain as a whole";
      out.printf(
          Locale.ROOT,
          "  %-24s %+6.2f points%s%n",
          step,
          100 * gain.seeds().mean(),
          gain.seeds().low() == null
              ? ""
              : String.format(
                  Locale.ROOT,
                  " (%+.2f to %+.2f)",
                  100 * gain.seeds().low(),
                  100 * Objects.requireNonNull(gain.seeds().high())));
    }
  }

  private static String title(String role, Result result) {
    return result.command().equals("train") ? "model" : TITLES.getOrDefault(role, role);
  }

  private static void row(
      String title,
      String role,
      ModelFigures figures,
      @Nullable ModelFigures teacher,
      Result result,
      Table table) {
    Double own = figures.accuracy();
    double accuracy = own == null ? Double.NaN : own;
    String shown = Shown.percent(accuracy, 2);
    SeedFigures seeds = result.seeds();
    if (seeds != null && seeds.accuracy().containsKey(role)) {
      Figure figure = seeds.accuracy().get(role);
      accuracy = figure.mean();
      shown = Shown.percent(figure);
    }
    Double taught = teacher == null ? null : teacher.accuracy();
    Long of = teacher == null ? null : teacher.parameters();
    Long parameters = figures.parameters();
    table.add(
        title,
        shown,
        Shown.percent(taught == null ? null : (Double) (accuracy / taught), 1),
        Shown.count(parameters),
        Shown.times(
            of == null || of == 0 || parameters == null
                ? null
                : (Double) ((double) of / parameters)),
        Shown.bytes(figures.bytes()),
        CostTable.time(
            figures.millisecondsPerImage(),
            result.cost() == null ? null : result.cost().get(role)));
  }
}
