package io.ranbiki.artifact;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * The fields of a protobuf message that lies in an array, without generated classes: enough to look
 * into files of a known schema. Every length is checked before it is believed.
 */
final class Protobuf implements Iterator<Protobuf.Field> {

  private static final int VARINT = 0;
  private static final int EIGHT_BYTES = 1;
  private static final int LENGTH = 2;
  private static final int FOUR_BYTES = 5;

  /** Shapes have a handful. */
  private static final int MOST_INTEGERS = 1000;

  private static final int LARGEST_ID = (1 << 29) - 1;

  private final byte[] bytes;
  private final int end;
  private int at;

  private Protobuf(byte[] bytes, int start, int end) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  /** A message that is not one: bytes missing, or not in protobuf's format. */
  static final class Damaged extends RuntimeException {
    Damaged(String message) {
      super(message, null, false, false);
    }
  }

  /**
   * One field.
   *
   * @param bytes where it lies
   * @param id its number in the schema
   * @param isBytes whether it is a message, a text or an array; else it is a number
   * @param value the number; 0 if it is none, or not an integer
   * @param start where its bytes begin, if it has bytes
   * @param length how many bytes it has
   */
  record Field(byte[] bytes, int id, boolean isBytes, long value, int start, int length) {

    /** The fields of this message, found one by one. */
    Iterable<Field> fields() {
      requireBytes();
      return () -> new Protobuf(bytes, start, start + length);
    }

    String text() {
      requireBytes();
      return new String(bytes, start, length, StandardCharsets.UTF_8);
    }

    long integer() {
      if (isBytes) {
        throw new Damaged("field " + id + " holds bytes where a number belongs");
      }
      return value;
    }

    /** The integers of a repeated field: this one, or all that are packed in it. */
    long[] integers() {
      if (!isBytes) {
        return new long[] {value};
      }
      Protobuf packed = new Protobuf(bytes, start, start + length);
      List<Long> integers = new ArrayList<>();
      while (packed.at < packed.end) {
        if (integers.size() == MOST_INTEGERS) {
          throw new Damaged("field " + id + " holds more than " + MOST_INTEGERS + " numbers");
        }
        integers.add(packed.varint());
      }
      return integers.stream().mapToLong(Long::longValue).toArray();
    }

    private void requireBytes() {
      if (!isBytes) {
        throw new Damaged("field " + id + " holds a number where bytes belong");
      }
    }
  }

  /** The fields of the message that fills an array. */
  static Iterable<Field> fields(byte[] message) {
    return () -> new Protobuf(message, 0, message.length);
  }

  @Override
  public boolean hasNext() {
    return at < end;
  }

  @Override
  public Field next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    long tag = varint();
    long id = tag >>> 3;
    if (id < 1 || id > LARGEST_ID) {
      throw new Damaged("byte " + at + " names a field that cannot be");
    }
    return field((int) id, (int) (tag & 7));
  }

  private Field field(int id, int type) {
    return switch (type) {
      case VARINT -> new Field(bytes, id, false, varint(), at, 0);
      case EIGHT_BYTES -> new Field(bytes, id, false, 0, skip(8), 8);
      case FOUR_BYTES -> new Field(bytes, id, false, 0, skip(4), 4);
      case LENGTH -> {
        long length = varint();
        yield new Field(bytes, id, true, 0, skip(length), (int) length);
      }
      default -> throw new Damaged("byte " + at + " begins a field of an unknown kind");
    };
  }

  private int skip(long length) {
    if (length < 0 || length > end - at) {
      throw new Damaged("it ends in the middle of a field");
    }
    int start = at;
    at += (int) length;
    return start;
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at >= end) {
        throw new Damaged("it ends in the middle of a field");
      }
      byte next = bytes[at++];
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new Damaged("byte " + at + " continues a number that is too long");
  }

  /** A field that holds bytes, as it is written. */
  static byte[] written(int id, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    writeVarint(out, id << 3 | LENGTH);
    writeVarint(out, content.length);
    out.writeBytes(content);
    return out.toByteArray();
  }

  /** A field that holds a text, as it is written. */
  static byte[] written(int id, String text) {
    return written(id, text.getBytes(StandardCharsets.UTF_8));
  }

  /** A field that holds a whole number, as it is written. */
  static byte[] number(int id, long value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    writeVarint(out, id << 3 | VARINT);
    writeVarint(out, value);
    return out.toByteArray();
  }

  /** A field that holds a float, as it is written. */
  static byte[] float32(int id, float value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    writeVarint(out, id << 3 | FOUR_BYTES);
    writeLittleEndian(out, Float.floatToIntBits(value), Float.BYTES);
    return out.toByteArray();
  }

  /** A field that holds a double, as it is written. */
  static byte[] float64(int id, double value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    writeVarint(out, id << 3 | EIGHT_BYTES);
    writeLittleEndian(out, Double.doubleToLongBits(value), Double.BYTES);
    return out.toByteArray();
  }

  private static void writeLittleEndian(ByteArrayOutputStream out, long bits, int bytes) {
    for (int i = 0; i < bytes; i++) {
      out.write((int) (bits >>> 8 * i));
    }
  }

  private static void writeVarint(ByteArrayOutputStream out, long value) {
    long left = value;
    while ((left & ~0x7fL) != 0) {
      out.write((int) (left & 0x7f | 0x80));
      left >>>= 7;
    }
    out.write((int) left);
  }
}
