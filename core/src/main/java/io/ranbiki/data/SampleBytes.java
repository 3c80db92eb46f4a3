package io.ranbiki.data;

import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Row;
import io.ranbiki.prepare.Values;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Samples as bytes: their fields one behind the other, numbers with the highest byte first. Where a
 * length varies, it stands before the values; a text has the number of its bytes before it, and
 * cells are texts with a zero behind the last.
 *
 * <p>These are the very bytes that a fingerprint is made of, so that a pack and its files have one.
 *
 * @param fields of the samples
 * @param cells the names of the cells; none where no field has any
 */
record SampleBytes(List<Field> fields, List<String> cells) {

  /** Copies the lists. */
  SampleBytes {
    fields = List.copyOf(fields);
    cells = List.copyOf(cells);
  }

  /** Bytes of every sample; 0 where they differ. */
  int width() {
    long width = 0;
    for (Field field : fields) {
      if (sizeOf(field.kind()) == 0 || field.varies()) {
        return 0;
      }
      long count = sizeOf(field.kind());
      for (int length : field.shape()) {
        count *= length;
      }
      width += count;
    }
    return width > Integer.MAX_VALUE ? 0 : (int) width;
  }

  /** Bytes of a number; 0 where a value is none. */
  private static int sizeOf(Field.Kind kind) {
    return switch (kind) {
      case UINT8 -> 1;
      case FLOAT32 -> Float.BYTES;
      case INT64 -> Long.BYTES;
      default -> 0;
    };
  }

  /**
   * Writes a sample.
   *
   * @param used what was returned before, to be written over, or of any length
   * @return the bytes, from the first to the limit
   */
  ByteBuffer write(Values[] sample, ByteBuffer used) {
    ByteBuffer to = used.clear();
    for (int i = 0; i < sample.length; i++) {
      to = write(fields.get(i), sample[i], to);
    }
    return to.flip();
  }

  private static ByteBuffer write(Field field, Values values, ByteBuffer used) {
    if (values instanceof Values.Text text) {
      return write(text.value(), used);
    }
    if (values instanceof Values.Pair pair) {
      return write(pair.second(), write(pair.first(), used));
    }
    if (values instanceof Values.Cells row) {
      ByteBuffer to = used;
      for (String cell : row.data()) {
        to = write(cell, to);
      }
      return room(to, Integer.BYTES).putInt(0);
    }
    if (values instanceof Values.Sound sound) {
      ByteBuffer to = room(used, 2 * Integer.BYTES + Float.BYTES * sound.wave().length);
      to.putInt(sound.rate()).putInt(sound.wave().length);
      to.asFloatBuffer().put(sound.wave());
      return to.position(to.position() + Float.BYTES * sound.wave().length);
    }
    int count = Values.count(values.shape());
    int bytes = Math.multiplyExact(count, sizeOf(field.kind()));
    ByteBuffer to = room(used, bytes + Integer.BYTES * values.shape().length);
    if (field.varies()) {
      for (int length : values.shape()) {
        to.putInt(length);
      }
    }
    if (values instanceof Values.Bytes numbers) {
      return to.put(numbers.data(), 0, count);
    }
    if (values instanceof Values.Floats numbers) {
      to.asFloatBuffer().put(numbers.data(), 0, count);
    } else if (values instanceof Values.Longs numbers) {
      to.asLongBuffer().put(numbers.data(), 0, count);
    }
    return to.position(to.position() + bytes);
  }

  static ByteBuffer write(String text, ByteBuffer used) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return room(used, Integer.BYTES + bytes.length).putInt(bytes.length).put(bytes);
  }

  private static ByteBuffer room(ByteBuffer used, int more) {
    if (used.remaining() >= more) {
      return used;
    }
    int needed = Math.addExact(used.position(), more);
    return ByteBuffer.allocate(Math.max(needed, (int) Math.min(2L * needed, 1 << 30)))
        .put(used.flip());
  }

  /** Reads a sample. */
  Row read(ByteBuffer from) {
    if (fields.size() == 1) {
      return Row.of(fields.get(0).name(), read(fields.get(0), from));
    }
    Map<String, Values> arrays = new LinkedHashMap<>();
    for (Field field : fields) {
      arrays.put(field.name(), read(field, from));
    }
    return new Row(arrays);
  }

  private Values read(Field field, ByteBuffer from) {
    if (field.kind() == Field.Kind.TEXT) {
      String text = readText(from);
      return field.shape().isEmpty()
          ? new Values.Text(text)
          : new Values.Pair(text, readText(from));
    }
    if (field.kind() == Field.Kind.CELLS) {
      String[] row = new String[cells.size()];
      for (int i = 0; i < row.length; i++) {
        row[i] = readText(from);
      }
      from.getInt();
      return new Values.Cells(cells, row);
    }
    if (field.kind() == Field.Kind.SOUND) {
      int rate = from.getInt();
      float[] wave = new float[from.getInt()];
      from.asFloatBuffer().get(wave);
      from.position(from.position() + Float.BYTES * wave.length);
      return new Values.Sound(wave, rate);
    }
    int[] shape = new int[field.shape().size()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = field.varies() ? from.getInt() : field.shape().get(i);
    }
    int count = Values.count(shape);
    if (field.kind() == Field.Kind.UINT8) {
      byte[] numbers = new byte[count];
      from.get(numbers);
      return new Values.Bytes(numbers, shape);
    }
    if (field.kind() == Field.Kind.FLOAT32) {
      float[] numbers = new float[count];
      from.asFloatBuffer().get(numbers);
      from.position(from.position() + Float.BYTES * count);
      return new Values.Floats(numbers, shape);
    }
    long[] numbers = new long[count];
    from.asLongBuffer().get(numbers);
    from.position(from.position() + Long.BYTES * count);
    return new Values.Longs(numbers, shape);
  }

  static String readText(ByteBuffer from) {
    byte[] bytes = new byte[from.getInt()];
    from.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
