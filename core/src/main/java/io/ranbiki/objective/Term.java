package io.ranbiki.objective;

import io.ranbiki.tensor.Generator;
import java.util.List;

/**
 * One thing that the student is taught by: options, validated when made. Open for your own.
 *
 * <p>Implementations are records; {@link #bind} makes the function that is computed every step.
 */
public interface Term {

  /** The name in configurations and histories, such as {@code soft-targets}. */
  String name();

  /** Weight in the objective over time. */
  Ramp weight();

  /** Paths of the teacher's layers that this term reads. */
  default List<String> teacherLayers() {
    return List.of();
  }

  /** Paths of the student's layers that this term reads. */
  default List<String> studentLayers() {
    return List.of();
  }

  /** Whether this term needs a teacher. */
  default boolean needsTeacher() {
    return true;
  }

  /** Whether this term learns from samples with a label alone; the others do not count for it. */
  default boolean needsLabels() {
    return false;
  }

  /**
   * Whether this term matches how the teacher spreads its answer over the classes of each sample,
   * so that the teacher's bare decision could stand in its place.
   */
  default boolean matchesClasses() {
    return false;
  }

  /**
   * Whether the loss of a batch, all of which is labelled, is the mean of its samples' losses, and
   * nothing is trained beside the student: then parts of a batch may be computed apart, by several
   * threads at the same time.
   */
  default boolean isMeanOverSamples() {
    return false;
  }

  /**
   * Makes the loss function, with whatever it trains itself.
   *
   * @param example a first batch, answered before training: shapes can be read from it
   * @param generator source of initial values
   */
  TermLoss bind(LossInputs example, Generator generator);
}
