package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.LabelsSeen;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.config.Words;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Splits;
import io.ranbiki.data.Subset;
import io.ranbiki.evaluate.Evaluation;
import io.ranbiki.evaluate.Predictions;
import io.ranbiki.model.Model;
import io.ranbiki.strategy.OfflineDistillation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Teachers that a run trains itself, each on the labelled samples of all folds but one, so that
 * every labelled sample can be answered by one that has not seen its label. They are trained once
 * for all seeds, which therefore share their split.
 */
final class CrossFit {

  /** What the names of their trainings and folders begin with; a number follows, from 1. */
  static final String STAGE = "cross-fit-";

  private final RunConfig config;
  private final CrossFitConfig teachers;
  private final RunData data;
  private final SeedSplit split;
  private final long seed;
  private final int[] fold;

  private CrossFit(RunConfig config, CrossFitConfig teachers, RunData data) {
    this.config = config;
    this.teachers = teachers;
    this.data = data;
    seed = config.seeds().get(0);
    split = data.split(seed);
    requireEnough();
    fold = Splits.folds(split.labelled(), teachers.folds(), seed);
  }

  /**
   * The teachers that a run asks for; empty if it is given some.
   *
   * @throws RanbikiException of kind configuration if there are too few labelled samples
   */
  static Optional<CrossFit> of(RunConfig config, RunData data) {
    return config
        .teacher()
        .flatMap(TeacherConfig::crossFit)
        .map(teachers -> new CrossFit(config, teachers, data));
  }

  private void requireEnough() {
    ClassCounts counts = ClassCounts.of(split.labelled());
    if (teachers.folds() > counts.total()) {
      throw RanbikiException.configuration(
          "'teacher.cross-fit' is %d, but only %d training samples have a label; take fewer folds.",
          teachers.folds(), counts.total());
    }
    List<String> single = counts.fewerThan(2);
    if (!single.isEmpty()) {
      throw RanbikiException.configuration(
          "'teacher.cross-fit' leaves a teacher without any sample of %s, %s one labelled training"
              + " sample alone; add samples, or give a teacher that was trained on other data.",
          Words.classes(single), single.size() == 1 ? "which has" : "which have");
    }
  }

  /** The labelled samples that a teacher is trained on, or those that it is not. */
  private Dataset part(int teacher, boolean trained) {
    return Subset.of(
        split.labelled(),
        IntStream.range(0, fold.length).filter(i -> (fold[i] != teacher) == trained).toArray());
  }

  private Loader loader(int teacher) {
    SeedSplit without =
        new SeedSplit(split.train(), part(teacher, true), split.validation(), split.agreement());
    CompareConfig.OwnRecipe recipe = teachers.recipe();
    return data.ownLoader(without, recipe.batch(), seed, recipe.augmentations());
  }

  private Model initial(int teacher) {
    return Networks.initial(teachers.model(), data, Arms.seedOf(seed, 1_000 + teacher));
  }

  private OfflineDistillation training() {
    return new OfflineDistillation(
        teachers.recipe().objective(), teachers.recipe().options(), seed);
  }

  /** Meets mistakes before any training. */
  void tryStep() {
    try (Model model = initial(0)) {
      training().tryStep(model, null, loader(0));
    }
  }

  /** Trains the teachers, or reads them again, and opens them as one; the caller closes it. */
  AskedTeacher train(RunFolder folder, RunListener listener, BooleanSupplier stop) {
    boolean beside = config.train().sideBySide() > 1;
    if (beside) {
      List<Trainings.Training> trainings =
          IntStream.range(0, teachers.folds()).mapToObj(t -> training(t, folder)).toList();
      Trainings.carryOut(trainings, config.train(), listener, stop);
    }
    RunListener heard = beside ? RunListener.NONE : listener; // all was said already
    List<Path> folders = new ArrayList<>();
    List<Set<Long>> unseen = new ArrayList<>();
    for (int teacher = 0; teacher < teachers.folds(); teacher++) {
      folders.add(train(teacher, folder, heard, stop));
      Dataset left = part(teacher, false);
      unseen.add(
          IntStream.range(0, left.size())
              .mapToObj(left::id)
              .collect(Collectors.toUnmodifiableSet()));
    }
    TeacherConfig together = config.teacher().orElseThrow().of(folders);
    return AskedTeacher.open(together, unseen, data, folder.answers(), listener, stop);
  }

  private Trainings.Training training(int teacher, RunFolder folder) {
    return Trainings.Training.of(
        folder,
        STAGE + (teacher + 1),
        seed,
        lane -> {
          try (Model model = initial(teacher)) {
            fit(teacher, model, lane.folder(), lane.listener(), lane.stop());
          }
        });
  }

  private void fit(
      int teacher, Model model, RunFolder folder, RunListener listener, BooleanSupplier stop) {
    TrainConfig train = config.train().with(teachers.recipe().options(), teachers.recipe().batch());
    new Stage(STAGE + (teacher + 1), model, seed, train, judge(), folder, listener, stop)
        .run((loader, watch) -> training().fit(model, null, loader, watch), loader(teacher));
  }

  /** By accuracy alone: there is nobody yet to agree with. */
  private Optional<Judge> judge() {
    return Judge.of(split, data, Judge.metric(config, data), null);
  }

  private Path train(int teacher, RunFolder folder, RunListener listener, BooleanSupplier stop) {
    String name = STAGE + (teacher + 1);
    try (Model model = initial(teacher)) {
      fit(teacher, model, folder, listener, stop);
      if (judge().isPresent() && config.train().keepsBest()) {
        new BestEpoch(Stage.checkpoints(folder, name, seed)).restore(model);
      }
      return keep(name, teacher, model, folder);
    }
  }

  private Path keep(String name, int teacher, Model model, RunFolder folder) {
    Predictions predictions = Evaluation.of(model, data.evaluationLoader(data.test()));
    ModelConfig described = config.described(model.spec(), data);
    Dataset seen = part(teacher, true);
    ModelCard card =
        new ModelCard(
            config,
            name,
            seed,
            seen.size(),
            data.test().fingerprint(),
            described,
            Findings.figures(model, predictions.accuracy()),
            Findings.quality(data, predictions, null),
            Findings.scores(config, data, predictions, null),
            null,
            null);
    Path kept = folder.stage(name, seed);
    LabelsSeen labels =
        TeacherLabels.trainedOn(seen, data).and(TeacherLabels.ofWeights(teachers.model()));
    ModelFolder.write(kept, model, described, labels, card.text());
    return kept;
  }
}
