package io.ranbiki.run;

import io.ranbiki.evaluate.Finding;
import io.ranbiki.result.EpochRecord;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Hears what a run does. Methods do nothing unless overridden. */
public interface RunListener {

  /** Hears nothing. */
  RunListener NONE = new RunListener() {};

  /**
   * A training begins or goes on.
   *
   * @param stage which training: {@code scratch}, {@code student}, {@code model}, {@code
   *     generation-2}, {@code assistant-1}; told again when a finished one is only read
   * @param fromStep steps that were done before
   * @param steps how many there are in all
   * @param batch samples of a step
   */
  default void stageStarted(String stage, long seed, long fromStep, long steps, int batch) {}

  /**
   * Somebody begins to answer samples, before a training.
   *
   * @param who the teacher, or an encoder under a head
   */
  default void labellingStarted(String who, long samples) {}

  /** So many more samples are answered. */
  default void labelled(long samples) {}

  /** The doctor looked at the distillation, before its first training. */
  default void examined(List<Finding> findings) {}

  /** A step was done. */
  default void stepDone(long step, int samples) {}

  /** An epoch was done. */
  default void epochDone(String stage, long seed, EpochRecord epoch) {}

  /**
   * What time it is, for those who watch the event files of a run; without it none are written,
   * since the run itself does not look at the clock.
   */
  default Optional<InstantSource> clock() {
    return Optional.empty();
  }

  /** Something that the user should know. */
  default void note(String note) {}
}
