package io.ranbiki.prepare;

import io.ranbiki.RanbikiException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a network's inputs go through, from an image or a sound file, a row of numbers or a text to
 * the array that the network takes. It belongs to the network: whoever has the file has its
 * preparation.
 *
 * @param input what a sample is
 * @param shape of the array, without the batch: {@code [channels, height, width]}, {@code
 *     [features]}, {@link Field#ANY} alone for the ids of a text, or {@code [1, frames, mels]} for
 *     a sound, the frames {@link Field#ANY} where its length varies
 * @param steps in the order in which a sample passes them: of an image {@code decode}, then perhaps
 *     {@code resize}, {@code scale} and {@code normalize}; of values {@code normalize} or none; of
 *     a text {@code tokenize}; of a sound {@code log-mel}, then perhaps {@code normalize}; of cells
 *     {@code encode}
 * @param inside the names of the steps that the network's file does itself: {@code normalize} or
 *     none
 */
public record Preparation(Input input, List<Integer> shape, List<Step> steps, List<String> inside) {

  /** The field of the ids that a text becomes. */
  public static final String IDS = "input_ids";

  /** The field that says of each id of a pair which of the two texts it is of. */
  public static final String TYPES = "token_type_ids";

  /** The field of the frames that a sound becomes. */
  public static final String FRAMES = "input_features";

  private static final List<Integer> VARYING = List.of(Field.ANY);

  /** What a sample is. */
  public enum Input {
    /** An image file, see {@link Image}. */
    IMAGE,
    /** An array of numbers, such as a row of a table. */
    VALUES,
    /** A text. */
    TEXT,
    /** A WAV file. */
    SOUND,
    /** A row of a table, whose cells have names. */
    CELLS;

    /** The word for it in files. */
    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Checks that the parts go together. */
  public Preparation {
    shape = List.copyOf(shape);
    steps = List.copyOf(steps);
    inside = List.copyOf(inside);
    if (input != Input.SOUND && (input == Input.TEXT ? !shape.equals(VARYING) : !isShape(shape))) {
      throw new IllegalArgumentException(
          "the shape " + shape + " must have lengths of 1 or more, and fewer than 2^31 numbers");
    }
    requireOrder(input, steps.stream().map(Step::name).toList());
    boolean normalized = step(steps, Step.Normalize.class).isPresent();
    if (!inside.isEmpty() && !(normalized && inside.equals(List.of(Step.Normalize.NAME)))) {
      throw new IllegalArgumentException(
          "the steps "
              + inside
              + " are said to be inside the file, where only normalize can be, and only if it is"
              + " a step");
    }
    Optional<Step.LogMel> logMel = step(steps, Step.LogMel.class);
    if (logMel.isPresent() && !shape.equals(logMel.get().shape())) {
      throw new IllegalArgumentException(
          "the shape " + shape + " is not " + logMel.get().shape() + ", which log-mel makes");
    }
    Optional<Columns> columns = step(steps, Step.Encode.class).map(Step.Encode::columns);
    if (columns.isPresent() && !shape.equals(List.of(columns.get().width()))) {
      throw new IllegalArgumentException("the shape " + shape + " is not that of " + columns.get());
    }
    Optional<Step.Decode> decode = step(steps, Step.Decode.class);
    if (decode.isPresent()
        && (shape.size() != 3 || shape.get(0) != decode.get().colour().channels())) {
      throw new IllegalArgumentException(
          "the shape "
              + shape
              + " is not that of an image in the colour "
              + decode.get().colour().word());
    }
    Optional<Step.Resize> resize = step(steps, Step.Resize.class);
    if (resize.isPresent()
        && (shape.get(1) != resize.get().crop() || shape.get(2) != resize.get().crop())) {
      throw new IllegalArgumentException(
          "the shape "
              + shape
              + " is not that of an image that is cut to "
              + resize.get().crop()
              + " x "
              + resize.get().crop());
    }
    if (input != Input.TEXT) {
      normalization(steps).requireFits(lengths(shape));
    }
  }

  private static boolean isShape(List<Integer> shape) {
    return !shape.isEmpty()
        && shape.stream().allMatch(length -> length >= 1)
        && numbers(shape) <= Integer.MAX_VALUE;
  }

  private static void requireOrder(Input input, List<String> names) {
    List<String> possible =
        switch (input) {
          case IMAGE ->
              List.of(Step.Decode.NAME, Step.Resize.NAME, Step.Scale.NAME, Step.Normalize.NAME);
          case VALUES -> List.of(Step.Normalize.NAME);
          case TEXT -> List.of(Step.Tokenize.NAME);
          case SOUND -> List.of(Step.LogMel.NAME, Step.Normalize.NAME);
          case CELLS -> List.of(Step.Encode.NAME);
        };
    List<String> ordered = possible.stream().filter(names::contains).toList();
    boolean begins = input == Input.VALUES || names.contains(possible.get(0));
    if (!names.equals(ordered) || !begins) {
      throw new IllegalArgumentException(
          "the steps "
              + names
              + switch (input) {
                case IMAGE -> " must be decode, then perhaps resize, scale and normalize";
                case VALUES -> " of values may be normalize alone";
                case TEXT -> " of a text must be tokenize alone";
                case SOUND -> " of a sound must be log-mel, then perhaps normalize";
                case CELLS -> " of cells must be encode alone";
              });
    }
  }

  private static double numbers(List<Integer> shape) {
    return shape.stream().mapToDouble(Integer::doubleValue).reduce(1, (a, b) -> a * b);
  }

  private static int[] lengths(List<Integer> shape) {
    return shape.stream().mapToInt(Integer::intValue).toArray();
  }

  private static <T extends Step> Optional<T> step(List<Step> steps, Class<T> type) {
    return steps.stream().filter(type::isInstance).map(type::cast).findFirst();
  }

  private static Normalization normalization(List<Step> steps) {
    return step(steps, Step.Normalize.class)
        .map(Step.Normalize::numbers)
        .orElse(Normalization.none());
  }

  /**
   * The preparation that training here uses for a shape: images of pixels in 0..1 where it is
   * {@code [1 or 3, height, width]}, else values.
   */
  public static Preparation of(List<Integer> shape, Normalization normalization) {
    return of(shape, Optional.empty(), normalization);
  }

  /** The same for images that are brought to one size first. */
  static Preparation of(
      List<Integer> shape, Optional<Step.Resize> resize, Normalization normalization) {
    List<Step> steps = new ArrayList<>();
    Optional<Colour> colour =
        Arrays.stream(Colour.values())
            .filter(each -> shape.size() == 3 && each.channels() == shape.get(0))
            .findFirst();
    if (colour.isPresent()) {
      steps.add(new Step.Decode(colour.get()));
      resize.ifPresent(steps::add);
      steps.add(Step.Scale.PIXELS);
    }
    if (!normalization.equals(Normalization.none())) {
      steps.add(new Step.Normalize(normalization));
    }
    Input input = colour.isPresent() ? Input.IMAGE : Input.VALUES;
    return new Preparation(input, shape, steps, List.of());
  }

  /** The preparation of a text. */
  public static Preparation of(Step.Tokenize tokenize) {
    return new Preparation(Input.TEXT, VARYING, List.of(tokenize), List.of());
  }

  /** The preparation of a row of a table. */
  public static Preparation of(Columns columns) {
    return new Preparation(
        Input.CELLS, List.of(columns.width()), List.of(new Step.Encode(columns)), List.of());
  }

  /** The preparation of a sound. */
  public static Preparation of(Step.LogMel logMel, Normalization normalization) {
    List<Step> steps = new ArrayList<>(List.of(logMel));
    if (!normalization.equals(Normalization.none())) {
      steps.add(new Step.Normalize(normalization));
    }
    return new Preparation(Input.SOUND, logMel.shape(), steps, List.of());
  }

  /**
   * Reads what {@link #json} wrote.
   *
   * @param source where the text comes from, to begin a sentence with
   * @throws RanbikiException of kind MODEL if it is not such a text, or of a newer version
   */
  public static Preparation parse(String json, String source) {
    return PreparationJson.read(json, source);
  }

  /** One line of JSON, as ONNX files carry it. */
  public String json() {
    return PreparationJson.write(this);
  }

  /** This preparation for a file that normalizes its inputs itself. */
  public Preparation normalizedInside() {
    boolean normalized = step(steps, Step.Normalize.class).isPresent();
    return new Preparation(
        input, shape, steps, normalized ? List.of(Step.Normalize.NAME) : List.of());
  }

  /** The normalization, wherever it is done; {@link Normalization#none()} if there is none. */
  public Normalization normalization() {
    return normalization(steps);
  }

  /** The normalization that is left to whoever feeds the file; none if it is inside. */
  public Normalization outside() {
    return inside.isEmpty() ? normalization() : Normalization.none();
  }

  /** How texts become ids; empty if a sample is no text. */
  public Optional<Step.Tokenize> tokenize() {
    return step(steps, Step.Tokenize.class);
  }

  /** How sounds become frames; empty if a sample is no sound. */
  public Optional<Step.LogMel> logMel() {
    return step(steps, Step.LogMel.class);
  }

  /** How images are brought to one size; empty if they must have it. */
  public Optional<Step.Resize> resize() {
    return step(steps, Step.Resize.class);
  }

  /** How the cells of a row become numbers; empty if a sample is no such row. */
  public Optional<Columns> columns() {
    return step(steps, Step.Encode.class).map(Step.Encode::columns);
  }

  /**
   * Makes numbers of a row of a table.
   *
   * @param row the cells by the names of their columns, empty where a value is not known; columns
   *     that the network does not take do not count
   * @return the network's input
   * @throws RanbikiException of kind CONFIGURATION if the network takes no such rows, a column is
   *     not there, or a number is none
   */
  public float[] apply(Map<String, String> row) {
    Columns columns =
        columns()
            .orElseThrow(
                () ->
                    RanbikiException.configuration(
                        "The sample is a row of a table, but the network takes %s. Give it %s.",
                        takes(), wanted()));
    return columns.of(columns.cells(row));
  }

  /** How many numbers an array of this shape has, which must be fixed. */
  public int length() {
    return (int) numbers(shape);
  }

  /**
   * Does to an image or a WAV file what is to be done outside the network's file.
   *
   * @return the network's input, channel by channel
   * @throws RanbikiException of kind CONFIGURATION if it is no such file, or an image of another
   *     size, or the network takes neither; of kind IO if it cannot be read
   */
  public float[] apply(Path file) {
    return input == Input.SOUND ? apply(Wav.read(file)) : apply(Image.bytes(file), file.toString());
  }

  /**
   * Does to the bytes of an image or a WAV file what is to be done outside the network's file. The
   * size of an image is looked at before anything is decoded.
   *
   * @param name of the image or sound, to begin a sentence with
   * @return as {@link #apply(Path)}
   * @throws RanbikiException as {@link #apply(Path)}
   */
  public float[] apply(byte[] image, String name) {
    if (input == Input.SOUND) {
      return apply(Wav.read(image, name));
    }
    requireNumbers();
    Image.Header header = Image.header(image, name);
    requireSize(header.height(), header.width(), name);
    return apply(Image.read(image, name));
  }

  /**
   * Does to a decoded image what is to be done outside the network's file.
   *
   * @return as {@link #apply(Path)}
   * @throws RanbikiException as {@link #apply(Path)}
   */
  public float[] apply(Image image) {
    requireNumbers();
    Colour colour = requireSize(image.height(), image.width(), image.name());
    double factor = step(steps, Step.Scale.class).map(Step.Scale::factor).orElse(1.0);
    float[] numbers = new float[length()];
    Optional<Step.Resize> resize = resize();
    if (resize.isPresent()) {
      byte[] pixels = resize.get().apply(image.values(colour)).data();
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = (float) ((pixels[i] & 0xff) * factor);
      }
    } else {
      image.write(colour, factor, numbers, 0);
    }
    return normalized(numbers);
  }

  private Colour requireSize(int foundHeight, int foundWidth, String name) {
    Optional<Step.Decode> decode = step(steps, Step.Decode.class);
    if (decode.isEmpty()) {
      throw RanbikiException.configuration(
          "%s is an image, but the network takes %d numbers. Give it a row of numbers.",
          name, length());
    }
    int height = shape.get(1);
    int width = shape.get(2);
    if (resize().isPresent()) {
      Step.Resize.requireUsable(foundHeight, foundWidth, name);
    } else if (foundHeight != height || foundWidth != width) {
      throw RanbikiException.configuration(
          "%s is %d x %d pixels large, but the network takes images of %d x %d. Bring it to that"
              + " size.",
          name, foundWidth, foundHeight, width, height);
    }
    return decode.get().colour();
  }

  /**
   * Does to numbers what is to be done outside the network's file.
   *
   * @param values of one sample as its dataset has them: a row of features, or the pixels of an
   *     image after decoding and scaling, channel by channel
   * @return the network's input
   * @throws RanbikiException of kind CONFIGURATION if there are too few or too many, or one is not
   *     finite
   */
  public float[] apply(float[] values) {
    requireNumbers();
    if (values.length != length()) {
      throw RanbikiException.configuration(
          "The sample has %d numbers, but the network takes %d, of shape %s. Give one number for"
              + " each.",
          values.length, length(), shape);
    }
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw RanbikiException.configuration(
            "Number %d of the sample, counted from 0, is %s, but must be finite. Correct it.",
            i, values[i]);
      }
    }
    return normalized(values.clone());
  }

  /** The array itself, with other numbers where they are to be normalized here. */
  private float[] normalized(float[] numbers) {
    outside().apply(numbers, 0, lengths(shape));
    return numbers;
  }

  /**
   * Makes the frames of a sound, of any rate.
   *
   * @return {@code [frames, mels]}
   * @throws RanbikiException of kind CONFIGURATION if the network takes no sounds
   */
  public float[] apply(Values.Sound sound) {
    Step.LogMel logMel =
        logMel()
            .orElseThrow(
                () ->
                    RanbikiException.configuration(
                        "The sample is a sound, but the network takes %s. Give it %s.",
                        takes(), wanted()));
    float[] frames = logMel.of(sound);
    outside().apply(frames, 0, new int[] {1, frames.length});
    return frames;
  }

  /**
   * Makes the ids of a text.
   *
   * @throws RanbikiException of kind CONFIGURATION if the network takes no single text, or it is
   *     empty
   */
  public Tokenizer.Encoding apply(String text) {
    Step.Tokenize tokenize = requireTexts("a text", Step.Tokenize.Texts.PAIR);
    if (text.isBlank()) {
      throw RanbikiException.configuration("The text is empty. Give one.");
    }
    return tokenize.encode(text);
  }

  /**
   * Makes the ids of two texts that are read together.
   *
   * @throws RanbikiException of kind CONFIGURATION if the network takes no pairs, or one is empty
   */
  public Tokenizer.Encoding apply(String first, String second) {
    Step.Tokenize tokenize = requireTexts("a pair of texts", Step.Tokenize.Texts.ONE);
    if (first.isBlank() || second.isBlank()) {
      throw RanbikiException.configuration(
          "The %s text of the pair is empty. Give both.", first.isBlank() ? "first" : "second");
    }
    return tokenize.encode(first, second);
  }

  private Step.Tokenize requireTexts(String sample, Step.Tokenize.Texts others) {
    return tokenize()
        .filter(step -> step.texts() != others)
        .orElseThrow(
            () ->
                RanbikiException.configuration(
                    "The sample is %s, but the network takes %s. Give it %s.",
                    sample, takes(), wanted()));
  }

  private boolean takesPairs() {
    return tokenize().filter(step -> step.texts() == Step.Tokenize.Texts.PAIR).isPresent();
  }

  private String takes() {
    return switch (input) {
      case IMAGE -> "images";
      case VALUES -> length() + " numbers";
      case TEXT -> takesPairs() ? "pairs of texts" : "texts";
      case SOUND -> "sounds";
      case CELLS -> "rows of a table";
    };
  }

  private String wanted() {
    return switch (input) {
      case IMAGE -> "an image";
      case VALUES -> "a row of numbers";
      case TEXT -> takesPairs() ? "two texts" : "a text";
      case SOUND -> "a WAV file";
      case CELLS -> "a row by the names of its columns";
    };
  }

  private void requireNumbers() {
    if (input == Input.TEXT || input == Input.SOUND || input == Input.CELLS) {
      throw RanbikiException.configuration(
          "The network takes %s, and got something else. Give it %s.", takes(), wanted());
    }
  }
}
