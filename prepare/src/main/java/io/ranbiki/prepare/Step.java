package io.ranbiki.prepare;

import io.ranbiki.RanbikiException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** One thing that is done to a sample. A preparation lists them in the order of these types. */
public sealed interface Step {

  /** The word for it in files, such as {@code normalize}. */
  String name();

  /** A step that each sample goes through by itself; the others take a whole batch at once. */
  sealed interface OfSample extends Step {

    /**
     * The fields that are left of those that samples have.
     *
     * @throws RanbikiException if they cannot go through this step
     */
    List<Field> fields(List<Field> samples);

    /** A sample after this step; fields that are none of its business stay as they are. */
    Row apply(Row sample);

    /** In words that go on behind "inputs". */
    String words();
  }

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
   * Brings the shorter side of an image to a length, the longer one in proportion, and cuts out the
   * square in the middle: torchvision's {@code Resize(side)} and {@code CenterCrop(crop)} on PIL
   * images, antialiased and bilinear, to the bit.
   *
   * @param side new length of the shorter side, 1 to 4096
   * @param crop length of the square's sides, 1 to {@code side}
   */
  record Resize(int side, int crop) implements OfSample {

    static final String NAME = "resize";

    /** The longest side that an image can be brought to. */
    public static final int LARGEST = 4096;

    /** Of longer strips, the square in the middle would show next to nothing. */
    private static final int MOST_TIMES = 100;

    /** Checks the lengths. */
    public Resize {
      if (side < 1 || side > LARGEST || crop < 1 || crop > side) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "an image is brought to %d pixels and cut to %d, but the first must be 1 to %d and"
                    + " the second 1 to the first",
                side,
                crop,
                LARGEST));
      }
    }

    /** The whole of the middle. */
    public static Resize to(int side) {
      return new Resize(side, side);
    }

    @Override
    public String name() {
      return NAME;
    }

    /**
     * Checks that something of an image will be left to see.
     *
     * @param image its name, to begin a sentence with
     * @throws RanbikiException if it is a single pixel, or a strip
     */
    public static void requireUsable(int height, int width, String image) {
      if (Math.max(height, width) == 1) {
        throw RanbikiException.configuration(
            "%s is a single pixel, which shows nothing. Replace or remove it.", image);
      }
      if (Math.max(height, width) > (double) MOST_TIMES * Math.min(height, width)) {
        throw RanbikiException.configuration(
            "%s is %d x %d pixels large, so that the square in its middle would show less than one"
                + " part in %d of it. Crop or remove it.",
            image, width, height, MOST_TIMES);
      }
    }

    private static boolean isImage(Field field) {
      return field.shape().size() == 3
          && (field.kind() == Field.Kind.UINT8 || field.kind() == Field.Kind.FLOAT32);
    }

    @Override
    public List<Field> fields(List<Field> samples) {
      List<Field> fields = new ArrayList<>();
      for (Field field : samples) {
        fields.add(
            isImage(field)
                ? new Field(
                    field.name(), Field.Kind.UINT8, List.of(field.shape().get(0), crop, crop))
                : field);
      }
      if (samples.stream().noneMatch(Resize::isImage)) {
        throw RanbikiException.configuration(
            "The samples have the fields %s, none of which is an image that 'resize' could change."
                + " Leave it out.",
            samples);
      }
      return List.copyOf(fields);
    }

    @Override
    public Row apply(Row sample) {
      Row row = sample;
      for (String name : sample.arrays().keySet()) {
        Values values = sample.get(name);
        if (values.shape().length == 3 && values instanceof Values.Bytes bytes) {
          row = row.with(name, apply(bytes));
        } else if (values.shape().length == 3 && values instanceof Values.Floats floats) {
          row = row.with(name, apply(rounded(floats)));
        }
      }
      return row;
    }

    /** Views have fractions, and this step takes bytes. */
    private static Values.Bytes rounded(Values.Floats view) {
      byte[] bytes = new byte[Values.count(view.shape())];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) Math.round(255 * Math.min(1, Math.max(0, view.data()[i])));
      }
      return new Values.Bytes(bytes, view.shape());
    }

    /**
     * Resizes pixels.
     *
     * @param image {@code [channels, height, width]}
     * @return {@code [channels, crop, crop]}
     */
    public Values.Bytes apply(Values.Bytes image) {
      int channels = image.shape()[0];
      int height = image.shape()[1];
      int width = image.shape()[2];
      int shorter = Math.min(height, width);
      int newHeight = height == shorter ? side : (int) ((double) side * height / shorter);
      int newWidth = width == shorter ? side : (int) ((double) side * width / shorter);
      byte[] pixels =
          Bilinear.window(
              image, newHeight, newWidth, middle(newHeight), middle(newWidth), crop, crop);
      return new Values.Bytes(pixels, new int[] {channels, crop, crop});
    }

    /** Where the square begins; halves go to the even number, as Python rounds. */
    private int middle(int length) {
      return (int) Math.rint((length - crop) / 2.0);
    }

    @Override
    public String words() {
      return "resized to " + side + " pixels" + (crop == side ? "" : " and cut to " + crop);
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
   * @param prefix that is put before every text, such as {@code "query: "}; mostly empty
   * @param texts how many of them a sample is
   */
  record Tokenize(Tokenizer tokenizer, int atMost, String prefix, Texts texts) implements OfSample {

    /** How many texts a sample is. */
    public enum Texts {
      /** One. */
      ONE,
      /** Two, which are read together. */
      PAIR,
      /** One or two, as the samples are. */
      ANY;

      /** The word for it in files. */
      String word() {
        return name().toLowerCase(Locale.ROOT);
      }
    }

    static final String NAME = "tokenize";

    /** Ids of a text where neither its tokenizer nor a user says how many. */
    public static final int USUAL = 128;

    /** Checks the limit. */
    public Tokenize {
      int least = texts == Texts.PAIR ? tokenizer.fewestOfPair() : tokenizer.fewest();
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

    /** With nothing before a text. */
    public Tokenize(Tokenizer tokenizer, int atMost) {
      this(tokenizer, atMost, "");
    }

    /** Of one text. */
    public Tokenize(Tokenizer tokenizer, int atMost, String prefix) {
      this(tokenizer, atMost, prefix, Texts.ONE);
    }

    /** For so many texts. */
    public Tokenize with(Texts other) {
      return new Tokenize(tokenizer, atMost, prefix, other);
    }

    /** The ids of a text, with those that the tokenizer puts around it. */
    public Tokenizer.Encoding encode(String text) {
      return tokenizer.encode(prefix + text, atMost);
    }

    /** The ids of two texts, with those that the tokenizer puts around and between them. */
    public Tokenizer.Encoding encode(String first, String second) {
      return tokenizer.encode(prefix + first, prefix + second, atMost);
    }

    /** With the limit of the tokenizer, or the usual one. */
    public static Tokenize of(Tokenizer tokenizer) {
      return new Tokenize(tokenizer, tokenizer.limit().orElse(USUAL));
    }

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public List<Field> fields(List<Field> samples) {
      List<Field> fields = new ArrayList<>();
      for (Field field : samples) {
        if (field.kind() == Field.Kind.TEXT) {
          boolean pairs = field.holdsPairs();
          require(pairs);
          List<Integer> any = List.of(Field.ANY);
          fields.add(new Field(Preparation.IDS, Field.Kind.INT64, any));
          if (pairs) {
            fields.add(new Field(Preparation.TYPES, Field.Kind.INT64, any));
          }
        } else {
          fields.add(field);
        }
      }
      return List.copyOf(fields);
    }

    private void require(boolean pairs) {
      if (pairs && texts == Texts.ONE) {
        throw RanbikiException.configuration(
            "The network takes single texts, but a sample is a pair of them. Name one column or"
                + " field (data.text), or take a network that was trained on pairs.");
      }
      if (!pairs && texts == Texts.PAIR) {
        throw RanbikiException.configuration(
            "The network takes pairs of texts, but a sample is a single one. Name two columns or"
                + " fields (data.text: [FIRST, SECOND]), or take a network that was trained on"
                + " single texts.");
      }
    }

    /**
     * The ids of the text or the texts of a sample.
     *
     * @throws IllegalArgumentException if it has none
     */
    public Tokenizer.Encoding encode(Row sample) {
      for (Values values : sample.arrays().values()) {
        if (values instanceof Values.Text text) {
          return encode(text.value());
        }
        if (values instanceof Values.Pair pair) {
          return encode(pair.first(), pair.second());
        }
      }
      throw new IllegalArgumentException("no text in " + sample.arrays().keySet());
    }

    @Override
    public Row apply(Row sample) {
      Row row = sample;
      for (String name : sample.arrays().keySet()) {
        row = sample.get(name).kind() == Field.Kind.TEXT ? row.without(name) : row;
      }
      if (row.arrays().size() == sample.arrays().size()) {
        return sample;
      }
      Tokenizer.Encoding made = encode(sample);
      int[] shape = {made.ids().length};
      row = row.with(Preparation.IDS, new Values.Longs(made.ids(), shape));
      return sample.arrays().values().stream().anyMatch(Values.Pair.class::isInstance)
          ? row.with(Preparation.TYPES, new Values.Longs(made.types(), shape))
          : row;
    }

    @Override
    public String words() {
      String before = prefix.isEmpty() ? "" : " of '" + prefix + "' and the text";
      String pairs = texts == Texts.PAIR ? " of two texts" : "";
      return "of at most " + atMost + " ids" + pairs + before + " by " + tokenizer;
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
  record LogMel(MelSpectrogram spectrogram, int samples) implements OfSample {

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

    @Override
    public List<Field> fields(List<Field> samples) {
      return samples.stream()
          .map(
              field ->
                  field.kind() == Field.Kind.SOUND
                      ? new Field(Preparation.FRAMES, Field.Kind.FLOAT32, shape())
                      : field)
          .toList();
    }

    @Override
    public Row apply(Row sample) {
      Row row = sample;
      for (String name : sample.arrays().keySet()) {
        if (sample.get(name) instanceof Values.Sound sound) {
          float[] frames = of(sound);
          int mels = spectrogram.options().mels();
          int[] shape = {1, frames.length / mels, mels};
          row = row.without(name).with(Preparation.FRAMES, new Values.Floats(frames, shape));
        }
      }
      return row;
    }

    @Override
    public String words() {
      double seconds = (double) samples / spectrogram.options().rate();
      return "of "
          + spectrogram
          + (samples == 0 ? "" : String.format(Locale.ROOT, " of %.3g s", seconds));
    }
  }

  /**
   * Makes numbers of the cells of a row.
   *
   * @param columns how each becomes numbers
   */
  record Encode(Columns columns) implements OfSample {

    static final String NAME = "encode";

    /** The field of the numbers. */
    private static final String FEATURES = "features";

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public List<Field> fields(List<Field> samples) {
      return samples.stream()
          .map(
              field ->
                  field.kind() == Field.Kind.CELLS
                      ? new Field(FEATURES, Field.Kind.FLOAT32, List.of(columns.width()))
                      : field)
          .toList();
    }

    @Override
    public Row apply(Row sample) {
      Row row = sample;
      for (String name : sample.arrays().keySet()) {
        if (sample.get(name) instanceof Values.Cells cells) {
          float[] numbers = columns.of(cells);
          row =
              row.without(name)
                  .with(FEATURES, new Values.Floats(numbers, new int[] {numbers.length}));
        }
      }
      return row;
    }

    @Override
    public String words() {
      return "of " + columns;
    }
  }
}
