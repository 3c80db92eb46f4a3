package io.ranbiki.run;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * A network to train.
 *
 * @param architecture by name
 * @param options of the architecture; the others have their defaults
 * @param weights a safetensors file with initial weights; empty for random ones
 */
public record ModelChoice(
    String architecture, Map<String, Object> options, Optional<Path> weights) {

  /** Copies the options. */
  public ModelChoice {
    options = Map.copyOf(options);
  }

  /** The same with random initial weights. */
  ModelChoice withoutWeights() {
    return new ModelChoice(architecture, options, Optional.empty());
  }
}
