package io.ranbiki.report;

import io.ranbiki.report.Page.Tile;
import io.ranbiki.result.Cost;
import io.ranbiki.result.Evidence;
import io.ranbiki.result.Figure;
import io.ranbiki.result.FinishedRun;
import io.ranbiki.result.Gain;
import io.ranbiki.result.HeldOut;
import io.ranbiki.result.ModelFigures;
import io.ranbiki.result.Origin;
import io.ranbiki.result.Quality;
import io.ranbiki.result.Result;
import io.ranbiki.result.Scores;
import io.ranbiki.result.SeedFigures;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The report of one run. */
final class RunReport {

  private static final int MOST_NAMED = 10;

  private final FinishedRun run;
  private final Result result;
  private final Roles roles;
  private final @Nullable ModelFigures student;
  private final @Nullable ModelFigures teacher;

  private RunReport(FinishedRun run) {
    this.run = run;
    result = run.result();
    roles = new Roles(result);
    student = result.models().get(Result.STUDENT);
    teacher = result.models().get(Result.TEACHER);
  }

  static Page of(FinishedRun run) {
    return new RunReport(run).page();
  }

  private Page page() {
    List<Section> sections =
        Stream.of(
                Optional.of(AcceptanceSection.of(result, roles)),
                Optional.of(ModelsSection.of(result, roles)),
                ScoresSection.of(result, roles),
                DoubtSection.of(result, roles),
                GainSection.of(result, roles),
                WorseSection.of(run, roles),
                Optional.of(CostSection.of(result, roles)),
                CalibrationSection.of(run, roles),
                CurvesSection.of(run, roles),
                OriginSection.of(run))
            .flatMap(Optional::stream)
            .toList();
    return new Page(
        teacher == null ? "Training report" : "Distillation report",
        result.name(),
        setting(),
        cautions(),
        verdict(),
        tiles(),
        sections,
        foot(run));
  }

  static String foot(FinishedRun run) {
    Origin origin = run.origin();
    String version = origin == null ? null : origin.facts().get("Ranbiki");
    return "Ranbiki" + (version == null ? "" : " " + version);
  }

  private String setting() {
    List<String> parts = new ArrayList<>();
    Evidence evidence = result.evidence();
    Quality quality = evidence == null ? null : evidence.models().get(Result.STUDENT);
    if (quality != null) {
      parts.add(Words.count(quality.samples()) + " test samples");
    }
    if (!run.classes().isEmpty()) {
      Scores scores = result.scores();
      int answers = run.classes().size();
      String of = scores == null ? "classes" : scores.task();
      parts.add(Words.count(answers) + " " + (answers == 1 ? of.replaceFirst("e?s$", "") : of));
    }
    SeedFigures seeds = result.seeds();
    if (seeds != null) {
      parts.add(seeds(seeds.seeds()));
    }
    return String.join(" · ", parts);
  }

  private static String seeds(List<Long> seeds) {
    if (seeds.size() > MOST_NAMED) {
      return seeds.size() + " seeds";
    }
    String named = String.join(", ", seeds.stream().map(Object::toString).toList());
    return (seeds.size() == 1 ? "seed " : "seeds ") + named;
  }

  private List<String> cautions() {
    Evidence evidence = result.evidence();
    return Stream.ofNullable(evidence == null ? null : evidence.seenByTeacher())
        .flatMap(seen -> seen.sentence().stream())
        .toList();
  }

  /**
   * What the approver must know, acceptance last because it is what the next section begins with.
   */
  private String verdict() {
    Double accuracy = student == null ? null : student.accuracy();
    if (result.scores() != null && (accuracy == null || !Measure.of(result).isAccuracy())) {
      String compared = compared(result.scores());
      return result.verdict() == null ? compared : compared + " " + result.verdict();
    }
    if (accuracy == null) {
      return "No test sample has a label, so " + roles.student() + " was not judged.";
    }
    Double retention = result.retention();
    String said;
    if (retention == null) {
      said = "The model has " + Words.percent(accuracy) + " of the test samples right.";
    } else {
      Double compression = result.compression();
      boolean smaller = compression != null && compression > 1.05;
      said =
          Words.format(
              "The student %s %.1f\u00a0%% of its teacher’s accuracy%s.",
              retention > 1 ? "reaches" : "keeps",
              100 * retention,
              smaller
                  ? " and is " + Words.times(compression).replace("×", " times") + " smaller"
                  : "");
    }
    return result.acceptance() == null
        ? said
        : said + " " + AcceptanceSection.sentence(result.acceptance());
  }

  private static String compared(Scores scores) {
    Measure measure = new Measure(scores.decides());
    Map<String, Figure> said = scores.of(scores.decides());
    Figure own = said.get(Result.STUDENT);
    Figure taught = said.get(Result.TEACHER);
    return own == null || taught == null
        ? "The models are compared by " + scores.decides() + "."
        : Words.format(
            "The student has a %s of %s, its teacher of %s; %s is better.",
            scores.decides(),
            measure.value(own.mean()),
            measure.value(taught.mean()),
            scores.largerIsBetter() ? "more" : "less");
  }

  private List<Tile> tiles() {
    List<Tile> tiles = new ArrayList<>();
    if (student == null) {
      return tiles;
    }
    score().ifPresent(tiles::add);
    if (student.accuracy() != null) {
      Double taught = teacher == null ? null : teacher.accuracy();
      tiles.add(
          new Tile(
              "Right answers",
              Words.percent(student.accuracy()),
              taught == null ? "" : "teacher " + Words.percent(taught)));
    }
    gain().ifPresent(gain -> tiles.add(tile(gain)));
    if (student.parameters() != null) {
      tiles.add(
          new Tile(
              "Parameters",
              Words.count(student.parameters()),
              teacher == null || teacher.parameters() == null
                  ? ""
                  : "teacher " + Words.count(teacher.parameters())));
    }
    tiles.add(time());
    return tiles;
  }

  /** By the metric of a task without right answers. */
  private Optional<Tile> score() {
    Scores scores = result.scores();
    if (scores == null || result.evidence() != null) {
      return Optional.empty();
    }
    Measure measure = new Measure(scores.decides());
    Map<String, Figure> own = scores.models().getOrDefault(Result.STUDENT, Map.of());
    Map<String, Figure> taught = scores.models().getOrDefault(Result.TEACHER, Map.of());
    Figure figure = own.get(measure.metric());
    Figure of = taught.get(measure.metric());
    return figure == null
        ? Optional.empty()
        : Optional.of(
            new Tile(
                measure.title(),
                measure.value(figure.mean()),
                of == null ? "" : "teacher " + measure.value(of.mean())));
  }

  private Optional<Gain> gain() {
    Evidence evidence = result.evidence();
    Scores scores = result.scores();
    List<Gain> gains =
        evidence != null ? evidence.gains() : scores == null ? List.of() : scores.gains();
    return gains.stream()
        .filter(g -> g.from().equals(Result.SCRATCH) && g.to().equals(Result.STUDENT))
        .findFirst();
  }

  private Tile tile(Gain gain) {
    Measure measure =
        result.evidence() == null ? Measure.of(result) : new Measure(HeldOut.ACCURACY);
    return new Tile(
        "Gain over labels alone",
        measure.difference(gain.seeds().mean()) + " " + measure.unit(),
        gain.seeds().low() == null
            ? "one seed: chance is not excluded"
            : measure.difference(gain.seeds().low(), gain.seeds().high())
                + " over "
                + gain.seeds().values().size()
                + " seeds");
  }

  private Tile time() {
    Optional<Cost.Latency> own = latency(Result.STUDENT);
    if (own.isPresent()) {
      Optional<Cost.Latency> taught = latency(Result.TEACHER);
      boolean busy = Stream.of(own, taught).flatMap(Optional::stream).anyMatch(Cost.Latency::busy);
      return new Tile(
          "One answer takes",
          Words.milliseconds(own.get().p50()),
          Stream.of(
                  taught.map(time -> "teacher " + Words.milliseconds(time.p50())),
                  busy ? Optional.of("the machine was busy") : Optional.<String>empty())
              .flatMap(Optional::stream)
              .collect(Collectors.joining("; ")));
    }
    return new Tile(
        "Weights",
        Words.bytes(Objects.requireNonNull(student).bytes()),
        teacher == null ? "" : "teacher " + Words.bytes(teacher.bytes()));
  }

  private Optional<Cost.Latency> latency(String role) {
    Map<String, Cost> cost = result.cost();
    return Optional.ofNullable(cost == null ? null : cost.get(role)).flatMap(Cost::deployment);
  }
}
