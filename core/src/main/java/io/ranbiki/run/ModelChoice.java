package io.ranbiki.run;

import io.ranbiki.prepare.Prepare;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * A network to train.
 *
 * @param architecture by name
 * @param options of the architecture; the others have their defaults
 * @param weights a safetensors file with initial weights; empty for random ones
 * @param prepare what its inputs go through; empty where the data say it
 */
public record ModelChoice(
    String architecture,
    Map<String, Object> options,
    Optional<Path> weights,
    Optional<Prepare> prepare) {

  /** Copies the options. */
  public ModelChoice {
    options = Map.copyOf(options);
  }

  /** A network whose inputs go through what the data say. */
  public ModelChoice(String architecture, Map<String, Object> options, Optional<Path> weights) {
    this(architecture, options, weights, Optional.empty());
  }

  /** The same with random initial weights. */
  ModelChoice withoutWeights() {
    return new ModelChoice(architecture, options, Optional.empty(), prepare);
  }
}
