package io.ranbiki.run;

import io.ranbiki.artifact.LabelsSeen;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.data.Loader;
import io.ranbiki.evaluate.Evaluation;
import io.ranbiki.evaluate.Predictions;
import io.ranbiki.model.Model;
import io.ranbiki.objective.Objective;
import io.ranbiki.result.EpochRecord;
import io.ranbiki.result.ModelFigures;
import io.ranbiki.result.Result;
import io.ranbiki.strategy.BornAgain;
import io.ranbiki.strategy.MutualLearning;
import io.ranbiki.strategy.OfflineDistillation;
import io.ranbiki.strategy.OnlineDistillation;
import io.ranbiki.strategy.SelfDistillation;
import io.ranbiki.teacher.Combine;
import io.ranbiki.teacher.EnsembleTeacher;
import io.ranbiki.teacher.ModelTeacher;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.train.TrainOptions;
import io.ranbiki.train.Watch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What one seed of a run goes through until its student is trained: one stage or several, as the
 * strategy says. Each stage goes on from its newest checkpoint; a finished one is only read again.
 */
final class Arms {

  /** The training from labels alone by a recipe of its own. */
  static final String OWN = "scratch-own";

  /** The role of several models that answer together. */
  private static final String TOGETHER = "ensemble";

  private final RunConfig config;
  private final RunData data;
  private final LabelsSeen labelsSeen;
  private final Loader test;
  private final RunFolder folder;
  private final RunListener listener;
  private final BooleanSupplier stop;
  private final long seed;
  private final RunData.Split split;
  private final Optional<Judge> judge;

  /** Who else was trained, in order. */
  private final Map<String, ModelFigures> others = new LinkedHashMap<>();

  Arms(
      RunConfig config,
      RunData data,
      LabelsSeen labelsSeen,
      Loader test,
      RunFolder folder,
      RunListener listener,
      BooleanSupplier stop,
      long seed,
      Optional<Judge> judge) {
    this.config = config;
    this.data = data;
    this.labelsSeen = labelsSeen;
    this.test = test;
    this.folder = folder;
    this.listener = listener;
    this.stop = stop;
    this.seed = seed;
    this.judge = judge;
    split = data.split(seed);
  }

  /** Who judges the epochs; empty if nothing is held out. */
  Optional<Judge> judge() {
    return judge;
  }

  /** Whether a network is kept as it was after its best epoch. */
  boolean keepsBest() {
    return judge.isPresent() && config.train().keepsBest();
  }

  /** A student from labels alone, with the student's initial weights; the caller closes it. */
  Model labelsAlone() {
    return trained(
        Networks.initial(config.student(), data, seed),
        model -> fitLabelsAlone("scratch", model, config.objective().labelsAlone(data.task())));
  }

  /** A student from labels alone by a recipe of its own; the caller closes it. */
  Model labelsAlone(CompareConfig.OwnRecipe own) {
    return trained(
        Networks.initial(config.student(), data, seed),
        model ->
            new Stage(
                    OWN,
                    model,
                    seed,
                    config.train().with(own.options(), own.batch()),
                    judge,
                    folder,
                    listener,
                    stop)
                .run(
                    (loader, watch) ->
                        new OfflineDistillation(own.objective(), own.options(), seed)
                            .fit(model, null, loader, watch),
                    data.ownLoader(split, own.batch(), seed, own.augmentations())));
  }

  /** The score on the samples held out after the best epoch of a training that is done. */
  double best(String stage) {
    return new BestEpoch(Stage.checkpoints(folder, stage, seed)).reached();
  }

  /**
   * A student from the teacher's bare decisions, with the student's initial weights; the caller
   * closes it.
   */
  Model decisionsAlone(AskedTeacher teacher) {
    Objective decisions = config.objective().decisionsAlone().orElseThrow();
    return trained(
        Networks.initial(config.student(), data, seed),
        model -> taught(Result.DECISIONS, model, teacher, decisions));
  }

  /** Fits a model and hands it on, or closes it if that fails. */
  static Model trained(Model model, Consumer<Model> fit) {
    try {
      fit.accept(model);
      return model;
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  private List<EpochRecord> fitLabelsAlone(String name, Model model, Objective objective) {
    return stage(name, model)
        .run(
            (loader, watch) ->
                new OfflineDistillation(objective, options(), seed).fit(model, null, loader, watch),
            data.labelsAloneLoader(split, config.train().batch(), seed));
  }

  /**
   * Trains the student.
   *
   * @param student with its initial weights; trained in place
   * @param teacher who was there before; null if nobody was
   * @return what every epoch did
   */
  List<EpochRecord> train(Model student, @Nullable AskedTeacher teacher) {
    StrategyConfig strategy = config.strategy();
    if (strategy instanceof StrategyConfig.Self self) {
      SelfDistillation past = self.distillation(config.objective(), options(), seed);
      return together(student, (loader, watch) -> past.fit(student, loader, watch));
    }
    if (strategy instanceof StrategyConfig.Mutual mutual) {
      MutualLearning learning = mutual.learning(config.objective(), options(), seed);
      return peers(student, mutual.others(), learning::fit);
    }
    if (strategy instanceof StrategyConfig.Online online) {
      OnlineDistillation distillation = online.distillation(config.objective(), options(), seed);
      return peers(student, online.others(), distillation::fit);
    }
    if (strategy instanceof StrategyConfig.Generations generations) {
      return generations(student, generations);
    }
    if (strategy instanceof StrategyConfig.Progressive progressive && teacher != null) {
      return progressive(student, teacher, progressive.assistants());
    }
    return teacher == null
        ? fitLabelsAlone("model", student, config.objective())
        : taught(Stage.STUDENT, student, teacher);
  }

  /** Whoever was trained beside the student, in order, by role. */
  Map<String, ModelFigures> others() {
    return others;
  }

  private List<EpochRecord> taught(String name, Model model, AskedTeacher teacher) {
    return taught(name, model, teacher, config.objective());
  }

  private List<EpochRecord> taught(
      String name, Model model, AskedTeacher teacher, Objective objective) {
    int views = data.viewCount(options().epochs());
    // Always what the run's objective asks, so that every arm reads the same stored answers.
    try (Teacher asked = teacher.ask(config.objective(), split.train(), data, views)) {
      return stage(name, model)
          .run(
              (loader, watch) ->
                  new OfflineDistillation(objective, options(), seed)
                      .fit(model, asked, loader, watch),
              teacher.usesStored(config.objective())
                  ? trainLoader()
                  : trainLoader().also(teacher.prepare()));
    }
  }

  private List<EpochRecord> together(Model student, Stage.Training training) {
    return stage(Stage.STUDENT, student).run(training, trainLoader());
  }

  private Loader trainLoader() {
    return data.trainLoader(split, config.train().batch(), seed);
  }

  /** A way in which several networks train together. */
  @FunctionalInterface
  private interface Cohort {
    void fit(List<Model> peers, Loader loader, Watch watch);
  }

  private List<EpochRecord> peers(Model student, List<ModelChoice> choices, Cohort cohort) {
    List<Model> peers = new ArrayList<>(List.of(student));
    try {
      for (ModelChoice choice : choices) {
        peers.add(Networks.initial(choice, data, seedOf(seed, peers.size())));
      }
      List<EpochRecord> history =
          together(student, (loader, watch) -> cohort.fit(peers, loader, watch));
      for (int i = 1; i < peers.size(); i++) {
        keep(Stage.PEER + (i + 1), peers.get(i));
      }
      others.put(TOGETHER, together(peers));
      return history;
    } finally {
      peers.subList(1, peers.size()).forEach(Model::close);
    }
  }

  private List<EpochRecord> generations(Model student, StrategyConfig.Generations strategy) {
    List<Model> before = new ArrayList<>();
    List<Path> folders = new ArrayList<>();
    try {
      // The first generation is what the run compares with, so that it is trained only once.
      before.add(labelsAlone());
      folders.add(keep("generation-1", Result.SCRATCH, before.get(0)));
      for (int generation = 2; generation < strategy.generations(); generation++) {
        Model next = Model.create(student.spec(), seedOf(seed, generation));
        before.add(next);
        String name = "generation-" + generation;
        taughtBy(ancestors(folders, strategy), name, next);
        folders.add(keep(name, name, next));
      }
      List<EpochRecord> history = taughtBy(ancestors(folders, strategy), Stage.STUDENT, student);
      try (Model last = student.copy(0)) {
        if (keepsBest()) {
          restore(Stage.STUDENT, last);
        }
        List<Model> all = new ArrayList<>(before);
        all.add(last);
        others.put(TOGETHER, together(all));
      }
      return history;
    } finally {
      before.forEach(Model::close);
    }
  }

  private static List<Path> ancestors(List<Path> folders, StrategyConfig.Generations strategy) {
    return strategy.ancestors() == BornAgain.Ancestors.ALL
        ? folders
        : folders.subList(folders.size() - 1, folders.size());
  }

  private List<EpochRecord> progressive(
      Model student, AskedTeacher teacher, List<ModelChoice> assistants) {
    Path above = null;
    for (int i = 1; i <= assistants.size(); i++) {
      String name = "assistant-" + i;
      try (Model assistant = Networks.initial(assistants.get(i - 1), data, seedOf(seed, i))) {
        if (above == null) {
          taught(name, assistant, teacher);
        } else {
          taughtBy(List.of(above), name, assistant);
        }
        above = keep(name, name, assistant);
      }
    }
    return above == null
        ? taught(Stage.STUDENT, student, teacher)
        : taughtBy(List.of(above), Stage.STUDENT, student);
  }

  private List<EpochRecord> taughtBy(List<Path> folders, String name, Model model) {
    TeacherConfig teacher = config.teacher().orElse(TeacherConfig.PLAIN).of(folders);
    try (AskedTeacher asked = AskedTeacher.open(teacher, data, folder.answers(), listener, stop)) {
      return taught(name, model, asked);
    }
  }

  /**
   * Takes a model that was trained on the way and will teach, at its best.
   *
   * @param stage in which it was trained
   */
  private Path keep(String role, String stage, Model model) {
    if (keepsBest()) {
      restore(stage, model);
    }
    return keep(role, model);
  }

  /** Writes a model that was trained on the way, and what it is worth. */
  private Path keep(String role, Model model) {
    Predictions predictions = Evaluation.of(model, test);
    ModelFigures figures = Findings.figures(model, predictions.accuracy());
    others.put(role, figures);
    Path kept = folder.stage(role, seed);
    ModelConfig described = config.described(model.spec(), data);
    ModelCard card =
        new ModelCard(
            config,
            role,
            seed,
            split.train().size(),
            data.test().fingerprint(),
            described,
            figures,
            Findings.quality(data, predictions, null),
            Findings.scores(config, data, predictions, null),
            null,
            null);
    ModelFolder.write(kept, model, described, labelsSeen, card.text());
    return kept;
  }

  private ModelFigures together(List<Model> models) {
    List<ModelTeacher> members =
        models.stream().map(model -> new ModelTeacher(model, List.of())).toList();
    try (Teacher ensemble = EnsembleTeacher.ofEqual(members, new Combine.Logits())) {
      return new ModelFigures(
          Findings.known(Evaluation.of(ensemble, test).accuracy()),
          models.stream().mapToLong(Model::parameterCount).sum(),
          models.stream().mapToLong(Model::byteCount).sum(),
          null);
    }
  }

  /**
   * Gives a network that was just trained the weights of its best epoch.
   *
   * @param role of the network
   */
  void takeBest(String role, Model model) {
    restore(role.equals(Result.STUDENT) && !config.isDistillation() ? "model" : role, model);
  }

  private void restore(String stage, Model model) {
    new BestEpoch(Stage.checkpoints(folder, stage, seed)).restore(model);
  }

  private Stage stage(String name, Model model) {
    return new Stage(name, model, seed, config.train(), judge, folder, listener, stop);
  }

  private TrainOptions options() {
    return config.train().options();
  }

  /** The seed of the initial weights of a network other than the student. */
  static long seedOf(long seed, int number) {
    return new SplittableRandom(1_000_003 * seed + number).nextLong(1L << 31);
  }
}
