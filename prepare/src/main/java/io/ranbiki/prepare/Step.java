package io.ranbiki.prepare;

/** One thing that is done to a sample. A preparation lists them in the order of these types. */
public sealed interface Step {

  /** The word for it in files, such as {@code normalize}. */
  String name();

  /**
   * Makes numbers of an image file, channel by channel, each 0 to 255.
   *
   * @param colour what is made of a pixel
   */
  record Decode(Colour colour) implements Step {

    static final String NAME = "decode";

    @Override
    public String name() {
      return NAME;
    }
  }

  /**
   * Multiplies every number.
   *
   * @param factor finite and above 0
   */
  record Scale(double factor) implements Step {

    static final String NAME = "scale";

    /** From 0..255 to 0..1. */
    public static final Scale PIXELS = new Scale(1.0 / 255);

    /** Checks the factor. */
    public Scale {
      if (!Double.isFinite(factor) || factor <= 0) {
        throw new IllegalArgumentException(
            "the factor of scale is " + factor + ", but must be finite and above 0");
      }
    }

    @Override
    public String name() {
      return NAME;
    }
  }

  /**
   * Subtracts a mean and divides by a standard deviation.
   *
   * @param numbers for every channel, or one of each for all
   */
  record Normalize(Normalization numbers) implements Step {

    static final String NAME = "normalize";

    @Override
    public String name() {
      return NAME;
    }
  }

  /**
   * Makes the ids of pieces of a text.
   *
   * @param tokenizer that makes them
   * @param atMost ids of a text; those behind are left out
   */
  record Tokenize(Tokenizer tokenizer, int atMost) implements Step {

    static final String NAME = "tokenize";

    /** Ids of a text where neither its tokenizer nor a user says how many. */
    public static final int USUAL = 128;

    /** Checks the limit. */
    public Tokenize {
      int least = tokenizer.fewest();
      int most = tokenizer.limit().orElse(Integer.MAX_VALUE);
      if (atMost < least || atMost > most) {
        throw new IllegalArgumentException(
            "a text may have at most "
                + atMost
                + " ids, but the tokenizer takes a limit of "
                + least
                + (tokenizer.limit().isPresent() ? " to " + most : " or more"));
      }
    }

    /** With the limit of the tokenizer, or the usual one. */
    public static Tokenize of(Tokenizer tokenizer) {
      return new Tokenize(tokenizer, tokenizer.limit().orElse(USUAL));
    }

    @Override
    public String name() {
      return NAME;
    }
  }
}
