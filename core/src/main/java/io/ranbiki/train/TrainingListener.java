package io.ranbiki.train;

import io.ranbiki.objective.LossBreakdown;

/** Hears what a training does. Methods do nothing unless overridden. */
public interface TrainingListener {

  /** Hears nothing. */
  TrainingListener NONE = new TrainingListener() {};

  /**
   * Training begins or goes on.
   *
   * @param fromStep steps that were done before
   * @param steps how many there are in all
   */
  default void started(long fromStep, long steps) {}

  /** Shapes of student and teacher were matched by a rule. */
  default void note(String note) {}

  /**
   * A step was done; the values belong to the step's scope.
   *
   * @param step from 1
   * @param samples in the batch
   */
  default void stepDone(long step, int samples, LossBreakdown loss) {}

  /** An epoch was done. */
  default void epochDone(EpochStats stats) {}
}
