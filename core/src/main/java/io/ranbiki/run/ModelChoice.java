package io.ranbiki.run;

import io.ranbiki.config.Options;
import io.ranbiki.config.Provider;
import io.ranbiki.model.Architecture;
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
 * @param encoder that makes the vectors that it takes of texts; mostly empty
 */
public record ModelChoice(
    String architecture,
    Map<String, Object> options,
    Optional<Path> weights,
    Optional<PrepareConfig> prepare,
    Optional<EncoderConfig> encoder) {

  /** Copies the options. */
  public ModelChoice {
    options = Map.copyOf(options);
  }

  /** A network whose inputs go through what the data say. */
  public ModelChoice(String architecture, Map<String, Object> options, Optional<Path> weights) {
    this(architecture, options, weights, Optional.empty(), Optional.empty());
  }

  /** Reads the keys of a network that learns from batches as it takes them. */
  static ModelChoice student(Options options) {
    ModelChoice choice = read(options);
    Optional<EncoderConfig> encoder = EncoderConfig.read(options);
    return new ModelChoice(
        choice.architecture,
        choice.options,
        choice.weights,
        encoder.isPresent() ? PrepareConfig.readWhole(options) : PrepareConfig.read(options),
        encoder);
  }

  /** Reads the keys of a network. */
  static ModelChoice read(Options options) {
    Named network =
        options.variant(
            "architecture",
            "What kind of network",
            Provider.all(Architecture.class).stream().map(ModelChoice::named).toList());
    Optional<Path> weights =
        options.optionalPath(
            "weights", "A safetensors file with initial weights; random ones if left out");
    return network == null
        ? options.stop()
        : new ModelChoice(network.architecture, network.options, weights);
  }

  private record Named(String architecture, Map<String, Object> options) {}

  /** Reads the same, and keeps what was read: a network is made once its inputs are known. */
  private static Provider<Named> named(Provider<Architecture> architecture) {
    return Provider.of(
        Named.class,
        architecture.name(),
        architecture.sentence(),
        options -> {
          architecture.create(options);
          return new Named(architecture.name(), options.values(architecture));
        });
  }

  /** The same with random initial weights. */
  ModelChoice withoutWeights() {
    return new ModelChoice(architecture, options, Optional.empty(), prepare, encoder);
  }
}
