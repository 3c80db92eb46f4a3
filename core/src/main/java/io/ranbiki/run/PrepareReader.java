package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Options;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Step;
import io.ranbiki.prepare.Tokenizer;
import java.nio.file.Path;
import java.util.Optional;

/** Binds the key {@code prepare} of a network. */
final class PrepareReader {

  private PrepareReader() {}

  /** What a network's inputs go through; empty where nothing is said of it. */
  static Optional<Prepare> read(Options network) {
    return network.optionalMap(
        "prepare", "What the inputs of this network go through", PrepareReader::prepare);
  }

  private static Prepare prepare(Options node) {
    Optional<Path> file =
        node.optionalPath("tokenizer", "A tokenizer.json that makes ids of texts");
    Optional<Integer> atMost =
        node.optionalInteger("at-most", "Most ids of a text; the rest is cut off");
    Normalization normalization =
        node.optionalMap(
                "normalize",
                "What is subtracted from the inputs and divided by",
                DataConfig::normalize)
            .orElse(Normalization.none());
    if (file.isEmpty()) {
      if (atMost.isPresent()) {
        node.mistake("gives 'at-most', which is about the ids of a text, but no 'tokenizer'");
      }
      return Prepare.of(normalization);
    }
    if (normalization.mean().length > 0) {
      node.mistake("gives a 'tokenizer' and 'normalize', but ids are not normalized");
    }
    try {
      Tokenizer tokenizer = Tokenizer.read(file.get());
      Step.Tokenize usual = Step.Tokenize.of(tokenizer);
      return Prepare.of(atMost.map(limit -> new Step.Tokenize(tokenizer, limit)).orElse(usual));
    } catch (IllegalArgumentException e) {
      node.mistake("is wrong in 'at-most': " + e.getMessage());
    } catch (RanbikiException e) {
      node.mistake("names a tokenizer that cannot be used: " + e.getMessage());
    }
    return Prepare.NONE;
  }
}
