package io.ranbiki.run;

import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Task;
import io.ranbiki.evaluate.Candidate;
import io.ranbiki.evaluate.Evaluation;
import io.ranbiki.evaluate.Gains;
import io.ranbiki.evaluate.Metric;
import io.ranbiki.evaluate.Metrics;
import io.ranbiki.evaluate.NearestNeighbour;
import io.ranbiki.evaluate.Predictions;
import io.ranbiki.evaluate.PredictionsFile;
import io.ranbiki.evaluate.TaskMetrics;
import io.ranbiki.model.Model;
import io.ranbiki.result.Acceptance;
import io.ranbiki.result.Changes;
import io.ranbiki.result.Cost;
import io.ranbiki.result.Disagreement;
import io.ranbiki.result.EpochRecord;
import io.ranbiki.result.Evidence;
import io.ranbiki.result.Figure;
import io.ranbiki.result.Gain;
import io.ranbiki.result.HeldOut;
import io.ranbiki.result.ModelFigures;
import io.ranbiki.result.Quality;
import io.ranbiki.result.Result;
import io.ranbiki.result.Scores;
import io.ranbiki.result.SeedFigures;
import io.ranbiki.result.SeenByTeacher;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the models of a run are worth: each is asked once for every test sample, its answers are
 * kept in the run folder, and all figures are made from them.
 */
final class Findings {

  private final RunConfig config;
  private final RunData data;
  private final RunFolder folder;
  private final Loader test;

  /** Figures by role, of the first seed. */
  private final Map<String, ModelFigures> models = new LinkedHashMap<>();

  /** Answers by role, seed by seed. */
  private final Map<String, List<Predictions>> answers = new LinkedHashMap<>();

  /** Answers after the last epoch by role, seed by seed, where epochs are judged. */
  private final Map<String, List<Predictions>> last = new LinkedHashMap<>();

  /** Answers of the first seed's models to labelled samples held out, by role. */
  private final Map<String, Predictions> heldOut = new LinkedHashMap<>();

  /** Accuracies, seed by seed, of whoever else was trained on the way. */
  private final Map<String, List<Double>> others = new LinkedHashMap<>();

  private @Nullable SeenByTeacher seenByTeacher;

  /** What vectors are to be like; null for other tasks. */
  private @Nullable Predictions wanted;

  Findings(RunConfig config, RunData data, RunFolder folder) {
    this.config = config;
    this.data = data;
    this.folder = folder;
    test = data.evaluationLoader(data.test());
    RunFolder.makeFolder(folder.evaluation());
  }

  /** Batches of the test samples. */
  Loader test() {
    return test;
  }

  /** The teacher is asked once; its answers lie beside those of the arms of every seed. */
  void addTeacher(AskedTeacher teacher, SeenByTeacher seen) {
    seenByTeacher = seen;
    Optional<Predictions> tested = teacher.tested(test);
    if (tested.isEmpty()) {
      return; // nothing can be said of it
    }
    Predictions predictions = tested.get();
    if (data.task() instanceof Task.Embedding) {
      wanted = predictions;
      predictions = judged(predictions, teacher::heldOut);
    }
    Predictions kept = predictions;
    config.seeds().forEach(seed -> keep(Result.TEACHER, seed, kept));
    Model ours = teacher.model();
    models.put(
        Result.TEACHER,
        ours != null
            ? figures(ours, predictions.accuracy())
            : new ModelFigures(
                known(predictions.accuracy()),
                teacher.parameterCount(),
                teacher.byteCount(),
                null));
  }

  /** Asks a model after its last epoch, where the one that is kept may be another. */
  void addLast(String role, long seed, Model model) {
    Predictions predictions = answers(model);
    PredictionsFile.write(folder.predictions(role + "-last", seed), predictions);
    last.computeIfAbsent(role, any -> new ArrayList<>()).add(predictions);
  }

  /**
   * Asks a model of a seed; the seeds come in their order.
   *
   * @param judge of its epochs
   */
  void add(String role, long seed, Model model, Optional<Judge> judge) {
    Predictions predictions = answers(model);
    keep(role, seed, predictions);
    if (judge.isPresent()) {
      Predictions held = judge.get().answers(model);
      addHeldOut(role, seed, held);
      if (held.isAnyLabelled()) {
        heldOut.putIfAbsent(role, held);
      }
    }
    models.computeIfAbsent(role, any -> figures(model, predictions.accuracy()));
  }

  private Predictions answers(Model model) {
    return judged(Evaluation.of(model, test), training -> Evaluation.of(model, training));
  }

  /**
   * Vectors beside those that they are to be like, and their neighbours if classes are known; other
   * answers as they are.
   *
   * @param asked gives vectors of training samples
   */
  private Predictions judged(Predictions vectors, Function<Loader, Predictions> asked) {
    Predictions teacher = wanted;
    if (teacher == null) {
      return vectors;
    }
    int[] neighbours =
        data.neighbours()
            .map(
                training ->
                    NearestNeighbour.look(
                        vectors,
                        EmbeddingSamples.classesOf(data.test()),
                        asked.apply(data.evaluationLoader(training)),
                        EmbeddingSamples.classesOf(training)))
            .orElse(new int[0]);
    return vectors.against(teacher, neighbours);
  }

  /** Keeps answers to the samples held out. */
  void addHeldOut(String role, long seed, Predictions answers) {
    PredictionsFile.write(folder.predictions(role + "-validation", seed), answers);
  }

  private void keep(String role, long seed, Predictions predictions) {
    PredictionsFile.write(folder.predictions(role, seed), predictions);
    answers.computeIfAbsent(role, any -> new ArrayList<>()).add(predictions);
  }

  /** Figures of a model that was trained on the way. */
  void addOther(String role, ModelFigures figures) {
    models.putIfAbsent(role, figures);
    Double accuracy = figures.accuracy();
    if (accuracy != null) {
      others.computeIfAbsent(role, any -> new ArrayList<>()).add(accuracy);
    }
  }

  /** The card of the student of a seed, which was added before. */
  ModelCard card(long seed, ModelConfig model) {
    Predictions student =
        Objects.requireNonNull(answers.get(Result.STUDENT)).get(config.seeds().indexOf(seed));
    return new ModelCard(
        config,
        Stage.STUDENT,
        seed,
        data.split(seed).train().size(),
        data.test().fingerprint(),
        model,
        Objects.requireNonNull(models.get(Result.STUDENT)),
        quality(data, student, first(Result.TEACHER)),
        scores(config, data, student, first(Result.TEACHER)),
        models.get(Result.TEACHER),
        seenByTeacher);
  }

  static ModelFigures figures(Model model, double accuracy) {
    return new ModelFigures(known(accuracy), model.parameterCount(), model.byteCount(), null);
  }

  /** Null where the samples or the task do not tell. */
  static @Nullable Double known(double figure) {
    return Double.isNaN(figure) ? null : (Double) figure;
  }

  /** How good answers of classes are; null without labels, or for another task. */
  static @Nullable Quality quality(RunData data, Predictions model, @Nullable Predictions teacher) {
    return data.task() instanceof Task.Classes && model.isAnyLabelled()
        ? Metrics.of(model, teacher, null)
        : null;
  }

  /** What every metric of the task says of a model; empty without labels. */
  static Map<String, Double> scores(
      RunConfig config, RunData data, Predictions model, @Nullable Predictions teacher) {
    Map<String, Double> scores = new LinkedHashMap<>();
    if (model.isAnyLabelled()) {
      for (Metric metric : metrics(config, data)) {
        metric.of(model, teacher).ifPresent(value -> scores.put(metric.name(), value));
      }
    }
    return scores;
  }

  /** Those that the task shows, the one that decides first. */
  private static List<Metric> metrics(RunConfig config, RunData data) {
    Metric decides = Judge.metric(config, data);
    List<Metric> shown = new ArrayList<>(TaskMetrics.shown(data.task()));
    shown.removeIf(metric -> metric.name().equals(decides.name()));
    shown.add(0, decides);
    return shown;
  }

  /**
   * All that was found.
   *
   * @param history epochs of the first seed's student
   * @param costs by role, what was measured once all was trained
   */
  Result result(double seconds, List<EpochRecord> history, Map<String, Cost> costs) {
    boolean several = config.seeds().size() > 1 || answers.containsKey(Result.SCRATCH);
    boolean labelled = Objects.requireNonNull(answers.get(Result.STUDENT)).get(0).isAnyLabelled();
    boolean classes = labelled && data.task() instanceof Task.Classes;
    return Result.of(
            config.name(),
            config.isDistillation() ? "distill" : "train",
            seconds,
            timed(costs),
            history,
            several && classes ? seedFigures() : null,
            classes ? evidence() : null)
        .with(costs, acceptance(costs))
        .with(labelled ? scores() : null);
  }

  /**
   * Every metric that the task shows, of every arm and seed; the teacher answers all seeds alike.
   */
  private Scores scores() {
    List<Metric> shown = metrics(config, data);
    Metric decides = shown.get(0);
    Predictions teacher = first(Result.TEACHER);
    Map<String, Map<String, Figure>> models = new LinkedHashMap<>();
    answers.forEach(
        (role, each) -> {
          boolean teaches = role.equals(Result.TEACHER);
          Map<String, Figure> figures = new LinkedHashMap<>();
          for (Metric metric : shown) {
            List<Double> values =
                (teaches ? each.subList(0, 1) : each)
                    .stream()
                        .map(model -> metric.of(model, teaches ? null : teacher))
                        .flatMap(found -> found.stream().boxed())
                        .toList();
            if (values.size() == (teaches ? 1 : each.size())) {
              figures.put(metric.name(), Gains.figure(values));
            }
          }
          models.put(role, figures);
        });
    return new Scores(
        data.task().word(),
        decides.name(),
        decides.isLargerBetter(),
        models,
        decides.name().equals(HeldOut.ACCURACY) && data.task() instanceof Task.Classes
            ? List.of()
            : gains(decides, models));
  }

  private List<Predictions> of(String role) {
    return Objects.requireNonNull(answers.get(role));
  }

  private List<Gain> gains(Metric metric, Map<String, Map<String, Figure>> models) {
    List<Gain> gains = new ArrayList<>();
    for (String[] pair :
        List.of(
            new String[] {Result.SCRATCH, Result.DECISIONS},
            new String[] {Result.DECISIONS, Result.STUDENT},
            new String[] {Result.SCRATCH, Result.STUDENT},
            new String[] {Result.UNTRAINED, Result.STUDENT})) {
      boolean both =
          Stream.of(pair)
              .allMatch(role -> models.getOrDefault(role, Map.of()).containsKey(metric.name()));
      if (both) {
        gains.add(Gains.of(metric, pair[0], of(pair[0]), pair[1], of(pair[1])));
      }
    }
    return gains;
  }

  private Map<String, ModelFigures> timed(Map<String, Cost> costs) {
    Map<String, ModelFigures> timed = new LinkedHashMap<>(models);
    costs.forEach(
        (role, cost) ->
            cost.deployment()
                .ifPresent(
                    call ->
                        timed.computeIfPresent(
                            role,
                            (any, figures) ->
                                new ModelFigures(
                                    figures.accuracy(),
                                    figures.parameters(),
                                    figures.bytes(),
                                    call.p50()))));
    return timed;
  }

  /** The student that leaves the run as its model is judged: that of the first seed. */
  private @Nullable Acceptance acceptance(Map<String, Cost> costs) {
    return config.accept().isEmpty()
        ? null
        : new Candidate(
                Result.STUDENT,
                config.seeds().get(0),
                first(Result.TEACHER),
                Objects.requireNonNull(answers.get(Result.STUDENT)).get(0),
                data.classNames(),
                Objects.requireNonNull(costs.get(Result.STUDENT)))
            .judge(config.accept());
  }

  private SeedFigures seedFigures() {
    Map<String, Figure> accuracy = new LinkedHashMap<>();
    answers.forEach(
        (role, each) -> {
          if (!role.equals(Result.TEACHER)) {
            accuracy.put(role, Gains.figure(each.stream().map(Predictions::accuracy).toList()));
          }
        });
    others.forEach((role, each) -> accuracy.put(role, Gains.figure(each)));
    List<Double> student =
        Objects.requireNonNull(answers.get(Result.STUDENT)).stream()
            .map(Predictions::accuracy)
            .toList();
    ModelFigures teacher = models.get(Result.TEACHER);
    Double best = teacher == null ? null : teacher.accuracy();
    return new SeedFigures(
        config.seeds(),
        accuracy,
        best == null || best == 0
            ? null
            : Gains.figure(student.stream().map(own -> own / best).toList()),
        gain(answers, Result.SCRATCH, Result.STUDENT).map(Gain::seeds).orElse(null));
  }

  private static Optional<Gain> gain(
      Map<String, List<Predictions>> answers, String from, String to) {
    return answers.containsKey(from) && answers.containsKey(to)
        ? Optional.of(Gains.of(from, answers.get(from), to, answers.get(to)))
        : Optional.empty();
  }

  private static List<Gain> gains(Map<String, List<Predictions>> answers) {
    return Stream.of(
            gain(answers, Result.SCRATCH, Result.DECISIONS),
            gain(answers, Result.DECISIONS, Result.STUDENT),
            gain(answers, Result.SCRATCH, Result.STUDENT))
        .flatMap(Optional::stream)
        .toList();
  }

  private Evidence evidence() {
    Map<String, Quality> quality = new LinkedHashMap<>();
    Predictions teacher = first(Result.TEACHER);
    answers.forEach(
        (role, each) ->
            quality.put(
                role,
                Metrics.of(
                    each.get(0), role.equals(Result.TEACHER) ? null : teacher, heldOut.get(role))));
    List<Changes> changes = new ArrayList<>();
    for (String from : List.of(Result.TEACHER, Result.SCRATCH, Result.DECISIONS)) {
      Predictions before = first(from);
      if (before != null) {
        changes.add(
            Metrics.between(
                from,
                before,
                Result.STUDENT,
                Objects.requireNonNull(answers.get(Result.STUDENT)).get(0),
                data.classNames()));
      }
    }
    List<Disagreement> disagreements =
        teacher == null
            ? List.of()
            : Disagreements.of(
                teacher,
                Objects.requireNonNull(answers.get(Result.STUDENT)).get(0),
                data.test(),
                folder.evaluation());
    return new Evidence(
        quality,
        gains(answers),
        gains(last),
        changes,
        disagreements,
        seenByTeacher,
        Judge.describe(config, data).orElse(null));
  }

  private @Nullable Predictions first(String role) {
    return answers.containsKey(role) ? answers.get(role).get(0) : null;
  }
}
