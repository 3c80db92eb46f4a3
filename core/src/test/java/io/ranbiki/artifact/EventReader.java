package io.ranbiki.artifact;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads event files in a way of its own: checksums bit by bit, messages by their positions. */
public final class EventReader {

  /**
   * One event.
   *
   * @param version of the file, in its first event; else empty
   */
  public record Event(double time, long step, String version, Map<String, Float> scalars) {}

  private EventReader() {}

  /** The events of a file up to its end, or to where it was cut. */
  public static List<Event> read(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<Event> events = new ArrayList<>();
    while (bytes.remaining() >= 12) {
      byte[] length = new byte[8];
      bytes.get(length);
      requireMasked(length, bytes.getInt());
      long count = ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong();
      if (bytes.remaining() < count + 4) {
        break;
      }
      byte[] message = new byte[(int) count];
      bytes.get(message);
      requireMasked(message, bytes.getInt());
      events.add(event(ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN)));
    }
    return events;
  }

  private static void requireMasked(byte[] bytes, int masked) {
    int crc = -1;
    for (byte b : bytes) {
      crc ^= b & 0xff;
      for (int bit = 0; bit < 8; bit++) {
        crc = crc >>> 1 ^ ((crc & 1) == 0 ? 0 : 0x82f63b78);
      }
    }
    crc = ~crc;
    if ((crc >>> 15 | crc << 17) + 0xa282ead8 != masked) {
      throw new IllegalStateException("a checksum is wrong");
    }
  }

  private static Event event(ByteBuffer message) {
    double time = 0;
    long step = 0;
    String version = "";
    Map<String, Float> scalars = new LinkedHashMap<>();
    while (message.hasRemaining()) {
      switch (message.get()) {
        case 0x09 -> time = message.getDouble();
        case 0x10 -> step = varint(message);
        case 0x1a -> version = text(message);
        case 0x2a -> {
          ByteBuffer summary = part(message);
          while (summary.hasRemaining()) {
            expect(0x0a, summary);
            ByteBuffer value = part(summary);
            expect(0x0a, value);
            String tag = text(value);
            expect(0x15, value);
            scalars.put(tag, value.getFloat());
          }
        }
        default -> throw new IllegalStateException("an unknown field");
      }
    }
    return new Event(time, step, version, scalars);
  }

  private static void expect(int key, ByteBuffer from) {
    if (from.get() != key) {
      throw new IllegalStateException("another field than " + key);
    }
  }

  private static String text(ByteBuffer from) {
    return StandardCharsets.UTF_8.decode(part(from)).toString();
  }

  private static ByteBuffer part(ByteBuffer from) {
    int length = (int) varint(from);
    ByteBuffer part = from.slice(from.position(), length).order(ByteOrder.LITTLE_ENDIAN);
    from.position(from.position() + length);
    return part;
  }

  private static long varint(ByteBuffer from) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = from.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }
}
