package io.ranbiki.store;

import io.ranbiki.RanbikiException;
import io.ranbiki.nn.Answer;
import io.ranbiki.prepare.Field;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * One named output that every row holds. In a row stand the lengths that vary, 4 bytes each, and
 * then the numbers of the positions that count: nothing of the padding of a batch.
 *
 * @param name such as {@code logits}, or the path of a layer
 * @param encoding how its numbers are stored
 * @param shape of one sample's output; {@link Field#ANY} for lengths that vary
 */
public record Column(String name, Encoding encoding, List<Integer> shape) {

  /** Checks the lengths. */
  public Column {
    shape = List.copyOf(shape);
    boolean hasLast = encoding instanceof Encoding.Plain || !shape.isEmpty();
    if (!hasLast || shape.stream().anyMatch(length -> length < 1 && length != Field.ANY)) {
      throw new IllegalArgumentException(name + " of shape " + shape);
    }
    if (encoding instanceof TopK && shape.get(shape.size() - 1) == Field.ANY) {
      throw new IllegalArgumentException(name + " has no number of classes");
    }
  }

  /** Whether rows differ in length. */
  public boolean varies() {
    return shape.contains(Field.ANY);
  }

  private List<Integer> positions() {
    return encoding.positions(shape);
  }

  private int unit() {
    return encoding.unitBytes(shape);
  }

  /** How many lengths stand in a row. */
  private int varying() {
    return (int) shape.stream().filter(length -> length == Field.ANY).count();
  }

  /**
   * The bytes of a row.
   *
   * @param length of whatever varies
   * @throws ArithmeticException if they are more than 2 GB
   */
  public int rowBytes(int length) {
    int[] lengths = positions().stream().mapToInt(n -> n == Field.ANY ? length : n).toArray();
    return Math.addExact(Integer.BYTES * varying(), product(lengths, 0));
  }

  /** The bytes of the positions from one axis on. */
  private int product(int[] lengths, int from) {
    int bytes = unit();
    for (int axis = from; axis < lengths.length; axis++) {
      bytes = Math.multiplyExact(bytes, lengths[axis]);
    }
    return bytes;
  }

  // ---- rows of a batch, whose samples are padded at the end

  /** The answers to a batch, encoded as they are padded there. */
  final class Encoded {
    private final byte[] bytes;
    private final int[] padded;

    Encoded(Answer answer, int rows) {
      long[] all = answer.shape();
      boolean fits = all.length == shape.size() + 1 && all[0] == rows;
      for (int axis = 0; fits && axis < shape.size(); axis++) {
        fits = shape.get(axis) == Field.ANY || shape.get(axis) == all[axis + 1];
      }
      if (!fits) {
        throw RanbikiException.model(
            "The teacher answers %d samples with %s of shape %s, but with %s for each before. Check"
                + " the teacher.",
            rows, name, Arrays.toString(all), shape);
      }
      bytes = encoding.encode(answer);
      padded =
          LongStream.of(all).skip(1).limit(positions().size()).mapToInt(Math::toIntExact).toArray();
    }

    /** The bytes of one row. */
    int rowBytes(int length) {
      return Column.this.rowBytes(length);
    }

    /**
     * Writes one row.
     *
     * @param length of whatever varies
     */
    void write(int row, int length, ByteBuffer target) {
      int[] lengths = positions().stream().mapToInt(n -> n == Field.ANY ? length : n).toArray();
      for (int axis = 0; axis < lengths.length; axis++) {
        if (shape.get(axis) == Field.ANY) {
          target.putInt(length);
        }
        if (lengths[axis] > padded[axis]) {
          throw new IllegalArgumentException(
              name + ": " + length + " positions of " + padded[axis]);
        }
      }
      int start = row * product(padded, 0);
      int begin = target.position();
      runs(
          0,
          lengths,
          padded,
          0,
          start,
          (packed, at, n) -> target.put(begin + packed, bytes, at, n));
      target.position(begin + product(lengths, 0));
    }
  }

  /**
   * The answers to a batch, ready to be written.
   *
   * @throws RanbikiException if they are of another shape
   */
  Encoded encode(Answer answer, int rows) {
    return new Encoded(answer, rows);
  }

  /**
   * Reads this output of some rows.
   *
   * @param maps where each row is
   * @param at where this output begins in it; moved behind it
   * @param atLeast the length to which whatever varies is padded, unless a row is longer
   */
  Answer read(ByteBuffer[] maps, int[] at, int atLeast) {
    int rows = maps.length;
    int[][] lengths = varies() ? lengths(maps, at) : new int[0][];
    int[] padded = positions().stream().mapToInt(Integer::intValue).toArray();
    for (int axis = 0; axis < padded.length; axis++) {
      if (padded[axis] == Field.ANY) {
        padded[axis] = atLeast;
        for (int row = 0; row < rows; row++) {
          padded[axis] = Math.max(padded[axis], lengths[row][axis]);
        }
      }
    }
    int stride = product(padded, 0);
    byte[] bytes = new byte[Math.multiplyExact(rows, stride)];
    for (int row = 0; row < rows; row++) {
      ByteBuffer map = maps[row];
      int from = at[row];
      if (!varies()) {
        map.get(from, bytes, row * stride, stride);
        at[row] += stride;
      } else {
        runs(
            0,
            lengths[row],
            padded,
            0,
            row * stride,
            (packed, to, n) -> map.get(from + packed, bytes, to, n));
        at[row] += product(lengths[row], 0);
      }
    }
    IntStream last = positions().size() == shape.size() ? IntStream.empty() : lastOf(shape);
    long[] all =
        IntStream.concat(IntStream.concat(IntStream.of(rows), IntStream.of(padded)), last)
            .asLongStream()
            .toArray();
    return encoding.decode(bytes, all);
  }

  private static IntStream lastOf(List<Integer> shape) {
    return IntStream.of(shape.get(shape.size() - 1));
  }

  /** Reads the lengths of each row, and goes behind them. */
  private int[][] lengths(ByteBuffer[] maps, int[] at) {
    int[][] lengths = new int[maps.length][];
    for (int row = 0; row < maps.length; row++) {
      lengths[row] = positions().stream().mapToInt(Integer::intValue).toArray();
      for (int axis = 0; axis < lengths[row].length; axis++) {
        if (lengths[row][axis] == Field.ANY) {
          lengths[row][axis] = maps[row].getInt(at[row]);
          at[row] += Integer.BYTES;
        }
      }
    }
    return lengths;
  }

  /** Bytes that lie together in a row and in a batch alike. */
  private interface Run {
    void copy(int packed, int padded, int bytes);
  }

  /** Finds the bytes of a row that lie together, from one axis on. */
  private void runs(int axis, int[] lengths, int[] padded, int packedAt, int paddedAt, Run run) {
    if (axis >= shape.lastIndexOf(Field.ANY)) {
      run.copy(packedAt, paddedAt, product(lengths, axis));
      return;
    }
    int packedStep = product(lengths, axis + 1);
    int paddedStep = product(padded, axis + 1);
    for (int i = 0; i < lengths[axis]; i++) {
      runs(axis + 1, lengths, padded, packedAt + i * packedStep, paddedAt + i * paddedStep, run);
    }
  }

  /** What it is, in words: {@code logits float32 [10]}. */
  @Override
  public String toString() {
    return name + " " + encoding + " " + shape.toString().replace("-1", "any");
  }
}
