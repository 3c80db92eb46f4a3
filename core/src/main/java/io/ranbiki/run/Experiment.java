package io.ranbiki.run;

import io.ranbiki.Memory;
import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.LabelsSeen;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Task;
import io.ranbiki.evaluate.Costs;
import io.ranbiki.evaluate.Deployed;
import io.ranbiki.evaluate.Finding;
import io.ranbiki.evaluate.Latency;
import io.ranbiki.evaluate.Limit;
import io.ranbiki.file.Identity;
import io.ranbiki.file.Sha256;
import io.ranbiki.model.Model;
import io.ranbiki.objective.TaskFit;
import io.ranbiki.result.Cost;
import io.ranbiki.result.EpochRecord;
import io.ranbiki.result.Result;
import io.ranbiki.result.SeenByTeacher;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.tensor.Engine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Carries out a run: for every seed a student, and beside it the arms that it is compared with;
 * evaluates them on the test set and writes the run folder.
 */
public final class Experiment {

  private RunConfig config; // until the data are known, a number or two may be open
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
    return runAll(List.of(this), resumption).get(0);
  }

  /**
   * Carries out several runs, of which the trainings that do not depend on each other are carried
   * out as if they were those of one.
   *
   * @param runs with the same threads, each in a folder of its own
   * @return their results in their order
   */
  static List<Result> runAll(List<Experiment> runs, Resumption resumption) {
    return Memory.watch(
        RanbikiException.Kind.CONFIGURATION,
        "training",
        "Use a smaller batch (train.batch), a smaller network, or fewer or smaller samples",
        () -> open(runs, resumption, List.of()));
  }

  /**
   * Checks all that is checked before the first training, and writes nothing.
   *
   * @param resumption in what a run that was begun may go on differently
   * @return what {@link #run(Resumption)} would do
   * @throws RanbikiException as {@link #run()} does before it trains
   */
  public DryRun check(Resumption resumption) {
    return checked(
        resumption, true, (teacher, data, beginning) -> DryRun.of(config, folder, data, teacher));
  }

  /** A run of which everything was checked that can be before training. */
  private record Opened(
      Experiment run, @Nullable AskedTeacher teacher, RunData data, Findings findings, long start) {

    List<Trainings.Training> trainings() {
      return Trainings.of(run.config, data, teacher, findings.test(), run.folder);
    }
  }

  private static List<Result> open(
      List<Experiment> runs, Resumption resumption, List<Opened> opened) {
    if (opened.size() == runs.size()) {
      return opened.isEmpty() ? List.of() : carriedOut(opened);
    }
    Experiment next = runs.get(opened.size());
    long start = System.nanoTime();
    try (RunFolder.Held held = next.folder.lock()) {
      return next.checked(
          resumption,
          false,
          (teacher, data, beginning) -> {
            if (teacher != null) {
              next.requireStores(teacher, data);
            }
            beginning.write();
            data.lookUpVectors(
                next.config.seeds(),
                new AnswerStores(
                    "encoder", next.folder.answers(), data.readers(), next.listener, next.stop));
            List<Opened> all = new ArrayList<>(opened);
            all.add(new Opened(next, teacher, data, next.begun(teacher, data), start));
            return open(runs, resumption, all);
          });
    }
  }

  private static List<Result> carriedOut(List<Opened> runs) {
    Experiment first = runs.get(0).run();
    boolean beside = first.config.train().sideBySide() > 1;
    if (beside) {
      trainSideBySide(first, runs);
    }
    return runs.stream().map(each -> each.run().measured(each, beside)).toList();
  }

  private static void trainSideBySide(Experiment first, List<Opened> runs) {
    List<Trainings.Training> trainings = new ArrayList<>();
    try {
      for (Opened each : runs) {
        if (each.teacher() != null) {
          each.teacher().share(each.run().config.objective());
        }
        List<Trainings.Training> own = new ArrayList<>(each.trainings());
        if (runs.size() > 1) {
          own.set(
              0,
              own.get(0).after("These trainings are those of " + each.run().folder.path() + "."));
        }
        trainings.addAll(own);
      }
      Trainings.carryOut(trainings, first.config.train(), first.listener, first.stop);
    } finally {
      runs.stream().map(Opened::teacher).filter(Objects::nonNull).forEach(AskedTeacher::unshare);
    }
  }

  /** What is done once everything was found sound. */
  @FunctionalInterface
  private interface Work<T> {
    T with(@Nullable AskedTeacher teacher, RunData data, Beginning beginning);
  }

  private <T> T checked(Resumption resumption, boolean dry, Work<T> work) {
    try (Engine.Loading loading = Engine.startMeanwhile();
        RunData data = RunData.open(config)) {
      settle(data);
      Beginning beginning = Beginning.of(config, folder, provenance(data), resumption);
      beginning.notes().forEach(listener::note);
      TrainingMemory.require(config, data);
      Engine.setThreads(config.train().threads());
      requireFits(config, data);
      data.facts().forEach(listener::note);
      data.notes(config.seeds()).forEach(listener::note);
      TeacherLabels.notKept(data.source()).ifPresent(listener::note);
      Judge.require(config, data);
      if (config.teacher().isEmpty()) {
        SanityCheck.of(config, data, null, listener);
        return work.with(null, data, beginning);
      }
      Optional<CrossFit> crossFit = CrossFit.of(config, data);
      if (crossFit.isPresent()) {
        crossFit.get().tryStep();
        if (dry) {
          return work.with(null, data, beginning); // its teachers are not there yet
        }
        beginning.write();
      }
      try (AskedTeacher teacher =
          crossFit.isPresent()
              ? crossFit.get().train(folder, listener, stop)
              : AskedTeacher.open(config.teacher().get(), data, folder.answers(), listener, stop)) {
        requireAnswers(config, data, teacher);
        if (config.doctor()) {
          List<Finding> findings = Diagnosis.of(config, data, teacher, stop);
          listener.examined(findings);
          Diagnosis.requireSound(findings);
        }
        SanityCheck.of(config, data, teacher, listener);
        return work.with(teacher, data, beginning);
      }
    }
  }

  /**
   * Refuses samples without the answer that they need, limits against a teacher that has none to
   * the test, and terms on tokens where teacher and student read others.
   */
  static void requireAnswers(RunConfig config, RunData data, AskedTeacher teacher) {
    Dataset samples = data.trainedOn(config.seeds());
    teacher.requireAnswers(samples);
    SameTokens.require(config.objective(), teacher.prepare(), data.prepare(), samples);
    data.agreedOn(config.seeds()).ifPresent(teacher::requireAnswers);
    config.accept().keySet().stream()
        .filter(limit -> limit.needsTeacher() && !teacher.answersTest())
        .findFirst()
        .ifPresent(
            limit -> {
              throw RanbikiException.configuration(
                  "'accept.%s' compares with the teacher, but the file of its answers has none to"
                      + " the test. Name one under 'teacher.test', or leave the limit out.",
                  limit);
            });
  }

  /** Refuses terms and metrics that the task of the data gives no meaning. */
  static void requireFits(RunConfig config, RunData data) {
    TaskFit.require(config.objective(), data.task());
    config.compare().own().ifPresent(own -> TaskFit.require(own.objective(), data.task()));
    Judge.metric(config, data);
    Limit.requireServe(config.accept().keySet(), data.task());
  }

  /** Chooses how many trainings are carried out at the same time, if that is left to the run. */
  private void settle(RunData data) {
    if (config.train().sideBySide() == TrainConfig.AUTO) {
      config = config.withSideBySide(Trainings.worthwhile(List.of(config), data));
    }
  }

  private void requireStores(AskedTeacher teacher, RunData data) {
    teacher.requireStores(
        teacher.usesStored(config.objective()),
        config.objective(),
        data.trainedOn(config.seeds()),
        data.agreedOn(config.seeds()),
        data.viewCount(config.train().options().epochs()));
  }

  private Provenance provenance(RunData data) {
    Map<String, String> hashes = new LinkedHashMap<>();
    hashes.put("data", data.fingerprint());
    hashes.put("test", data.test().fingerprint());
    data.prepare()
        .tokenize()
        .ifPresent(
            step -> hashes.put("tokenizer", new Sha256().add(step.tokenizer().json()).hex()));
    hashes.put("class-names", Identity.of(String.join("\n", data.classNames()), List.of()));
    Optional<CrossFitConfig> crossFit = config.teacher().flatMap(TeacherConfig::crossFit);
    if (crossFit.isEmpty()) {
      config.teacher().ifPresent(teacher -> hashes.put("teacher", AskedTeacher.hash(teacher)));
    }
    List<Path> weights =
        Stream.of(
                Stream.of(config.student()),
                config.strategy().networks().stream(),
                crossFit.map(CrossFitConfig::model).stream())
            .flatMap(networks -> networks)
            .flatMap(network -> network.weightFiles().stream())
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

  private Findings begun(@Nullable AskedTeacher teacher, RunData data) {
    Judge.note(config, data).ifPresent(listener::note);
    Findings findings = new Findings(config, data, folder);
    if (teacher != null) {
      findings.addTeacher(teacher, seenBy(teacher, data));
    }
    return findings;
  }

  /**
   * Trains what is not trained yet, measures all, and writes the result.
   *
   * @param trained whether all trainings have been heard already
   */
  private Result measured(Opened opened, boolean trained) {
    AskedTeacher teacher = opened.teacher();
    RunData data = opened.data();
    Findings findings = opened.findings();
    List<EpochRecord> history = null;
    for (long seed : config.seeds()) {
      List<EpochRecord> epochs = oneSeed(seed, teacher, data, findings, trained);
      history = history == null ? epochs : history;
    }
    data.readingNotes().forEach(listener::note);
    Map<String, Cost> costs = costs(teacher);
    double seconds = (System.nanoTime() - opened.start()) / 1e9;
    Result result = findings.result(seconds, Objects.requireNonNull(history), costs);
    ResultJson.write(folder.result(), result);
    return result;
  }

  /** Teacher and student side by side, once nothing else computes here. */
  private Map<String, Cost> costs(@Nullable AskedTeacher teacher) {
    try (ModelFolder.Loaded student = ModelFolder.read(folder.model());
        Teacher live = teacher == null || teacher.isGiven() ? null : teacher.live(List.of())) {
      Map<String, Deployed> models = new LinkedHashMap<>();
      if (teacher != null && live != null) {
        models.put(Result.TEACHER, teacher.deployed(live));
      }
      models.put(Result.STUDENT, Deployed.of(student));
      return costs(models);
    }
  }

  /** A teacher that cannot be asked about one sample alone must not cost the run its result. */
  private Map<String, Cost> costs(Map<String, Deployed> models) {
    LongSupplier clock = System::nanoTime;
    if (config.latency()) {
      try {
        return Costs.of(models, List.of(Costs.Setting.SERVICE), Latency.Protocol.SHORT, clock);
      } catch (RanbikiException e) {
        listener.note("No time was measured, since a model failed: " + e.getMessage());
      }
    }
    return Costs.of(models, List.of(), Latency.Protocol.SHORT, clock);
  }

  /** Says already before training what the result will begin with. */
  private SeenByTeacher seenBy(AskedTeacher teacher, RunData data) {
    SeenByTeacher seen = TeacherLabels.count(teacher, data, config.seeds());
    TeacherLabels.notes(teacher.labelsSeen(), seen).forEach(listener::note);
    return seen;
  }

  private List<EpochRecord> oneSeed(
      long seed, @Nullable AskedTeacher teacher, RunData data, Findings findings, boolean trained) {
    LabelsSeen seen = TeacherLabels.ofStudent(config, data, seed, teacher);
    Optional<Judge> judge = Judge.of(data.split(seed), data, Judge.metric(config, data), teacher);
    judge
        .flatMap(Judge::teacher)
        .ifPresent(answers -> findings.addHeldOut(Result.TEACHER, seed, answers));
    RunListener heard = trained ? RunListener.NONE : listener; // all was said already
    Arms arms = new Arms(config, data, seen, findings.test(), folder, heard, stop, seed, judge);
    if (config.compare().scratch()) {
      try (Model model = arms.labelsAlone()) {
        measureScratch(seed, model, arms, findings);
      }
    }
    if (config.compare().decisions() && teacher != null) {
      try (Model model = arms.decisionsAlone(teacher)) {
        measure(Result.DECISIONS, seed, model, arms, findings);
      }
    }
    if (data.task() instanceof Task.Embedding) { // no labels and no decisions teach vectors
      try (Model model = Networks.initial(config.student(), data, seed)) {
        findings.add(Result.UNTRAINED, seed, model, Optional.empty());
      }
    }
    try (Model model = Networks.initial(config.student(), data, seed)) {
      List<EpochRecord> history = arms.train(model, teacher);
      arms.others().forEach(findings::addOther);
      measure(Result.STUDENT, seed, model, arms, findings);
      keep(model, seed, seen, data, findings);
      return history;
    }
  }

  /** Labels alone at equal steps, and at their best by whichever recipe did better. */
  private void measureScratch(long seed, Model model, Arms arms, Findings findings) {
    if (config.compare().own().isEmpty()) {
      measure(Result.SCRATCH, seed, model, arms, findings);
      return;
    }
    try (Model own = arms.labelsAlone(config.compare().own().get())) {
      findings.addLast(Result.SCRATCH, seed, model);
      boolean better = arms.best(Arms.OWN) > arms.best(Result.SCRATCH);
      Model chosen = better ? own : model;
      arms.takeBest(better ? Arms.OWN : Result.SCRATCH, chosen);
      listener.note(
          String.format(
              Locale.ROOT,
              "Labels alone of seed %d did better by %s on the samples held out.",
              seed,
              better ? "the recipe of their own" : "the run's recipe"));
      findings.add(Result.SCRATCH, seed, chosen, arms.judge());
    }
  }

  /** At equal steps, and then at its best if epochs are judged. */
  private void measure(String role, long seed, Model model, Arms arms, Findings findings) {
    if (arms.keepsBest()) {
      findings.addLast(role, seed, model);
      arms.takeBest(role, model);
    }
    findings.add(role, seed, model, arms.judge());
  }

  /** The first seed's student is the run's model; the others lie among the stages. */
  private void keep(Model model, long seed, LabelsSeen seen, RunData data, Findings findings) {
    boolean first = seed == config.seeds().get(0);
    ModelConfig kept = config.described(model.spec(), data);
    ModelFolder.write(
        first ? folder.model() : folder.stage(Result.STUDENT, seed),
        model,
        kept,
        seen,
        findings.card(seed, kept).text());
  }
}
