package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Row;
import io.ranbiki.prepare.Values;
import io.ranbiki.prepare.Values.Bytes;
import io.ranbiki.prepare.Values.Floats;
import io.ranbiki.prepare.Values.Longs;
import io.ranbiki.tensor.Functional;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Lays the samples of a batch one behind the other. Where a length varies, samples are filled up at
 * the end to the longest one of the batch, with 0 or, for the truth, with what says that it is not
 * known; a mask tells which positions count.
 */
final class Padding {

  private static final float[] SCALED = new float[256];

  static {
    for (int i = 0; i < 256; i++) {
      SCALED[i] = i / 255f;
    }
  }

  private Padding() {}

  /**
   * One field of some samples.
   *
   * @param used values whose array may be overwritten, if it is large enough
   * @return of the shape {@code [batch, ...]}
   */
  static Values stack(Field field, List<Row> rows, @Nullable Values used) {
    int[] shape = batchShape(field, rows);
    int length = count(Arrays.copyOfRange(shape, 1, shape.length));
    int count = (int) Math.min(Integer.MAX_VALUE, (long) length * rows.size());
    Object array = array(field.kind(), count, used);
    boolean isTruth = field.name().equals(Batch.TRUTH);
    for (int i = 0; i < rows.size(); i++) {
      boolean isKnown = rows.get(i).has(field.name());
      if (isTruth ? field.varies() || !isKnown : field.varies()) {
        fill(array, i * length, (i + 1) * length, isTruth);
      }
      if (isKnown) {
        Values values = require(field, rows.get(i));
        if (field.varies()) {
          copy(values, array, i * length, shape);
        } else if (values instanceof Bytes bytes && array instanceof float[] floats) {
          toFloats(bytes, floats, i * length);
        } else {
          System.arraycopy(data(values), 0, array, i * length, length);
        }
      }
    }
    return values(array, shape);
  }

  /**
   * Which positions of a field whose length varies are those of a sample.
   *
   * @return of the shape {@code [batch, length]}, one more for each further length that varies: 1
   *     at a sample's positions, else 0
   */
  static Longs mask(Field field, List<Row> rows) {
    int[] whole = batchShape(field, rows);
    int[] vary =
        IntStream.range(0, field.shape().size())
            .filter(i -> field.shape().get(i) == Field.ANY)
            .toArray();
    int[] lengths = IntStream.of(vary).map(i -> whole[i + 1]).toArray();
    int perSample = count(lengths);
    long[] mask = new long[Math.multiplyExact(perSample, rows.size())];
    for (int i = 0; i < rows.size(); i++) {
      int[] own = require(field, rows.get(i)).shape();
      for (int position = 0; position < perSample; position++) {
        int rest = position;
        boolean counts = true;
        for (int d = vary.length - 1; d >= 0; d--) {
          counts &= rest % lengths[d] < own[vary[d]];
          rest /= lengths[d];
        }
        mask[i * perSample + position] = counts ? 1 : 0;
      }
    }
    int[] shape = new int[lengths.length + 1];
    shape[0] = rows.size();
    System.arraycopy(lengths, 0, shape, 1, lengths.length);
    return new Longs(mask, shape);
  }

  /** Writes values as numbers: pixels scaled to [0, 1]. */
  static void toFloats(Values values, float[] target, int offset) {
    int count = Values.count(values.shape());
    if (values instanceof Bytes bytes) {
      for (int i = 0; i < count; i++) {
        target[offset + i] = SCALED[bytes.data()[i] & 0xff];
      }
    } else if (values instanceof Floats floats) {
      System.arraycopy(floats.data(), 0, target, offset, count);
    } else if (values instanceof Longs longs) {
      for (int i = 0; i < count; i++) {
        target[offset + i] = longs.data()[i];
      }
    } else {
      throw RanbikiException.configuration(
          "%s",
          values instanceof Values.Sound
              ? "A sound is wanted as numbers. Give the network a preparation that makes frames of"
                  + " it: prepare: {log-mel: {rate: 16000}}."
              : values instanceof Values.Cells
                  ? "Cells of a table are wanted as numbers. Give the network a preparation that"
                      + " encodes its columns."
                  : "A text is wanted as numbers. Give the network a preparation with a tokenizer.");
    }
  }

  /** {@code [batch, ...]}, the longest of the samples where a length varies. */
  private static int[] batchShape(Field field, List<Row> rows) {
    int[] shape = new int[field.shape().size() + 1];
    shape[0] = rows.size();
    for (int i = 1; i < shape.length; i++) {
      int fixed = field.shape().get(i - 1);
      shape[i] = fixed == Field.ANY ? 0 : fixed;
    }
    if (field.varies()) {
      for (Row row : rows) {
        if (row.has(field.name())) {
          int[] own = require(field, row).shape();
          for (int i = 0; i < own.length; i++) {
            shape[i + 1] = Math.max(shape[i + 1], own[i]);
          }
        }
      }
    }
    return shape;
  }

  private static Values require(Field field, Row row) {
    Values values = row.get(field.name());
    boolean scaled = field.kind() == Field.Kind.FLOAT32 && values.kind() == Field.Kind.UINT8;
    Field expected = scaled ? new Field(field.name(), Field.Kind.UINT8, field.shape()) : field;
    if (!expected.fits(values)) {
      throw RanbikiException.configuration(
          "A sample has %s %s of the shape %s, but all were to have %s. Repair or remove it.",
          values.kind(), field.name(), Arrays.toString(values.shape()), field);
    }
    return values;
  }

  private static int count(int[] lengths) {
    long count = 1;
    for (int length : lengths) {
      count *= length;
    }
    if (count > InMemory.LARGEST_ARRAY) {
      throw RanbikiException.configuration(
          "A sample of the shape %s is too large for one array. Cut long samples.",
          Arrays.toString(lengths));
    }
    return (int) count;
  }

  private static Object array(Field.Kind kind, int count, @Nullable Values used) {
    if (used instanceof Bytes bytes && kind == bytes.kind() && bytes.data().length >= count) {
      return bytes.data();
    }
    if (used instanceof Longs longs && kind == longs.kind() && longs.data().length >= count) {
      return longs.data();
    }
    if (used instanceof Floats floats && kind == floats.kind() && floats.data().length >= count) {
      return floats.data();
    }
    return switch (kind) {
      case UINT8 -> new byte[count];
      case INT64 -> new long[count];
      case FLOAT32 -> new float[count];
      case TEXT, SOUND, CELLS -> throw new IllegalArgumentException("a " + kind + " has no array");
    };
  }

  private static Object data(Values values) {
    if (values instanceof Bytes bytes) {
      return bytes.data();
    }
    return values instanceof Longs longs ? longs.data() : ((Floats) values).data();
  }

  private static Values values(Object array, int[] shape) {
    if (array instanceof byte[] bytes) {
      return new Bytes(bytes, shape);
    }
    return array instanceof long[] longs
        ? new Longs(longs, shape)
        : new Floats((float[]) array, shape);
  }

  private static void fill(Object array, int from, int to, boolean unknown) {
    if (array instanceof byte[] bytes) {
      Arrays.fill(bytes, from, to, (byte) 0);
    } else if (array instanceof long[] longs) {
      Arrays.fill(longs, from, to, unknown ? Functional.IGNORE : 0);
    } else {
      Arrays.fill((float[]) array, from, to, unknown ? Float.NaN : 0);
    }
  }

  /** Copies a sample, line by line of its last dimension, into a longer one. */
  private static void copy(Values values, Object array, int offset, int[] batchShape) {
    int[] own = values.shape();
    int last = own.length - 1;
    int line = own[last];
    int lines = line == 0 ? 0 : Values.count(own) / line;
    for (int number = 0; number < lines; number++) {
      int rest = number;
      int at = 0;
      int stride = batchShape[last + 1];
      for (int d = last - 1; d >= 0; d--) {
        at += rest % own[d] * stride;
        rest /= own[d];
        stride *= batchShape[d + 1];
      }
      System.arraycopy(data(values), number * line, array, offset + at, line);
    }
  }

  /** Whether anything of a truth is known. */
  static boolean isKnown(Values truth) {
    if (truth instanceof Longs longs) {
      return LongStream.of(longs.data()).anyMatch(label -> label != Functional.IGNORE);
    }
    boolean known = false;
    for (float number : ((Floats) truth).data()) {
      known |= !Float.isNaN(number);
    }
    return known;
  }

  /** Sample {@code index} of a stack, cut to its own lengths. */
  static Values unstack(Values stack, @Nullable Longs mask, int index) {
    int[] shape = Arrays.copyOfRange(stack.shape(), 1, stack.shape().length);
    int length = count(shape);
    if (mask != null) {
      int positions = mask.shape()[1];
      int varying = 0; // behind lengths of 1 alone, so that a sample begins where its place does
      while (shape[varying] == 1 && shape[varying] != positions) {
        varying++;
      }
      if (mask.shape().length != 2 || shape[varying] != positions) {
        throw new IllegalArgumentException("only the first length above 1 may vary");
      }
      int own = 0;
      for (int i = 0; i < positions; i++) {
        own += (int) mask.data()[index * positions + i];
      }
      shape[varying] = own;
    }
    int count = count(shape);
    Object array = array(stack.kind(), count, null);
    System.arraycopy(data(stack), index * length, array, 0, count);
    return values(array, shape);
  }
}
