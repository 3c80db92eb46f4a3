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
import io.ranbiki.strategy.OfflineDistillation;
import io.ranbiki.teacher.Combine;
import io.ranbiki.teacher.EnsembleTeacher;
import io.ranbiki.teacher.ModelTeacher;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.train.TrainOptions;
import io.ranbiki.train.Watch;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
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
  private final SeedSplit split;
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
    return config.strategy().train(new Help(teacher), student);
  }

  /** Whoever was trained beside the student, in order, by role. */
  Map<String, ModelFigures> others() {
    return others;
  }

  private List<EpochRecord> taught(
      String name, Model model, AskedTeacher teacher, Objective objective) {
    int views = data.viewCount(options().epochs());
    // Always what the run's objective asks, so that every arm reads the same stored answers.
    try (Teacher asked = teacher.ask(config.objective(), split.train(), views)) {
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

  private Loader trainLoader() {
    return data.trainLoader(split, config.train().batch(), seed);
  }

  private List<EpochRecord> taughtBy(List<Path> folders, String name, Model model) {
    TeacherConfig teacher =
        config
            .teacher()
            .map(first -> first.of(folders))
            .orElseGet(() -> TeacherConfig.ofFolders(folders));
    try (AskedTeacher asked = AskedTeacher.open(teacher, data, folder.answers(), listener, stop)) {
      return taught(name, model, asked, config.objective());
    }
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

  /** What a strategy asks for. */
  private final class Help implements StrategyConfig.Training {

    private final @Nullable AskedTeacher teacher;

    Help(@Nullable AskedTeacher teacher) {
      this.teacher = teacher;
    }

    @Override
    public Objective objective() {
      return config.objective();
    }

    @Override
    public TrainOptions options() {
      return Arms.this.options();
    }

    @Override
    public long seed() {
      return seed;
    }

    @Override
    public boolean hasTeacher() {
      return teacher != null;
    }

    @Override
    public Model initial(ModelChoice choice, int number) {
      return Networks.initial(choice, data, seedOf(seed, number));
    }

    @Override
    public Model like(Model model, int number) {
      return Model.create(model.spec(), seedOf(seed, number));
    }

    @Override
    public Model labelsAlone() {
      return Arms.this.labelsAlone();
    }

    @Override
    public List<EpochRecord> fromLabels(String name, Model model) {
      return fitLabelsAlone(name, model, objective());
    }

    @Override
    public List<EpochRecord> taught(String name, Model model) {
      return Arms.this.taught(name, model, Objects.requireNonNull(teacher), objective());
    }

    @Override
    public List<EpochRecord> taughtBy(List<Path> folders, String name, Model model) {
      return Arms.this.taughtBy(folders, name, model);
    }

    @Override
    public List<EpochRecord> fit(Model student, BiConsumer<Loader, Watch> training) {
      return stage(Stage.STUDENT, student).run(training::accept, trainLoader());
    }

    @Override
    public Path keep(String role, Model model) {
      return Arms.this.keep(role, model);
    }

    @Override
    public Path keepBest(String role, String stage, Model model) {
      if (keepsBest()) {
        restore(stage, model);
      }
      return keep(role, model);
    }

    @Override
    public Model best(Model student) {
      return trained(
          student.copy(0),
          copy -> {
            if (keepsBest()) {
              restore(Stage.STUDENT, copy);
            }
          });
    }

    @Override
    public void judgeTogether(List<Model> models) {
      others.put(TOGETHER, together(models));
    }
  }
}
