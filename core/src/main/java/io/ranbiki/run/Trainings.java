package io.ranbiki.run;

import io.ranbiki.artifact.LabelsSeen;
import io.ranbiki.data.Loader;
import io.ranbiki.model.Model;
import io.ranbiki.result.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The trainings of runs that do not depend on each other: the arms of every seed, where the
 * strategy builds on none of them; else all that a seed goes through, in its order. The runs
 * afterwards find them done, as they do when they go on.
 *
 * <p>Their metrics come into the run's file in their order once all have ended; meanwhile they
 * stand beside their checkpoints, where they outlive the process.
 */
final class Trainings {

  /** Bytes of a step up to which several steps at the same time keep the cores busier than one. */
  private static final double SMALL_STEP = 1 << 26;

  private Trainings() {}

  /** Where a training writes, who hears it, and when it is to stop. */
  record Lane(RunFolder folder, RunListener listener, BooleanSupplier stop) {}

  /**
   * One training of a run, or several that follow one another.
   *
   * @param folder of the run
   * @param name beside whose checkpoints its metrics stand meanwhile
   * @param stages whose lines in the metrics are its own
   * @param work carries it out with what is its own
   */
  record Training(
      RunFolder folder, String name, long seed, Predicate<String> stages, Consumer<Lane> work)
      implements SideBySide.Training {

    static Training of(RunFolder folder, String stage, long seed, Consumer<Lane> work) {
      return new Training(folder, stage, seed, stage::equals, work);
    }

    private RunFolder aside() {
      return folder.withMetricsIn(Stage.checkpoints(folder, name, seed));
    }

    @Override
    public void carryOut(RunListener listener, BooleanSupplier stop) {
      MetricsLog.setAside(folder.metrics(), aside().metrics(), stages, seed);
      work.accept(new Lane(aside(), listener, stop));
    }

    private void takeMetrics() {
      MetricsLog.take(aside().metrics(), folder.metrics());
    }

    /** The same, beginning with a note. */
    Training after(String note) {
      return new Training(
          folder,
          name,
          seed,
          stages,
          lane -> {
            lane.listener().note(note);
            work.accept(lane);
          });
    }
  }

  /**
   * Carries trainings out side by side.
   *
   * @param train how many at the same time, and the threads for all of them together
   */
  static void carryOut(
      List<Training> trainings, TrainConfig train, RunListener listener, BooleanSupplier stop) {
    if (trainings.size() == 1 && train.threads() > 1) {
      listener.note(
          "One training alone has its share of the threads, since 'side-by-side' divides them;"
              + " leave that out, and it has all.");
    }
    try {
      new SideBySide(trainings, listener, stop).run(train.sideBySide(), train.threads());
    } finally {
      trainings.forEach(Training::takeMetrics);
    }
  }

  /** How many trainings of runs on the same data to carry out at the same time. */
  static int worthwhile(List<RunConfig> runs, RunData data) {
    RunConfig first = runs.get(0);
    if (!runs.stream().allMatch(run -> isSmall(run, data))) {
      return 1;
    }
    int arms = runs.stream().mapToInt(run -> seldomWaits(run) ? count(run) : 0).sum();
    int folds =
        first.teacher().flatMap(TeacherConfig::crossFit).map(CrossFitConfig::folds).orElse(0);
    return IntStream.of(arms, folds)
        .filter(trainings -> trainings > 1)
        .map(trainings -> SideBySide.worthwhile(trainings, first.train().threads()))
        .min()
        .orElse(1);
  }

  /** A teacher that is asked live has the threads to itself. */
  private static boolean seldomWaits(RunConfig run) {
    return run.teacher()
        .map(teacher -> AskedTeacher.usesStored(teacher, run.objective()))
        .orElse(true);
  }

  /** Whether a step is so small that the threads of one training would wait for each other. */
  private static boolean isSmall(RunConfig run, RunData data) {
    double together =
        Stream.concat(Stream.of(run.student()), run.strategy().networks().stream())
            .mapToDouble(network -> Networks.spec(network, data).activations())
            .sum();
    double teacher =
        run.teacher()
            .flatMap(TeacherConfig::crossFit)
            .map(each -> Networks.spec(each.model(), data).activations())
            .orElse(0.0);
    int batch = Math.min(run.train().batch(), data.split(run.seeds().get(0)).train().size());
    return Float.BYTES * Math.max(together, teacher) * batch <= SMALL_STEP
        && run.train().options().accumulate() == 1;
  }

  private static int count(RunConfig run) {
    int arms =
        1
            + (run.compare().scratch() ? 1 : 0)
            + (run.compare().own().isPresent() ? 1 : 0)
            + (run.compare().decisions() && run.teacher().isPresent() ? 1 : 0);
    return run.seeds().size() * (dependOnEachOther(run) ? 1 : arms);
  }

  private static boolean dependOnEachOther(RunConfig run) {
    return !run.strategy().trainsStudentAlone();
  }

  /**
   * The trainings of a run.
   *
   * @param teacher whose answers are asked for here, where they are stored; null if nobody teaches
   * @param test batches of the test samples
   */
  static List<Training> of(
      RunConfig config,
      RunData data,
      @Nullable AskedTeacher teacher,
      Loader test,
      RunFolder folder) {
    List<Training> trainings = new ArrayList<>();
    for (long seed : config.seeds()) {
      if (teacher != null && teacher.usesStored(config.objective())) {
        int views = data.viewCount(config.train().options().epochs());
        teacher.ask(config.objective(), data.split(seed).train(), views).close();
      }
      LabelsSeen seen = TeacherLabels.ofStudent(config, data, seed, teacher);
      Optional<Judge> judge = Judge.of(data.split(seed), data, Judge.metric(config, data), teacher);
      List<Arm> arms = arms(config, data, teacher, seed);
      Function<Lane, Arms> open =
          lane ->
              new Arms(
                  config,
                  data,
                  seen,
                  test,
                  lane.folder(),
                  lane.listener(),
                  lane.stop(),
                  seed,
                  judge);
      if (dependOnEachOther(config)) {
        trainings.add(
            new Training(
                folder,
                Stage.STUDENT,
                seed,
                stage -> !stage.startsWith(CrossFit.STAGE),
                lane -> {
                  Arms one = open.apply(lane);
                  arms.forEach(arm -> arm.fit().apply(one).close());
                }));
      } else {
        for (Arm arm : arms) {
          trainings.add(
              Training.of(
                  folder, arm.stage(), seed, lane -> arm.fit().apply(open.apply(lane)).close()));
        }
      }
    }
    return trainings;
  }

  /**
   * What is trained with every seed.
   *
   * @param fit trains it; the caller closes the network
   */
  private record Arm(String stage, Function<Arms, Model> fit) {}

  /** In the order in which they follow one another. */
  private static List<Arm> arms(
      RunConfig config, RunData data, @Nullable AskedTeacher teacher, long seed) {
    List<Arm> arms = new ArrayList<>();
    if (config.compare().scratch()) {
      arms.add(new Arm(Result.SCRATCH, Arms::labelsAlone));
      config.compare().own().ifPresent(own -> arms.add(new Arm(Arms.OWN, a -> a.labelsAlone(own))));
    }
    if (config.compare().decisions() && teacher != null) {
      arms.add(new Arm(Result.DECISIONS, a -> a.decisionsAlone(teacher)));
    }
    arms.add(
        new Arm(
            teacher == null ? "model" : Stage.STUDENT,
            a ->
                Arms.trained(
                    Networks.initial(config.student(), data, seed),
                    model -> a.train(model, teacher))));
    return arms;
  }
}
