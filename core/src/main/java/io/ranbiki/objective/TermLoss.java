package io.ranbiki.objective;

import io.ranbiki.nn.Module;
import io.ranbiki.tensor.Tensor;
import java.util.Map;

/**
 * The function of a term, bound to the shapes of a run. A lambda will do for terms without state; a
 * term that trains something of its own returns it in {@link #modules()}, so that the optimiser and
 * the checkpoints know it. It never leaves the run.
 */
@FunctionalInterface
public interface TermLoss extends AutoCloseable {

  /**
   * The loss of one batch without its weight: a single number with gradients to the student. Asked
   * only where something counts, if the term says what its mean is over.
   */
  Tensor value(LossInputs inputs);

  /** What this term trains, by name. */
  default Map<String, Module> modules() {
    return Map.of();
  }

  /**
   * Which rule matched the shapes of student and teacher, for the log; empty if none was needed.
   */
  default String notes() {
    return "";
  }

  /** Closes the modules. */
  @Override
  default void close() {
    modules().values().forEach(Module::close);
  }
}
