package io.ranbiki.run;

import io.ranbiki.data.Loader;
import io.ranbiki.model.Model;
import io.ranbiki.objective.Objective;
import io.ranbiki.result.EpochRecord;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.train.TrainOptions;
import io.ranbiki.train.Watch;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who teaches whom, in what order: a record of its options, which answers whatever a run asks of
 * it. To add one, write such a record, and list it in {@link Strategies}.
 */
public interface StrategyConfig {

  /** The networks that are trained beside the student or before it, as far as they are named. */
  default List<ModelChoice> networks() {
    return List.of();
  }

  /** Whether a teacher that was trained before is needed; otherwise there must be none. */
  default boolean needsTeacher() {
    return false;
  }

  /**
   * Whether networks that this run has trained teach others in it, so that none of them can be
   * trained for longer later on.
   */
  default boolean teachesWithItsOwn() {
    return false;
  }

  /** Whether a network learns from labels, whatever the objective says. */
  default boolean learnsFromLabels() {
    return false;
  }

  /** Whether the student is all that is trained, on its own, so that seeds may be side by side. */
  default boolean trainsStudentAlone() {
    return false;
  }

  /**
   * The networks whose steps need memory at the same time; unless said otherwise, all of them.
   *
   * @return one list or more
   */
  default List<List<ModelChoice>> together(ModelChoice student) {
    return List.of(Stream.concat(Stream.of(student), networks().stream()).toList());
  }

  /**
   * Checks that this can be done with an objective.
   *
   * @throws io.ranbiki.RanbikiException if nobody would ever teach, or could not teach what is
   *     asked for
   */
  void requireFits(Objective objective, TrainOptions options);

  /**
   * Asks everybody and binds the objective once, and trains nothing, so that mistakes show before
   * any work is done.
   *
   * @throws io.ranbiki.RanbikiException if data, networks and objective do not fit each other
   */
  void tryStep(Trial trial);

  /**
   * Trains the student.
   *
   * @param student with its initial weights; trained in place
   * @return what every epoch of it did
   */
  List<EpochRecord> train(Training training, Model student);

  /** What every part of a run tells. */
  interface Told {

    /** What is matched. */
    Objective objective();

    /** How each network is fitted. */
    TrainOptions options();

    /** The seed of this training, or the first one of a run. */
    long seed();
  }

  /** What is there to try a step with. What it opens, it closes. */
  interface Trial extends Told {

    /** The student as it is before training. */
    Model student();

    /** A network like the student, with initial weights of its own. */
    Model another();

    /** Other networks as they are before training. */
    List<Model> others(List<ModelChoice> choices);

    /** Batches. */
    Loader loader();

    /** The teacher of the run, answering live; null if nobody was there before. */
    @Nullable Teacher live();

    /** Notes where networks that are to lie between teacher and student do not. */
    void noteSizes(List<Model> chain);
  }

  /** What a run does for a strategy. A training goes on from its newest checkpoint. */
  interface Training extends Told {

    /** Whether a teacher was there before. */
    boolean hasTeacher();

    /** A network other than the student, with initial weights of its own; the caller closes it. */
    Model initial(ModelChoice choice, int number);

    /** A network like another, with initial weights of its own; the caller closes it. */
    Model like(Model model, int number);

    /** A student from labels alone, with the student's initial weights; the caller closes it. */
    Model labelsAlone();

    /** Trains a network from labels alone. */
    List<EpochRecord> fromLabels(String name, Model model);

    /** Has the run's teacher teach a network. */
    List<EpochRecord> taught(String name, Model model);

    /** Has models teach a network. */
    List<EpochRecord> taughtBy(List<Path> folders, String name, Model model);

    /** Trains the student in a way of one's own. */
    List<EpochRecord> fit(Model student, BiConsumer<Loader, Watch> training);

    /**
     * Writes a model that was trained on the way, and what it is worth.
     *
     * @return its folder
     */
    Path keep(String role, Model model);

    /** The same at its best, if the best epoch is kept: who is kept so will teach. */
    Path keepBest(String role, String stage, Model model);

    /** A copy of the student at its best, if the best epoch is kept; the caller closes it. */
    Model best(Model student);

    /** Keeps what several models are worth together. */
    void judgeTogether(List<Model> models);
  }
}
