package io.ranbiki.prepare;

import java.util.Arrays;
import java.util.List;

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

  /**
   * Makes frames of a sound: brings it to the rate of the spectrogram, to a length if one is said,
   * and takes the logarithms of power in bands of frequency.
   *
   * @param spectrogram that makes the frames
   * @param samples at its rate to which a sound is filled up with silence or cut at the end; 0 to
   *     leave its length as it is
   */
  record LogMel(MelSpectrogram spectrogram, int samples) implements Step {

    static final String NAME = "log-mel";

    /** Checks the length. */
    public LogMel {
      if (samples < 0) {
        throw new IllegalArgumentException(
            "a sound is to have "
                + samples
                + " samples, but must have 1 or more, or 0 for its own");
      }
    }

    /** Of what {@link #of} makes: {@code [1, frames, mels]}, a picture of one channel. */
    public List<Integer> shape() {
      int frames = samples == 0 ? Field.ANY : spectrogram.frames(samples);
      return List.of(1, frames, spectrogram.options().mels());
    }

    /**
     * Makes the frames of a sound.
     *
     * @return {@code [frames, mels]}
     */
    public float[] of(Values.Sound sound) {
      float[] wave = resampled(sound);
      return spectrogram.of(
          samples == 0 || samples == wave.length ? wave : Arrays.copyOf(wave, samples));
    }

    /** How many samples of a sound are behind the length, and cut off. */
    int cut(Values.Sound sound) {
      return samples == 0 ? 0 : Math.max(0, resampled(sound).length - samples);
    }

    private float[] resampled(Values.Sound sound) {
      return Resampling.of(sound.wave(), sound.rate(), spectrogram.options().rate());
    }

    @Override
    public String name() {
      return NAME;
    }
  }
}
