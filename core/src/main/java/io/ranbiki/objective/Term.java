package io.ranbiki.objective;

import io.ranbiki.config.ConfigNode;
import io.ranbiki.config.Provider;
import io.ranbiki.tensor.Generator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One thing that the student is taught by: options, validated when made. Open for your own.
 *
 * <p>Implementations are records; {@link #bind} makes the function that is computed every step.
 */
public interface Term {

  /** Reads a list of terms, such as the key {@code objective} has. */
  static List<Term> read(ConfigNode node) {
    List<Provider<Term>> terms = Provider.all(Term.class);
    return node.list(entry -> entry.choice(terms));
  }

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
   * Whether this term compares what teacher and student make of each token of a text, so that both
   * must read the same tokens.
   */
  default boolean comparesTokens() {
    return false;
  }

  /**
   * What the value is a mean over, so that parts of a batch can be computed apart; null, as for
   * terms that relate samples with each other, if the batch must be seen as a whole.
   */
  default @Nullable MeanOver meanOver() {
    return null;
  }

  /**
   * Makes the loss function, with whatever it trains itself.
   *
   * @param example a first batch, answered before training: shapes can be read from it
   * @param generator source of initial values
   */
  TermLoss bind(LossInputs example, Generator generator);
}
