package io.ranbiki.prepare;

import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What every sample has under one name.
 *
 * @param name such as {@code image} or {@code input_ids}
 * @param kind of its values
 * @param shape of one sample, without the batch; {@link #ANY} for a length that varies from sample
 *     to sample
 */
public record Field(String name, Kind kind, List<Integer> shape) implements Serializable {

  /** A length that varies. */
  public static final int ANY = -1;

  /** The types of values. */
  public enum Kind {
    /** Whole numbers from 0 to 255, such as pixels. */
    UINT8,
    /** Whole numbers, such as labels and token ids. */
    INT64,
    /** Numbers. */
    FLOAT32,
    /**
     * Text, which no network takes before it was made into numbers: of no shape, or {@code [2]} for
     * pairs.
     */
    TEXT,
    /** A sound with its own rate, which no network takes before it was made into frames. */
    SOUND,
    /** A row of a table: cells with names, which no network takes before they were made numbers. */
    CELLS;

    /** Whether no network takes them before something was made of them. */
    boolean isRaw() {
      return this == TEXT || this == SOUND || this == CELLS;
    }
  }

  /** Copies the shape and checks it. */
  public Field {
    shape = List.copyOf(shape);
    if (name.isEmpty()) {
      throw new IllegalArgumentException("a field must have a name");
    }
    for (int length : shape) {
      if (length < 1 && length != ANY) {
        throw new IllegalArgumentException(
            "the field '" + name + "' has the shape " + shape + ", but lengths are 1 or more");
      }
    }
  }

  /** Whether a length varies from sample to sample. */
  public boolean varies() {
    return shape.contains(ANY);
  }

  /** Whether values are pairs of texts. */
  public boolean holdsPairs() {
    return kind == Kind.TEXT && !shape.isEmpty();
  }

  /** Whether values are of this field: of its kind, and of its shape where that is fixed. */
  public boolean fits(Values values) {
    int[] found = values.shape();
    if (values.kind() != kind || found.length != shape.size()) {
      return false;
    }
    for (int i = 0; i < found.length; i++) {
      if (shape.get(i) != ANY && shape.get(i) != found[i]) {
        return false;
      }
    }
    return true;
  }

  /** For messages: {@code image UINT8 [3, 32, 32]}, with {@code any} for a length that varies. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s %s [%s]",
        name,
        kind,
        shape.stream()
            .map(length -> length == ANY ? "any" : length.toString())
            .collect(Collectors.joining(", ")));
  }
}
