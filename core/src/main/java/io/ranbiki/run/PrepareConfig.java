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
 * @param normalization of numbers
 */
public record PrepareConfig(
    Optional<Path> tokenizer, Optional<Integer> atMost, Normalization normalization) {

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
    Normalization normalization =
        node.optionalMap(
                "normalize",
                "What is subtracted from the inputs and divided by",
                DataConfig::normalize)
            .orElse(Normalization.none());
    if (tokenizer.isEmpty() && atMost.isPresent()) {
      node.mistake("gives 'at-most', which is about the ids of a text, but no 'tokenizer'.");
    }
    if (tokenizer.isPresent() && normalization.mean().length > 0) {
      node.mistake("gives a 'tokenizer' and 'normalize', but ids are not normalized.");
    }
    return new PrepareConfig(tokenizer, atMost, normalization);
  }

  /**
   * Reads the tokenizer.
   *
   * @throws RanbikiException if it cannot be used, or allows fewer ids than are asked for
   */
  Prepare open() {
    if (tokenizer.isEmpty()) {
      return Prepare.of(normalization);
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
