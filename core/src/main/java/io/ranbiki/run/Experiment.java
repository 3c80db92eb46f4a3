package io.ranbiki.run;

import io.ranbiki.Memory;
import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.Identity;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.data.Loader;
import io.ranbiki.evaluate.ConfidenceInterval;
import io.ranbiki.evaluate.Evaluation;
import io.ranbiki.evaluate.Finding;
import io.ranbiki.evaluate.Latency;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.result.EpochRecord;
import io.ranbiki.result.Figure;
import io.ranbiki.result.ModelFigures;
import io.ranbiki.result.Result;
import io.ranbiki.result.SeedFigures;
import io.ranbiki.tensor.Engine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Carries out a run: for every seed a student, and beside it a student from labels alone if that
 * was asked for; evaluates them on the test set and writes the run folder.
 */
public final class Experiment {

  private final RunConfig config;
  private final RunFolder folder;
  private final RunListener listener;
  private final BooleanSupplier stop;
  private final List<String> command;

  /**
   * Prepares a run.
   *
   * @param folder where everything is written
   * @param command the command line, for the record
   * @param listener hears of every stage
   * @param stop asked after every step: whether to save and stop
   */
  public Experiment(
      RunConfig config,
      RunFolder folder,
      List<String> command,
      RunListener listener,
      BooleanSupplier stop) {
    this.config = config;
    this.command = List.copyOf(command);
    this.folder = folder;
    this.listener = listener;
    this.stop = stop;
  }

  /** Accuracies by role, and the history, of one seed. */
  private record Outcome(long seed, Map<String, Double> accuracy, List<EpochRecord> history) {}

  /**
   * Does the work; a run that was begun in the folder goes on as it began.
   *
   * @throws RanbikiException if another process works in the folder, if data, teacher or objective
   *     do not fit each other or are not those that the run began with, or if training diverges
   * @throws io.ranbiki.train.Interrupted if it was asked to stop; a checkpoint was saved
   */
  public Result run() {
    return run(Resumption.SAME);
  }

  /**
   * Does the work as {@link #run()}.
   *
   * @param resumption in what a run that was begun may go on differently
   */
  public Result run(Resumption resumption) {
    return Memory.watch(
        RanbikiException.Kind.CONFIGURATION,
        "training",
        "Use a smaller batch (train.batch), a smaller network, or fewer or smaller samples",
        () -> carriedOut(resumption));
  }

  private Result carriedOut(Resumption resumption) {
    long start = System.nanoTime();
    try (RunFolder.Held held = folder.lock();
        Engine.Loading loading = Engine.startMeanwhile();
        RunData data = RunData.open(config.data())) {
      Beginning beginning = Beginning.of(config, folder, provenance(data), resumption);
      beginning.notes().forEach(listener::note);
      TrainingMemory.require(config, data);
      Engine.setThreads(config.train().threads());
      data.notes(config.seeds()).forEach(listener::note);
      if (config.teacher().isEmpty()) {
        Rehearsal.of(config, data, null, listener);
        beginning.write();
        return run(null, data, start);
      }
      try (AskedTeacher teacher =
          AskedTeacher.open(config.teacher().get(), data, folder.answers(), listener, stop)) {
        if (config.doctor()) {
          List<Finding> findings = Examination.of(config, data, teacher, stop);
          listener.examined(findings);
          Examination.requireSound(findings);
        }
        Rehearsal.of(config, data, teacher, listener);
        requireStores(teacher, data);
        beginning.write();
        return run(teacher, data, start);
      }
    }
  }

  private void requireStores(AskedTeacher teacher, RunData data) {
    teacher.requireStores(
        teacher.usesStored(config.objective()),
        config.objective(),
        data.trainedOn(config.seeds()),
        data,
        data.viewCount(config.train().options().epochs()));
  }

  /** A network for the samples and classes of a run. */
  static ModelSpec spec(ModelChoice choice, RunData data) {
    return new ModelSpec(choice.architecture(), data.shape(), data.classes(), choice.options());
  }

  private Provenance provenance(RunData data) {
    Map<String, String> hashes = new LinkedHashMap<>();
    hashes.put("data", data.fingerprint());
    hashes.put("test", data.test().fingerprint());
    hashes.put("class-names", Identity.of(String.join("\n", data.classNames()), List.of()));
    config.teacher().ifPresent(teacher -> hashes.put("teacher", AskedTeacher.hash(teacher)));
    List<Path> weights =
        Stream.concat(Stream.of(config.student()), config.strategy().networks().stream())
            .flatMap(network -> network.weights().stream())
            .toList();
    if (!weights.isEmpty()) {
      hashes.put("initial-weights", Identity.of("initial-weights", weights));
    }
    return Provenance.collect(
            config.train().threads(),
            config.seeds().get(0),
            command,
            hashes,
            Map.of("libtorch", Engine.version()))
        .of(config.resolved());
  }

  private Result run(@Nullable AskedTeacher teacher, RunData data, long start) {
    Map<String, ModelFigures> models = new LinkedHashMap<>();
    Loader test = data.evaluationLoader(data.test());
    if (teacher != null) {
      models.put(Result.TEACHER, figures(teacher, data, test));
    }
    List<Outcome> outcomes = new ArrayList<>();
    for (long seed : config.seeds()) {
      outcomes.add(oneSeed(seed, teacher, data, test, models));
    }
    data.readingNotes().forEach(listener::note);
    double seconds = (System.nanoTime() - start) / 1e9;
    Result result =
        Result.of(
            config.name(),
            config.isDistillation() ? "distill" : "train",
            seconds,
            models,
            outcomes.get(0).history());
    if (outcomes.size() > 1 || outcomes.get(0).accuracy().containsKey(Result.SCRATCH)) {
      result = result.withSeeds(seedFigures(models.get(Result.TEACHER), outcomes));
    }
    ResultJson.write(folder.result(), result);
    return result;
  }

  private Outcome oneSeed(
      long seed,
      @Nullable AskedTeacher teacher,
      RunData data,
      Loader test,
      Map<String, ModelFigures> models) {
    Course course = new Course(config, data, test, folder, listener, stop, seed);
    Map<String, Double> accuracy = new LinkedHashMap<>();
    if (config.compareScratch()) {
      try (Model model = course.labelsAlone()) {
        double right = accuracy(model, test);
        accuracy.put(Result.SCRATCH, right);
        models.computeIfAbsent(Result.SCRATCH, role -> figures(model, right));
      }
    }
    try (Model model = initial(config.student(), data, seed)) {
      List<EpochRecord> history = course.train(model, teacher);
      course
          .others()
          .forEach(
              (role, other) -> {
                models.putIfAbsent(role, other);
                accuracy.put(role, Objects.requireNonNull(other.accuracy()));
              });
      double right = accuracy(model, test);
      accuracy.put(Result.STUDENT, right);
      if (!models.containsKey(Result.STUDENT)) {
        models.put(Result.STUDENT, figures(model, right));
        ModelConfig kept = new ModelConfig(model.spec(), data.normalization(), data.classNames());
        ModelFolder.write(folder.model(), model, kept, ModelCard.text(config, kept, models, right));
      }
      return new Outcome(seed, accuracy, history);
    }
  }

  /** A network before training. */
  static Model initial(ModelChoice choice, RunData data, long seed) {
    ModelSpec spec = spec(choice, data);
    return choice.weights().isPresent()
        ? ModelFolder.read(choice.weights().get(), spec)
        : Model.create(spec, seed);
  }

  static double accuracy(Model model, Loader loader) {
    return Evaluation.of(model, loader).accuracy();
  }

  static ModelFigures figures(Model model, double accuracy) {
    return new ModelFigures(
        accuracy, model.parameterCount(), model.byteCount(), Latency.milliseconds(model));
  }

  private static ModelFigures figures(AskedTeacher teacher, RunData data, Loader test) {
    double accuracy = teacher.tested(data, test).accuracy();
    Model ours = teacher.model();
    if (ours != null) {
      return figures(ours, accuracy);
    }
    return new ModelFigures(accuracy, teacher.parameterCount(), teacher.byteCount(), null);
  }

  private static SeedFigures seedFigures(@Nullable ModelFigures teacher, List<Outcome> outcomes) {
    Map<String, Figure> accuracy = new LinkedHashMap<>();
    for (String role : outcomes.get(0).accuracy().keySet()) {
      accuracy.put(role, figure(outcomes, outcome -> outcome.accuracy().get(role)));
    }
    Function<Outcome, Double> student = outcome -> outcome.accuracy().get(Result.STUDENT);
    return new SeedFigures(
        outcomes.stream().map(Outcome::seed).toList(),
        accuracy,
        teacher == null || teacher.accuracy() == null
            ? null
            : figure(outcomes, o -> student.apply(o) / teacher.accuracy()),
        accuracy.containsKey(Result.SCRATCH)
            ? figure(outcomes, o -> student.apply(o) - o.accuracy().get(Result.SCRATCH))
            : null);
  }

  private static Figure figure(List<Outcome> outcomes, Function<Outcome, Double> of) {
    List<Double> values = outcomes.stream().map(of).toList();
    ConfidenceInterval interval = ConfidenceInterval.of(values);
    return values.size() == 1
        ? new Figure(interval.mean(), null, null, values)
        : new Figure(interval.mean(), interval.low(), interval.high(), values);
  }
}
