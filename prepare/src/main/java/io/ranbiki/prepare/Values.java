package io.ranbiki.prepare;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;

/**
 * The numbers of one field of a sample, or its text. Arrays are not copied: whoever gets them must
 * not change them.
 */
public sealed interface Values extends Serializable {

  /** What every value is. */
  Field.Kind kind();

  /**
   * Bytes from 0 to 255, such as pixels.
   *
   * @param data the last dimension fastest; may be longer than the shape says
   * @param shape empty for a single number
   */
  record Bytes(byte[] data, int[] shape) implements Values {
    /** Checks that there are enough. */
    public Bytes {
      require(data.length, shape);
    }

    @Override
    public Field.Kind kind() {
      return Field.Kind.UINT8;
    }
  }

  /**
   * Whole numbers, such as labels and token ids.
   *
   * @param data the last dimension fastest; may be longer than the shape says
   * @param shape empty for a single number
   */
  record Longs(long[] data, int[] shape) implements Values {
    /** Checks that there are enough. */
    public Longs {
      require(data.length, shape);
    }

    /** A single number. */
    public static Longs of(long number) {
      return new Longs(new long[] {number}, new int[0]);
    }

    @Override
    public Field.Kind kind() {
      return Field.Kind.INT64;
    }
  }

  /**
   * Numbers.
   *
   * @param data the last dimension fastest; may be longer than the shape says
   * @param shape empty for a single number
   */
  record Floats(float[] data, int[] shape) implements Values {
    /** Checks that there are enough. */
    public Floats {
      require(data.length, shape);
    }

    @Override
    public Field.Kind kind() {
      return Field.Kind.FLOAT32;
    }
  }

  /**
   * A text, of no shape.
   *
   * @param value may be empty
   */
  record Text(String value) implements Values {
    @Override
    public Field.Kind kind() {
      return Field.Kind.TEXT;
    }

    @Override
    public int[] shape() {
      return new int[0];
    }
  }

  /**
   * Two texts that are read together, such as a question and an answer.
   *
   * @param first may be empty
   * @param second may be empty
   */
  record Pair(String first, String second) implements Values {
    @Override
    public Field.Kind kind() {
      return Field.Kind.TEXT;
    }

    @Override
    public int[] shape() {
      return new int[] {2};
    }
  }

  /**
   * A sound as its file has it, of no shape: how long it is for a network depends on its rate.
   *
   * @param wave the samples, mostly within [-1, 1); one or more
   * @param rate samples a second, 1 or more
   */
  record Sound(float[] wave, int rate) implements Values {
    /** Checks that there is something to hear. */
    public Sound {
      if (wave.length == 0 || rate < 1) {
        throw new IllegalArgumentException(
            wave.length + " samples at " + rate + " a second are no sound");
      }
    }

    @Override
    public Field.Kind kind() {
      return Field.Kind.SOUND;
    }

    @Override
    public int[] shape() {
      return new int[0];
    }
  }

  /**
   * Cells of a row as a table has them.
   *
   * @param names of the columns; one list for all rows of a table
   * @param data one cell for each; empty where its value is not known
   */
  record Cells(List<String> names, String[] data) implements Values {
    /** Checks that there is a cell for each name. */
    public Cells {
      if (names.size() != data.length) {
        throw new IllegalArgumentException(
            data.length + " cells cannot have the " + names.size() + " names " + names);
      }
    }

    /**
     * The cell of a column.
     *
     * @throws io.ranbiki.RanbikiException of kind CONFIGURATION if there is no such column
     */
    public String get(String name) {
      int index = names.indexOf(name);
      if (index < 0) {
        throw Columns.missing(name, names);
      }
      return data[index];
    }

    @Override
    public Field.Kind kind() {
      return Field.Kind.CELLS;
    }

    @Override
    public int[] shape() {
      return new int[] {data.length};
    }
  }

  /** The length of each dimension. */
  int[] shape();

  /** How many numbers a shape holds: the product of its lengths, 1 if it has none. */
  static int count(int[] shape) {
    int count = 1;
    for (int length : shape) {
      count = Math.multiplyExact(count, length);
    }
    return count;
  }

  private static void require(int length, int[] shape) {
    if (length < count(shape)) {
      throw new IllegalArgumentException(
          length + " values cannot have the shape " + Arrays.toString(shape));
    }
  }
}
