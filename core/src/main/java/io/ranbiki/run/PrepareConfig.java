package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.prepare.MelSpectrogram;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Step;
import io.ranbiki.prepare.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the inputs of a network go through, as a file says it.
 *
 * @param tokenizer file of Hugging Face's libraries, for texts
 * @param vocabulary pieces of the tokenizer that are kept; empty for all
 * @param ngrams what makes ids of texts in its place
 * @param atMost ids of a text; empty for as many as the tokenizer allows
 * @param prefix that is put before every text
 * @param resize how images are brought to one size; empty if they are taken as they are
 * @param logMel how sounds become frames
 * @param normalization of numbers
 */
public record PrepareConfig(
    Optional<Path> tokenizer,
    Optional<Integer> vocabulary,
    Optional<Tokenizer> ngrams,
    Optional<Integer> atMost,
    String prefix,
    Optional<Step.Resize> resize,
    Optional<Step.LogMel> logMel,
    Normalization normalization) {

  private static final Rule[] HEARABLE = {Rule.atLeast(1), Rule.atMost(1_000_000)};

  /** Reads the key {@code prepare} of a network; empty where nothing is said of it. */
  static Optional<PrepareConfig> read(Options network) {
    return network.optionalMap(
        "prepare", "What the inputs of this network go through", PrepareConfig::prepare);
  }

  /** As {@link #read}, of a network whose vectors belong to all pieces of its tokenizer. */
  static Optional<PrepareConfig> readWhole(Options network) {
    Optional<PrepareConfig> config = read(network);
    if (config.flatMap(PrepareConfig::vocabulary).isPresent()) {
      network.mistake(
          "prepare",
          "gives a 'vocabulary', but this network was trained with all pieces of its tokenizer;"
              + " leave it out.");
    }
    return config;
  }

  private static PrepareConfig prepare(Options node) {
    Optional<Path> tokenizer =
        node.optionalPath("tokenizer", "A tokenizer.json that makes ids of texts");
    Optional<Integer> vocabulary =
        node.optionalInteger(
            "vocabulary",
            "Pieces of the tokenizer that are kept, those that the training texts use most; all if"
                + " left out",
            Rule.atLeast(1));
    Optional<Tokenizer> ngrams =
        node.optionalMap(
            "n-grams",
            "Hashes words, runs of words and runs of letters into ids, in place of a tokenizer",
            PrepareConfig::ngrams);
    Optional<Integer> atMost =
        node.optionalInteger("at-most", "Most ids of a text; the rest is cut off", Rule.atLeast(1));
    String prefix =
        node.optionalString(
                "prefix", "What is put before every text, such as the 'query: ' of E5's encoders")
            .orElse("");
    Rule length = Rule.between(1, Step.Resize.LARGEST);
    Optional<Integer> side =
        node.optionalInteger(
            "resize",
            "Pixels of an image's shorter side; the square in the middle is taken",
            length);
    Optional<Integer> crop =
        node.optionalInteger(
            "crop", "Pixels of that square's sides; those of 'resize' if left out", length);
    Optional<Step.LogMel> logMel =
        node.optionalMap(
            "log-mel",
            "Makes frames of sounds: the logarithm of power in bands of the mel scale",
            PrepareConfig::logMel);
    Normalization normalization =
        node.optionalMap(
                "normalize",
                "What is subtracted from the inputs and divided by",
                DataConfig::normalize)
            .orElse(Normalization.none());
    if (tokenizer.isPresent() && ngrams.isPresent()) {
      node.mistake("gives a 'tokenizer' and 'n-grams', but one of them makes the ids of a text.");
    }
    if (tokenizer.isEmpty() && vocabulary.isPresent()) {
      node.mistake("gives a 'vocabulary', which is that of a tokenizer, but no 'tokenizer'.");
    }
    boolean isText = tokenizer.isPresent() || ngrams.isPresent();
    if (!isText && atMost.isPresent()) {
      node.mistake(
          "gives 'at-most', which is about the ids of a text, but no 'tokenizer' or 'n-grams'.");
    }
    if (!isText && !prefix.isEmpty()) {
      node.mistake("gives 'prefix', which is put before texts, but no 'tokenizer' or 'n-grams'.");
    }
    if (side.isEmpty() && crop.isPresent()) {
      node.mistake("gives 'crop', which cuts images after they were resized, but no 'resize'.");
      return new PrepareConfig(
          tokenizer, vocabulary, ngrams, atMost, prefix, Optional.empty(), logMel, normalization);
    }
    if (side.isPresent() && crop.orElse(1) > side.get()) {
      node.mistake("gives a 'crop' that is larger than 'resize'.");
      return new PrepareConfig(
          tokenizer, vocabulary, ngrams, atMost, prefix, Optional.empty(), logMel, normalization);
    }
    if (isText && side.isPresent()) {
      node.mistake("makes ids of texts and gives 'resize', but a sample is a text or an image.");
    }
    if (isText && normalization.mean().length > 0) {
      node.mistake("makes ids of texts and gives 'normalize', but ids are not normalized.");
    }
    Optional<Step.Resize> resize = side.map(pixels -> new Step.Resize(pixels, crop.orElse(pixels)));
    if (isText && logMel.isPresent()) {
      node.mistake("makes ids of texts and gives 'log-mel', which is for sounds.");
    }
    if (resize.isPresent() && logMel.isPresent()) {
      node.mistake("gives 'resize', which is for images, and 'log-mel', which is for sounds.");
    }
    return new PrepareConfig(
        tokenizer, vocabulary, ngrams, atMost, prefix, resize, logMel, normalization);
  }

  private static Tokenizer ngrams(Options node) {
    int rows = node.integer("rows", 32_768, "Ids that there are", Rule.atLeast(1));
    int words = node.integer("words", 2, "Words of the longest run", Rule.between(1, 5));
    List<Integer> letters =
        node.oneOrMore(
            "letters",
            List.of(3, 5),
            "Letters of the shortest and the longest run within a word; 0 for none",
            each -> each.integer(Rule.between(0, 10)));
    int shortest = letters.isEmpty() ? 0 : letters.get(0);
    int longest = letters.isEmpty() ? 0 : letters.get(letters.size() - 1);
    if (letters.size() > 2 || shortest > longest || shortest == 0 && longest > 0) {
      node.mistake("letters", "must be two numbers from 1 upwards, such as [3, 5], or 0 for none.");
      return node.stop();
    }
    return Tokenizer.hashedNgrams(rows, words, Math.max(1, shortest), longest);
  }

  private static Step.LogMel logMel(Options node) {
    int rate =
        node.integer("rate", 16_000, "Samples a second to which sounds are brought", HEARABLE);
    Optional<Double> seconds =
        node.optionalNumber(
            "seconds",
            "Length to which sounds are filled up with silence or cut; their own if left out",
            Rule.above(0));
    int mels = node.integer("mels", 40, "Bands of a frame", Rule.atLeast(1));
    int window =
        samples(rate, node.number("window", 0.025, "Length of a frame in seconds", Rule.above(0)));
    int hop =
        samples(
            rate, node.number("hop", 0.01, "Seconds from one frame to the next", Rule.above(0)));
    int fft =
        node.optionalInteger(
                "fft",
                "Length of the Fourier transform, a power of two; the least that holds a frame if"
                    + " left out",
                Rule.atLeast(2))
            .orElseGet(() -> node.settle("fft", powerOfTwo(window)));
    double lowest =
        node.number("lowest", 0, "Frequency in Hz where the bands begin", Rule.atLeast(0));
    double highest =
        node.optionalNumber(
                "highest",
                "Frequency in Hz where the bands end; half of the rate if left out",
                Rule.above(0))
            .orElseGet(() -> node.settle("highest", rate / 2.0));
    try {
      return new Step.LogMel(
          new MelSpectrogram(
              new MelSpectrogram.Options(rate, window, hop, fft, mels, lowest, highest)),
          seconds.map(length -> samples(rate, length)).orElse(0));
    } catch (IllegalArgumentException e) {
      node.mistake("does not make frames of sounds: " + e.getMessage() + ".");
      return node.stop();
    }
  }

  private static int samples(int rate, double seconds) {
    return (int) Math.max(1, Math.min(Integer.MAX_VALUE / 2, Math.round(rate * seconds)));
  }

  private static int powerOfTwo(int least) {
    return Math.max(2, Integer.highestOneBit(least - 1) << 1);
  }

  /**
   * Reads the tokenizer.
   *
   * @throws RanbikiException if it cannot be used, or allows fewer ids than are asked for
   */
  Prepare open() {
    Optional<Tokenizer> read = ngrams.or(() -> tokenizer.map(Tokenizer::read));
    if (read.isEmpty()) {
      List<Step.OfSample> steps = new ArrayList<>();
      resize.ifPresent(steps::add);
      logMel.ifPresent(steps::add);
      return new Prepare(steps, normalization);
    }
    try {
      int most = atMost.orElseGet(() -> Step.Tokenize.of(read.get()).atMost());
      return Prepare.of(new Step.Tokenize(read.get(), most, prefix, Step.Tokenize.Texts.ANY));
    } catch (IllegalArgumentException e) {
      throw new RanbikiException(
          RanbikiException.Kind.CONFIGURATION,
          "With "
              + tokenizer.map(Path::toString).orElse("n-grams")
              + " "
              + e.getMessage()
              + ". Correct prepare.at-most.",
          e);
    }
  }
}
