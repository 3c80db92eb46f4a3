package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.config.Words;
import io.ranbiki.data.Task;
import io.ranbiki.evaluate.Candidate;
import io.ranbiki.evaluate.Gains;
import io.ranbiki.evaluate.Limit;
import io.ranbiki.evaluate.Metric;
import io.ranbiki.evaluate.PairedAccuracy;
import io.ranbiki.evaluate.Predictions;
import io.ranbiki.evaluate.PredictionsFile;
import io.ranbiki.evaluate.TaskMetrics;
import io.ranbiki.file.Reasons;
import io.ranbiki.result.Acceptance;
import io.ranbiki.result.Cost;
import io.ranbiki.result.Figure;
import io.ranbiki.result.Gain;
import io.ranbiki.result.GoodEnough;
import io.ranbiki.result.MethodComparison;
import io.ranbiki.result.ModelFigures;
import io.ranbiki.result.Result;
import io.ranbiki.result.Scores;
import io.ranbiki.result.SeedFigures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Holds finished runs against each other by the answers that they keep; asks no model. */
public final class RunComparison {

  private static final Pattern STUDENT = Pattern.compile("student-(\\d{1,18})\\.safetensors");

  private RunComparison() {}

  /** Whether a folder keeps answers of students. */
  public static boolean isRun(Path folder) {
    return Files.isDirectory(new RunFolder(folder).evaluation());
  }

  /**
   * A run and the answers of its students, by seed.
   *
   * @param firstSeed the one whose student lies in the run's model folder
   */
  private record Run(
      Path folder,
      Map<Long, Predictions> students,
      Result result,
      ModelConfig model,
      long firstSeed) {

    Task task() {
      return model.task();
    }

    List<Long> seeds() {
      return List.copyOf(students.keySet());
    }

    List<Predictions> of(List<Long> seeds) {
      return seeds.stream().map(students::get).toList();
    }
  }

  /**
   * Compares.
   *
   * @param folders run folders, the first one being what the others are held against
   * @param margin loss of accuracy against its own teacher that is good enough for a student, 0 to
   *     1; null to judge no file
   * @throws RanbikiException of kind configuration if the runs have other classes, test sets or
   *     seeds
   */
  public static MethodComparison of(List<Path> folders, @Nullable Double margin) {
    requireDifferent(folders);
    List<Run> runs = folders.stream().map(RunComparison::open).toList();
    Run first = runs.get(0);
    Metric metric = metric(first);
    requireJudgeable(first, margin == null ? null : "--margin");
    List<Gain> gains = new ArrayList<>();
    for (Run run : runs.subList(1, runs.size())) {
      requireSameClasses(first, run);
      List<Long> seeds = run.seeds().stream().filter(first.students()::containsKey).toList();
      if (seeds.isEmpty()) {
        throw RanbikiException.configuration(
            "Run %s has the seeds %s and run %s has %s; differences are taken seed by seed, so"
                + " train both with the same.",
            first.folder(), first.seeds(), run.folder(), run.seeds());
      }
      gains.add(gain(metric, first, run, seeds));
    }
    List<Gain> judged = Gains.together(gains);
    List<MethodComparison.Method> methods = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      Run run = runs.get(i);
      methods.add(
          new MethodComparison.Method(
              run.folder().toString(),
              run.seeds(),
              Gains.figure(
                  run.students().values().stream().map(each -> value(metric, each)).toList()),
              i == 0 ? null : judged.get(i - 1),
              margin == null ? null : goodEnough(run, margin)));
    }
    return new MethodComparison(metric.name(), methods);
  }

  /** Accuracy for classes, whose intervals are known; else what decided in the run. */
  private static Metric metric(Run run) {
    Scores scores = run.result().scores();
    String decided = run.task() instanceof Task.Classes || scores == null ? "" : scores.decides();
    return TaskMetrics.deciding(
        run.task(),
        TaskMetrics.shown(run.task()).stream()
            .filter(each -> each.name().equals(decided))
            .findFirst());
  }

  private static double value(Metric metric, Predictions answers) {
    return metric.of(answers, null).orElse(Double.NaN);
  }

  private static Gain gain(Metric metric, Run first, Run run, List<Long> seeds) {
    String from = first.folder().toString();
    String to = run.folder().toString();
    return first.task() instanceof Task.Classes
        ? Gains.of(from, first.of(seeds), to, run.of(seeds))
        : Gains.of(metric, from, first.of(seeds), to, run.of(seeds));
  }

  /** What is asked for speaks of right answers, which classes alone have. */
  private static void requireJudgeable(Run run, @Nullable String asked) {
    if (asked != null && !(run.task() instanceof Task.Classes)) {
      throw RanbikiException.configuration(
          "%s judges right answers of classes, but the task of run %s is %s. Leave it out.",
          asked, run.folder(), run.task().word());
    }
  }

  private static void requireDifferent(List<Path> folders) {
    Set<Path> seen = new HashSet<>();
    for (Path folder : folders) {
      if (!seen.add(folder.toAbsolutePath().normalize())) {
        throw RanbikiException.configuration("Run %s is named twice; name every run once.", folder);
      }
    }
  }

  private static @Nullable GoodEnough goodEnough(Run run, double margin) {
    return teacher(run)
        .map(
            teacher ->
                PairedAccuracy.of(
                        teacher, Objects.requireNonNull(run.students().get(run.firstSeed())))
                    .judge("its teacher", margin))
        .orElse(null);
  }

  private static Optional<Predictions> teacher(Run run) {
    return Optional.of(new RunFolder(run.folder()).predictions(Result.TEACHER, run.firstSeed()))
        .filter(Files::exists)
        .map(PredictionsFile::read);
  }

  /**
   * Judges the student that a finished run keeps as its model, from its answers and what it was
   * measured to cost.
   *
   * @param limits one or more
   * @throws RanbikiException of kind configuration if the run has not finished, or a limit compares
   *     with a teacher that it did not have
   */
  public static Acceptance judge(Path folder, Map<Limit, Double> limits) {
    Run run = open(folder);
    Limit.requireServe(limits.keySet(), run.task());
    Optional<Predictions> teacher = teacher(run);
    limits.keySet().stream()
        .filter(limit -> limit.needsTeacher() && teacher.isEmpty())
        .findFirst()
        .ifPresent(
            limit -> {
              throw RanbikiException.configuration(
                  "%s compares with a teacher, but run %s has none; leave it out.", limit, folder);
            });
    return new Candidate(
            folder.toString(),
            run.firstSeed(),
            teacher.orElse(null),
            Objects.requireNonNull(run.students().get(run.firstSeed())),
            names(run),
            cost(run.result()))
        .judge(limits);
  }

  /** Runs of earlier versions measured less. */
  private static Cost cost(Result result) {
    Cost cost = result.cost() == null ? null : result.cost().get(Result.STUDENT);
    ModelFigures figures = Objects.requireNonNull(result.models().get(Result.STUDENT));
    return cost == null
        ? new Cost(figures.parameters(), figures.bytes(), null, null, null, List.of())
        : cost;
  }

  private static Run open(Path folder) {
    RunFolder run = new RunFolder(folder);
    Path evaluation = run.evaluation();
    Map<Long, Predictions> students = new TreeMap<>();
    if (Files.isDirectory(evaluation)) {
      try (Stream<Path> files = Files.list(evaluation)) {
        for (Path file : files.toList()) {
          Matcher name = STUDENT.matcher(file.getFileName().toString());
          if (name.matches()) {
            students.put(Long.parseLong(name.group(1)), PredictionsFile.read(file));
          }
        }
      } catch (IOException e) {
        throw new RanbikiException(
            RanbikiException.Kind.IO,
            "Cannot read " + evaluation + ": " + Reasons.naming(e) + ".",
            e);
      }
    }
    if (!Files.exists(run.result())) {
      throw RanbikiException.configuration(
          "Run %s has not finished; wait until it has, go on with it by 'ranbiki resume', or ask its"
              + " model by 'ranbiki compare' with --data.",
          folder);
    }
    if (students.isEmpty()) {
      throw RanbikiException.configuration(
          "Run %s keeps no answers, as those of early versions; ask its model by 'ranbiki compare'"
              + " with --data.",
          folder);
    }
    if (!students.values().stream().allMatch(Predictions::isAnyLabelled)) {
      throw RanbikiException.configuration(
          "No test sample of run %s has a label; there is no accuracy to compare.", folder);
    }
    Result result = ResultJson.read(run.result());
    ModelConfig model = ModelFolder.readConfig(run.model());
    long first =
        Environment.firstSeed(result, Environment.read(run.environment()))
            .orElse(students.keySet().iterator().next());
    Run opened = new Run(folder, students, result, model, first);
    requireOfResult(opened);
    return opened;
  }

  /** While a run is made longer, the answers of some seeds are newer than its result. */
  private static void requireOfResult(Run run) {
    Result result = run.result();
    Map<Long, Predictions> students = run.students();
    if (!(run.task() instanceof Task.Classes)) {
      requireOfScores(run);
      return;
    }
    Map<Long, Double> kept = new TreeMap<>();
    students.forEach((seed, answers) -> kept.put(seed, answers.accuracy()));
    Map<Long, Double> found = new TreeMap<>();
    SeedFigures figures = result.seeds();
    if (figures == null) {
      found.put(
          students.keySet().iterator().next(),
          Objects.requireNonNull(result.models().get(Result.STUDENT)).accuracy());
    } else {
      for (int i = 0; i < figures.seeds().size(); i++) {
        found.put(
            figures.seeds().get(i),
            Objects.requireNonNull(figures.accuracy().get(Result.STUDENT)).values().get(i));
      }
    }
    if (!kept.equals(found)) {
      throw notOfResult(run.folder());
    }
  }

  /** Scores do not say of which seed each of them is. */
  private static void requireOfScores(Run run) {
    Metric metric = metric(run);
    List<Double> kept =
        run.students().values().stream().map(each -> value(metric, each)).sorted().toList();
    Scores scores = run.result().scores();
    Figure found =
        scores == null
            ? null
            : scores.models().getOrDefault(Result.STUDENT, Map.of()).get(metric.name());
    if (found == null || !kept.equals(found.values().stream().sorted().toList())) {
      throw notOfResult(run.folder());
    }
  }

  static RanbikiException notOfResult(Path folder) {
    return RanbikiException.configuration(
        "The answers in run %s are not those of its result, as while it is made longer; wait until"
            + " it has finished, or go on with it by 'ranbiki resume'.",
        folder);
  }

  private static void requireSameClasses(Run first, Run other) {
    if (!first.task().word().equals(other.task().word())) {
      throw RanbikiException.configuration(
          "The task of run %s is %s, and that of run %s is %s. Compare runs of one task.",
          first.folder(), first.task().word(), other.folder(), other.task().word());
    }
    List<String> names = names(first);
    List<String> others = names(other);
    if (!names.equals(others)) {
      throw RanbikiException.configuration(
          "Run %s has the classes %s and run %s has %s; compare runs of the same classes.",
          first.folder(),
          Words.shorten(names.toString()),
          other.folder(),
          Words.shorten(others.toString()));
    }
    Predictions one = first.students().values().iterator().next();
    Predictions two = other.students().values().iterator().next();
    try {
      one.requireSameSamples(two);
    } catch (RanbikiException e) {
      throw RanbikiException.configuration(
          "Runs %s and %s were measured on different test sets; measure both on the same one by"
              + " 'ranbiki compare' with --data.",
          first.folder(), other.folder());
    }
  }

  private static List<String> names(Run run) {
    return run.model().names();
  }
}
