package io.ranbiki.train;

import io.ranbiki.objective.LossValues;
import java.util.Map;

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
   * A step was done.
   *
   * @param step from 1
   * @param samples in the batch
   */
  default void stepDone(long step, int samples, LossValues loss) {}

  /**
   * Every how many steps the gradient of each term is to be measured; 0 for never, because each
   * measurement goes back through the student once for every term. It changes no bit of the
   * training.
   */
  default int gradientsEvery() {
    return 0;
  }

  /**
   * The gradients of a step were measured, before {@link #stepDone} hears of it.
   *
   * @param epoch from 1
   * @param step from 1
   * @param learningRate of this step
   * @param norms Euclidean norm of each weighted term's gradient for all of the student's
   *     parameters together, by name, before clipping
   */
  default void gradientsMeasured(
      int epoch, long step, LossValues loss, double learningRate, Map<String, Double> norms) {}

  /** An epoch was done. */
  default void epochDone(EpochStats stats) {}

  /**
   * An epoch was done by another of several students that train together.
   *
   * @param peer number of the student, from 1; the first is told of by {@link #epochDone}
   */
  default void peerEpochDone(int peer, EpochStats stats) {}
}
