package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.objective.Objective;
import io.ranbiki.strategy.BornAgain;
import io.ranbiki.strategy.MutualLearning;
import io.ranbiki.strategy.OnlineDistillation;
import io.ranbiki.strategy.OnlineTeacher;
import io.ranbiki.strategy.Past;
import io.ranbiki.strategy.ProgressiveDistillation;
import io.ranbiki.strategy.SelfDistillation;
import io.ranbiki.train.TrainOptions;
import java.util.List;

/** Who teaches whom, in what order. */
public sealed interface StrategyConfig {

  /** A frozen teacher, or nobody, teaches the student. */
  record Offline() implements StrategyConfig {

    @Override
    public void requireFits(Objective objective, TrainOptions options) {
      // An objective of labels alone is plain training, which is no mistake.
    }
  }

  /** The student's own past teaches it. */
  record Self(Past past) implements StrategyConfig {

    SelfDistillation distillation(Objective objective, TrainOptions options, long seed) {
      return new SelfDistillation(objective, options, seed, past);
    }

    @Override
    public void requireFits(Objective objective, TrainOptions options) {
      distillation(objective, options, 0);
    }
  }

  /**
   * Each generation teaches the next, and the last one is the student. Deviation from born-again
   * networks: the first generation and the last have the same initial weights, so that the first is
   * also the student from labels alone that the last is compared with; those between have weights
   * of their own.
   *
   * @param generations 2 or more; the first learns from labels alone
   */
  record Generations(int generations, BornAgain.Ancestors ancestors) implements StrategyConfig {
    /** Checks the number. */
    public Generations {
      if (generations < 2) {
        throw RanbikiException.configuration(
            "%d generations: the second is the first to be taught; give 2 or more", generations);
      }
    }

    BornAgain distillation(Objective objective, TrainOptions options, long seed) {
      return new BornAgain(objective, options, seed, ancestors);
    }

    @Override
    public void requireFits(Objective objective, TrainOptions options) {
      distillation(objective, options, 0);
    }
  }

  /**
   * The teacher teaches assistants, and the last of them the student.
   *
   * @param assistants one or more, largest first
   */
  record Progressive(List<ModelChoice> assistants) implements StrategyConfig {
    /** Copies the list. */
    public Progressive {
      assistants = List.copyOf(assistants);
      if (assistants.isEmpty()) {
        throw RanbikiException.configuration(
            "progressive distillation needs one assistant or more; without one, take strategy offline");
      }
    }

    ProgressiveDistillation distillation(Objective objective, TrainOptions options, long seed) {
      return new ProgressiveDistillation(objective, options, seed);
    }

    @Override
    public void requireFits(Objective objective, TrainOptions options) {
      distillation(objective, options, 0);
    }
  }

  /**
   * The student and other networks teach each other.
   *
   * @param others one or more
   */
  record Mutual(List<ModelChoice> others) implements StrategyConfig {
    /** Copies the list. */
    public Mutual {
      others = requireOthers(others);
    }

    MutualLearning learning(Objective objective, TrainOptions options, long seed) {
      return new MutualLearning(objective, options, seed);
    }

    @Override
    public void requireFits(Objective objective, TrainOptions options) {
      learning(objective, options, 0);
    }
  }

  /**
   * The student and other networks are taught by a teacher that they form.
   *
   * @param others one or more
   */
  record Online(List<ModelChoice> others, OnlineTeacher teacher) implements StrategyConfig {
    /** Copies the list. */
    public Online {
      others = requireOthers(others);
    }

    OnlineDistillation distillation(Objective objective, TrainOptions options, long seed) {
      return new OnlineDistillation(objective, options, seed, teacher);
    }

    @Override
    public void requireFits(Objective objective, TrainOptions options) {
      distillation(objective, options, 0);
    }
  }

  private static List<ModelChoice> requireOthers(List<ModelChoice> others) {
    if (others.isEmpty()) {
      throw RanbikiException.configuration(
          "the student has no peer to learn with; give one other network or more");
    }
    return List.copyOf(others);
  }

  /** The networks that are trained beside the student or before it, as far as they are named. */
  default List<ModelChoice> networks() {
    if (this instanceof Progressive progressive) {
      return progressive.assistants();
    }
    if (this instanceof Mutual mutual) {
      return mutual.others();
    }
    return this instanceof Online online ? online.others() : List.of();
  }

  /** Whether a teacher that was trained before is needed; otherwise there must be none. */
  default boolean needsTeacher() {
    return this instanceof Offline || this instanceof Progressive;
  }

  /**
   * Checks that this can be done with an objective.
   *
   * @throws RanbikiException if nobody would ever teach, or could not teach what is asked for
   */
  void requireFits(Objective objective, TrainOptions options);
}
