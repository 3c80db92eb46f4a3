package io.ranbiki.run;

import io.ranbiki.config.Options;
import io.ranbiki.config.Provider;
import io.ranbiki.model.Architecture;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A network to train.
 *
 * @param architecture by name
 * @param options of the architecture; the others have their defaults
 * @param weights a safetensors file with initial weights; empty for random ones
 * @param prepare what its inputs go through; empty where the data say it
 * @param encoder that makes the vectors that it takes of texts; mostly empty
 * @param taken layers of another network with which it begins, which say its architecture and
 *     options, too; mostly empty
 * @param vectors with which the pieces of a static embedding begin; mostly empty
 */
public record ModelChoice(
    String architecture,
    Map<String, Object> options,
    Optional<Path> weights,
    Optional<PrepareConfig> prepare,
    Optional<EncoderConfig> encoder,
    Optional<TakenLayers> taken,
    Optional<TeacherVectors> vectors) {

  /** Copies the options. */
  public ModelChoice {
    options = Map.copyOf(options);
  }

  /** A network whose inputs go through what the data say. */
  public ModelChoice(String architecture, Map<String, Object> options, Optional<Path> weights) {
    this(
        architecture,
        options,
        weights,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** Reads the keys of a network that learns from batches as it takes them. */
  static ModelChoice student(Options options) {
    return options.either("from", ModelChoice::taken, ModelChoice::made);
  }

  private static ModelChoice taken(Options options) {
    TakenLayers layers =
        options.map(
            "from", "The encoder of texts whose layers the network begins with", TakenLayers::read);
    Optional<PrepareConfig> prepare = PrepareConfig.read(options);
    return layers == null
        ? options.stop()
        : new ModelChoice(
            "",
            Map.of(),
            Optional.empty(),
            prepare,
            Optional.empty(),
            Optional.of(layers),
            Optional.empty());
  }

  private static ModelChoice made(Options options) {
    ModelChoice choice = read(options);
    Optional<EncoderConfig> encoder = EncoderConfig.read(options);
    boolean vectors =
        options
            .optionalWord(
                "vectors",
                Vectors.class,
                "Whose vectors of pieces a static embedding begins with; random ones if left out")
            .isPresent();
    if (vectors && !choice.architecture.equals(TeacherVectors.ARCHITECTURE)) {
      options.mistake(
          "begins with 'vectors', which a "
              + TeacherVectors.ARCHITECTURE
              + " has, but the architecture is "
              + choice.architecture
              + "; leave them out.");
    }
    if (vectors && choice.weights.isPresent()) {
      options.mistake("begins with 'vectors' and with 'weights'; leave one of them out.");
    }
    return new ModelChoice(
        choice.architecture,
        choice.options,
        choice.weights,
        encoder.isPresent() ? PrepareConfig.readWhole(options) : PrepareConfig.read(options),
        encoder,
        Optional.empty(),
        vectors ? Optional.of(TeacherVectors.ofNobody()) : Optional.empty());
  }

  /** Who has vectors of pieces. */
  private enum Vectors {
    /** The encoder that teaches the run. */
    TEACHER
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

  @Override
  public String architecture() {
    return taken.map(TakenLayers::architecture).orElse(architecture);
  }

  @Override
  public Map<String, Object> options() {
    return taken.map(TakenLayers::options).orElse(options);
  }

  /** Two sizes of it, such as {@code [{width: 128}, {width: 64}]}; empty if it has but one. */
  Optional<String> sizes() {
    Map<String, Object> own = options();
    Stream<String> named = Stream.of("hidden", "channels", "width", "layers", "depth");
    return named
        .filter(name -> own.get(name) instanceof Integer size && size > 1)
        .filter(name -> !(name.equals("width") && own.containsKey("heads"))) // heads divide it
        .findFirst()
        .map(
            name -> {
              int size = (Integer) Objects.requireNonNull(own.get(name));
              return "[{" + name + ": " + size + "}, {" + name + ": " + size / 2 + "}]";
            });
  }

  /** The same with layers of a run's teacher, if it takes some of no other, or its vectors. */
  ModelChoice of(List<Path> models, Optional<TeacherVectors> teacher) {
    return new ModelChoice(
        architecture,
        options,
        weights,
        prepare,
        encoder,
        taken.map(layers -> layers.of(models)),
        vectors.map(nobodys -> teacher.orElse(nobodys)));
  }

  /** The same with random initial weights. */
  ModelChoice withoutWeights() {
    return new ModelChoice(
        architecture(),
        options(),
        Optional.empty(),
        prepare,
        encoder,
        Optional.empty(),
        Optional.empty());
  }

  /** Every file that the initial weights depend on. */
  List<Path> weightFiles() {
    return taken.isPresent() ? taken.get().files() : weights.stream().toList();
  }
}
