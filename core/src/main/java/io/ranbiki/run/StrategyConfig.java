package io.ranbiki.run;

import io.ranbiki.strategy.BornAgain;
import io.ranbiki.strategy.OnlineTeacher;
import io.ranbiki.strategy.Past;
import java.util.List;

/** Who teaches whom, in what order. */
public sealed interface StrategyConfig {

  /** A frozen teacher, or nobody, teaches the student. */
  record Offline() implements StrategyConfig {}

  /** The student's own past teaches it. */
  record Self(Past past) implements StrategyConfig {}

  /**
   * Each generation teaches the next, and the last one is the student.
   *
   * @param generations 2 or more; the first learns from labels alone
   */
  record Generations(int generations, BornAgain.Ancestors ancestors) implements StrategyConfig {}

  /**
   * The teacher teaches assistants, and the last of them the student.
   *
   * @param assistants one or more, largest first
   */
  record Progressive(List<ModelChoice> assistants) implements StrategyConfig {
    /** Copies the list. */
    public Progressive {
      assistants = List.copyOf(assistants);
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
      others = List.copyOf(others);
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
      others = List.copyOf(others);
    }
  }

  /** Whether a teacher that was trained before is needed; otherwise there must be none. */
  default boolean needsTeacher() {
    return this instanceof Offline || this instanceof Progressive;
  }
}
