package io.ranbiki.report;

import io.ranbiki.report.Part.Cell;
import io.ranbiki.result.Evidence;
import io.ranbiki.result.Figure;
import io.ranbiki.result.ModelFigures;
import io.ranbiki.result.Quality;
import io.ranbiki.result.Result;
import io.ranbiki.result.Scores;
import io.ranbiki.result.SeedFigures;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The models beside each other. */
final class ModelsSection {

  private ModelsSection() {}

  static Section of(Result result, Roles roles) {
    Evidence evidence = result.evidence();
    Scores scores = result.scores();
    if (evidence == null && scores != null) {
      return ofScores(result, scores, roles);
    }
    Map<String, Quality> quality = evidence == null ? Map.of() : evidence.models();
    SeedFigures seeds = result.seeds();
    int seedCount = seeds == null ? 1 : seeds.seeds().size();
    ModelFigures teacher = result.models().get(Result.TEACHER);
    boolean topFive = quality.values().stream().anyMatch(one -> one.topFive() != null);
    List<String> columns = new ArrayList<>(List.of("Model", "Right answers"));
    if (seedCount > 1) {
      columns.add("Mean of " + seedCount + " seeds");
    }
    if (teacher != null) {
      columns.addAll(List.of("Of the teacher’s", "Same answer as teacher"));
    }
    if (topFive) {
      columns.add("Among its five likeliest");
    }
    columns.addAll(List.of("Parameters", "Weights"));
    List<List<Cell>> rows = new ArrayList<>();
    result
        .models()
        .forEach(
            (role, figures) -> {
              Quality own = quality.get(role);
              List<Cell> row = new ArrayList<>();
              row.add(roles.cell(role));
              row.add(
                  Cell.of(
                      Words.percent(figures.accuracy()),
                      own == null ? "" : Words.percent(own.accuracy())));
              if (seedCount > 1) {
                row.add(mean(seeds == null ? null : seeds.accuracy().get(role)));
              }
              if (teacher != null) {
                row.add(Cell.of(Words.percent(ratio(figures.accuracy(), teacher.accuracy()))));
                row.add(Cell.of(Words.percent(own == null ? null : own.agreement())));
              }
              if (topFive) {
                row.add(Cell.of(Words.percent(own == null ? null : own.topFive())));
              }
              row.add(Cell.of(Words.count(figures.parameters()), smaller(figures, teacher)));
              row.add(Cell.of(Words.bytes(figures.bytes())));
              rows.add(row);
            });
    List<Part> parts = new ArrayList<>();
    parts.add(new Part.Table("Models", Part.columns(columns.toArray(String[]::new)), rows));
    if (!quality.isEmpty()) {
      parts.add(new Part.Paragraph(note(seedCount), false));
    }
    List<Chart> figures = new ArrayList<>();
    if (quality.size() > 1) {
      figures.add(accuracies(quality, roles));
      sizes(result, quality, roles).ifPresent(figures::add);
    }
    if (!figures.isEmpty()) {
      parts.add(new Part.Charts(figures));
    }
    return new Section(
        "models",
        "The models",
        "How often each model is right on test samples that it never saw, and how large it is.",
        parts);
  }

  /** Of a task without right answers. */
  private static Section ofScores(Result result, Scores scores, Roles roles) {
    Measure measure = new Measure(scores.decides());
    ModelFigures teacher = result.models().get(Result.TEACHER);
    List<String> metrics = ScoresSection.metrics(scores);
    List<String> columns = new ArrayList<>(List.of("Model"));
    columns.addAll(metrics);
    columns.addAll(List.of("Parameters", "Weights"));
    List<List<Cell>> rows = new ArrayList<>();
    List<RowChart.Row> charted = new ArrayList<>();
    result
        .models()
        .forEach(
            (role, figures) -> {
              Map<String, Figure> own = scores.models().getOrDefault(role, Map.of());
              List<Cell> row = new ArrayList<>(List.of(roles.cell(role)));
              metrics.forEach(name -> row.add(ScoresSection.cell(own.get(name))));
              row.add(Cell.of(Words.count(figures.parameters()), smaller(figures, teacher)));
              row.add(Cell.of(Words.bytes(figures.bytes())));
              rows.add(row);
              Figure decides = own.get(measure.metric());
              if (decides != null) {
                charted.add(
                    new RowChart.Row(
                        roles.title(role),
                        roles.colour(role),
                        decides.mean(),
                        decides.low(),
                        decides.high(),
                        null,
                        null,
                        measure.value(decides.mean())));
              }
            });
    List<Part> parts = new ArrayList<>();
    parts.add(new Part.Table("Models", Part.columns(columns.toArray(String[]::new)), rows));
    if (charted.size() > 1) {
      parts.add(
          new Part.Charts(
              List.of(
                  RowChart.intervals(
                      "figure-" + measure.metric(),
                      measure.title() + " of every model",
                      "Broad: the 95\u00a0% interval of the mean over seeds, where there are several.",
                      measure.axis(),
                      measure::tick,
                      null,
                      charted))));
    }
    return new Section(
        "models",
        "The models",
        "What the metrics of the task say on test samples that no model saw, the mean over seeds"
            + " where there are several, and how large each model is. "
            + ScoresSection.decides(scores),
        parts);
  }

  private static String note(int seeds) {
    String intervals =
        "Below a share is its 95\u00a0% interval: other test samples of the same kind would move it within"
            + " that.";
    return seeds > 1
        ? intervals
            + " The models are those of the first seed; the mean over seeds says what training again"
            + " gives."
        : intervals;
  }

  private static Cell mean(@Nullable Figure figure) {
    return figure == null
        ? Cell.of(Words.UNKNOWN)
        : Cell.of(Words.percent(figure.mean()), Words.percent(figure.low(), figure.high()));
  }

  private static @Nullable Double ratio(@Nullable Double part, @Nullable Double whole) {
    return part == null || whole == null || whole == 0 ? null : (Double) (part / whole);
  }

  private static String smaller(ModelFigures figures, @Nullable ModelFigures teacher) {
    Long own = figures.parameters();
    Long of = teacher == null ? null : teacher.parameters();
    return own == null || of == null || own == 0 || own.equals(of)
        ? ""
        : own < of
            ? Words.times((double) of / own) + " smaller"
            : Words.times((double) own / of) + " larger";
  }

  private static Chart accuracies(Map<String, Quality> quality, Roles roles) {
    List<RowChart.Row> rows = new ArrayList<>();
    quality.forEach(
        (role, own) ->
            rows.add(
                RowChart.Row.of(
                    roles.title(role),
                    roles.colour(role),
                    own.accuracy().value(),
                    own.accuracy().low(),
                    own.accuracy().high(),
                    Words.percent(own.accuracy().value()))));
    return RowChart.intervals(
        "figure-accuracy",
        "Right answers of every model",
        "Lines are 95\u00a0% intervals for other test samples.",
        "right answers",
        Words::tickPercent,
        null,
        rows);
  }

  private static Optional<Chart> sizes(Result result, Map<String, Quality> quality, Roles roles) {
    List<XyChart.Series> series = new ArrayList<>();
    quality.forEach(
        (role, own) -> {
          ModelFigures figures = result.models().get(role);
          Long parameters = figures == null ? null : figures.parameters();
          boolean shown = role.equals(Result.TEACHER) || role.equals(Result.STUDENT);
          if (shown && parameters != null && parameters > 0) {
            series.add(
                new XyChart.Series(
                    roles.title(role),
                    roles.colour(role),
                    List.of(
                        new XyChart.Point(
                            parameters,
                            own.accuracy().value(),
                            own.accuracy().low(),
                            own.accuracy().high(),
                            roles.title(role)))));
          }
        });
    return series.size() < 2
        ? Optional.empty()
        : Optional.of(
            XyChart.points(
                "figure-size",
                "Right answers against size",
                "Every step to the left is a smaller model.",
                new XyChart.Axis("parameters", Words::tickCount),
                new XyChart.Axis("right answers", Words::tickPercent),
                series));
  }
}
