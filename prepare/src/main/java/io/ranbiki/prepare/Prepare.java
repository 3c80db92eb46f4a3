package io.ranbiki.prepare;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What the inputs of one network go through, beyond what those of every network do: the ids of a
 * text, the normalization of numbers. It belongs to the network, not to the data: a teacher and its
 * student may see the same sample differently. {@link Preparation} is the same with the shape of
 * the input, as a service needs it.
 *
 * @param tokenize how texts become ids; empty where samples are no texts
 * @param normalization of pixels in 0..1, or of other numbers
 */
public record Prepare(Optional<Step.Tokenize> tokenize, Normalization normalization) {

  /** Numbers as they are. */
  public static final Prepare NONE = new Prepare(Optional.empty(), Normalization.none());

  /** Normalized numbers. */
  public static Prepare of(Normalization normalization) {
    return new Prepare(Optional.empty(), normalization);
  }

  /** Texts. */
  public static Prepare of(Step.Tokenize tokenize) {
    return new Prepare(Optional.of(tokenize), Normalization.none());
  }

  /** What is left to whoever feeds a file. */
  public static Prepare outside(Preparation preparation) {
    return new Prepare(preparation.tokenize(), preparation.outside());
  }

  /** The fields that a network gets of samples: for a text its ids. */
  public List<Field> fields(List<Field> samples) {
    List<Field> fields = new ArrayList<>();
    for (Field field : samples) {
      if (field.kind() != Field.Kind.TEXT) {
        fields.add(field);
      } else if (tokenize.isPresent()) {
        fields.add(new Field(Preparation.IDS, Field.Kind.INT64, List.of(Field.ANY)));
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
      }
    }
    return row;
  }

  /** How many ids of a sample's texts are behind the limit, and cut off. */
  public int cut(Row sample) {
    return sample.arrays().values().stream()
        .filter(values -> values instanceof Values.Text && tokenize.isPresent())
        .mapToInt(values -> encoded(((Values.Text) values).value()).cut())
        .sum();
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
   * @param shape of a sample; of no account for texts
   */
  public Preparation on(List<Integer> shape) {
    return tokenize.map(Preparation::of).orElseGet(() -> Preparation.of(shape, normalization));
  }

  /** In words that go on behind "inputs". */
  public String words() {
    if (tokenize.isPresent()) {
      Step.Tokenize step = tokenize.get();
      return "of at most " + step.atMost() + " ids by " + step.tokenizer();
    }
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
        .orElseGet(normalization::toString);
  }
}
