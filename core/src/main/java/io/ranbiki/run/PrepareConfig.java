package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Step;
import io.ranbiki.prepare.Tokenizer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the inputs of a network go through, as a file says it.
 *
 * @param tokenizer file of Hugging Face's libraries, for texts
 * @param atMost ids of a text; empty for as many as the tokenizer allows
 * @param resize how images are brought to one size; empty if they are taken as they are
 * @param normalization of numbers
 */
public record PrepareConfig(
    Optional<Path> tokenizer,
    Optional<Integer> atMost,
    Optional<Step.Resize> resize,
    Normalization normalization) {

  /** Reads the key {@code prepare} of a network; empty where nothing is said of it. */
  static Optional<PrepareConfig> read(Options network) {
    return network.optionalMap(
        "prepare", "What the inputs of this network go through", PrepareConfig::prepare);
  }

  private static PrepareConfig prepare(Options node) {
    Optional<Path> tokenizer =
        node.optionalPath("tokenizer", "A tokenizer.json that makes ids of texts");
    Optional<Integer> atMost =
        node.optionalInteger("at-most", "Most ids of a text; the rest is cut off", Rule.atLeast(1));
    Rule length = Rule.between(1, Step.Resize.LARGEST);
    Optional<Integer> side =
        node.optionalInteger(
            "resize",
            "Pixels of an image's shorter side; the square in the middle is taken",
            length);
    Optional<Integer> crop =
        node.optionalInteger(
            "crop", "Pixels of that square's sides; those of 'resize' if left out", length);
    Normalization normalization =
        node.optionalMap(
                "normalize",
                "What is subtracted from the inputs and divided by",
                DataConfig::normalize)
            .orElse(Normalization.none());
    if (tokenizer.isEmpty() && atMost.isPresent()) {
      node.mistake("gives 'at-most', which is about the ids of a text, but no 'tokenizer'.");
    }
    if (side.isEmpty() && crop.isPresent()) {
      node.mistake("gives 'crop', which cuts images after they were resized, but no 'resize'.");
      return new PrepareConfig(tokenizer, atMost, Optional.empty(), normalization);
    }
    if (side.isPresent() && crop.orElse(1) > side.get()) {
      node.mistake("gives a 'crop' that is larger than 'resize'.");
      return new PrepareConfig(tokenizer, atMost, Optional.empty(), normalization);
    }
    if (tokenizer.isPresent() && side.isPresent()) {
      node.mistake("gives a 'tokenizer' and 'resize', but a sample is a text or an image.");
    }
    if (tokenizer.isPresent() && normalization.mean().length > 0) {
      node.mistake("gives a 'tokenizer' and 'normalize', but ids are not normalized.");
    }
    Optional<Step.Resize> resize = side.map(pixels -> new Step.Resize(pixels, crop.orElse(pixels)));
    return new PrepareConfig(tokenizer, atMost, resize, normalization);
  }

  /**
   * Reads the tokenizer.
   *
   * @throws RanbikiException if it cannot be used, or allows fewer ids than are asked for
   */
  Prepare open() {
    if (tokenizer.isEmpty()) {
      return new Prepare(resize.stream().map(Step.OfSample.class::cast).toList(), normalization);
    }
    Tokenizer read = Tokenizer.read(tokenizer.get());
    try {
      return Prepare.of(
          atMost.isPresent() ? new Step.Tokenize(read, atMost.get()) : Step.Tokenize.of(read));
    } catch (IllegalArgumentException e) {
      throw new RanbikiException(
          RanbikiException.Kind.CONFIGURATION,
          "With " + tokenizer.get() + " " + e.getMessage() + ". Correct prepare.at-most.",
          e);
    }
  }
}
