package io.ranbiki.prepare;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What the inputs of one network go through, beyond what those of every network do: the ids of a
 * text, the frames of a sound, the normalization of numbers. It belongs to the network, not to the
 * data: a teacher and its student may see the same sample differently. {@link Preparation} is the
 * same with the shape of the input, as a service needs it.
 *
 * @param tokenize how texts become ids; empty where samples are no texts
 * @param logMel how sounds become frames; empty where samples are no sounds
 * @param normalization of pixels in 0..1, or of other numbers
 */
public record Prepare(
    Optional<Step.Tokenize> tokenize, Optional<Step.LogMel> logMel, Normalization normalization) {

  /** Numbers as they are. */
  public static final Prepare NONE = of(Normalization.none());

  /** Normalized numbers. */
  public static Prepare of(Normalization normalization) {
    return new Prepare(Optional.empty(), Optional.empty(), normalization);
  }

  /** Texts. */
  public static Prepare of(Step.Tokenize tokenize) {
    return new Prepare(Optional.of(tokenize), Optional.empty(), Normalization.none());
  }

  /** Sounds. */
  public static Prepare of(Step.LogMel logMel) {
    return new Prepare(Optional.empty(), Optional.of(logMel), Normalization.none());
  }

  /** All of a preparation, whether it is done inside the network's file or not. */
  public static Prepare of(Preparation preparation) {
    return new Prepare(preparation.tokenize(), preparation.logMel(), preparation.normalization());
  }

  /** What is left to whoever feeds a file. */
  public static Prepare outside(Preparation preparation) {
    return of(preparation).with(preparation.outside());
  }

  /** The same with another normalization. */
  public Prepare with(Normalization other) {
    return new Prepare(tokenize, logMel, other);
  }

  /** Whether both make the same arrays of a sample, up to the normalization of a whole batch. */
  public boolean makesSame(Prepare other) {
    return tokenize.equals(other.tokenize) && logMel.equals(other.logMel);
  }

  /** The fields that a network gets of samples: for a text its ids, for a sound its frames. */
  public List<Field> fields(List<Field> samples) {
    List<Field> fields = new ArrayList<>();
    for (Field field : samples) {
      if (field.kind() == Field.Kind.TEXT) {
        tokenize.ifPresent(
            step -> fields.add(new Field(Preparation.IDS, Field.Kind.INT64, List.of(Field.ANY))));
      } else if (field.kind() == Field.Kind.SOUND) {
        logMel.ifPresent(
            step -> fields.add(new Field(Preparation.FRAMES, Field.Kind.FLOAT32, step.shape())));
      } else {
        fields.add(field);
      }
    }
    return List.copyOf(fields);
  }

  /** A sample as a network gets it, but for what a whole batch goes through at once. */
  public Row apply(Row sample) {
    Row row = sample;
    for (String name : sample.arrays().keySet()) {
      if (sample.get(name) instanceof Values.Text text) {
        row = row.without(name);
        if (tokenize.isPresent()) {
          long[] ids = ids(text.value());
          row = row.with(Preparation.IDS, new Values.Longs(ids, new int[] {ids.length}));
        }
      } else if (sample.get(name) instanceof Values.Sound sound) {
        row = row.without(name);
        if (logMel.isPresent()) {
          row = row.with(Preparation.FRAMES, frames(logMel.get(), sound));
        }
      }
    }
    return row;
  }

  private static Values frames(Step.LogMel step, Values.Sound sound) {
    float[] frames = step.of(sound);
    int mels = step.spectrogram().options().mels();
    return new Values.Floats(frames, new int[] {1, frames.length / mels, mels});
  }

  /**
   * How many ids of a sample's texts, or samples of its sound, are behind the limit, and cut off.
   */
  public int cut(Row sample) {
    return sample.arrays().values().stream().mapToInt(this::cut).sum();
  }

  private int cut(Values values) {
    if (values instanceof Values.Text text && tokenize.isPresent()) {
      return encoded(text.value()).cut();
    }
    return values instanceof Values.Sound sound && logMel.isPresent() ? logMel.get().cut(sound) : 0;
  }

  private long[] ids(String text) {
    return encoded(text).ids();
  }

  private Tokenizer.Encoding encoded(String text) {
    Step.Tokenize step = tokenize.orElseThrow();
    return step.tokenizer().encode(text, step.atMost());
  }

  /**
   * The same for samples of one shape.
   *
   * @param shape of a sample; of no account for texts and sounds
   */
  public Preparation on(List<Integer> shape) {
    if (logMel.isPresent()) {
      return Preparation.of(logMel.get(), normalization);
    }
    return tokenize.map(Preparation::of).orElseGet(() -> Preparation.of(shape, normalization));
  }

  /** In words that go on behind "inputs". */
  public String words() {
    if (tokenize.isPresent()) {
      Step.Tokenize step = tokenize.get();
      return "of at most " + step.atMost() + " ids by " + step.tokenizer();
    }
    return logMel.map(step -> "of " + words(step) + ", ").orElse("") + numbers();
  }

  private static String words(Step.LogMel step) {
    int rate = step.spectrogram().options().rate();
    return step.spectrogram()
        + (step.samples() == 0
            ? ""
            : String.format(Locale.ROOT, " of %.3g s", (double) step.samples() / rate));
  }

  private String numbers() {
    return normalization.mean().length == 0
        ? "as they are in the data"
        : String.format(
            Locale.ROOT,
            "normalised with mean %s and std %s",
            Arrays.toString(normalization.mean()),
            Arrays.toString(normalization.std()));
  }

  /** Such as {@code at most 64 ids by WordPiece of 30522 pieces}, or the normalization. */
  @Override
  public String toString() {
    return tokenize
        .map(step -> "at most " + step.atMost() + " ids by " + step.tokenizer())
        .or(() -> logMel.map(step -> words(step) + ", " + normalization))
        .orElseGet(normalization::toString);
  }
}
