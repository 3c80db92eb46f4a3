package io.ranbiki.benchmark;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;

/** Writes the bytes of inputs that are made to do harm. */
final class Hostile {

  private static final int BLOCK = 1 << 20;

  private Hostile() {}

  /** A file that begins with some bytes and is a hole behind them. */
  static void sparse(Path file, byte[] start, long size) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(start));
      if (size > start.length) {
        channel.write(ByteBuffer.wrap(new byte[1]), size - 1);
      }
    }
  }

  /** Some bytes, and behind them one byte many times. */
  static void repeated(OutputStream out, byte[] start, char repeated, long times)
      throws IOException {
    out.write(start);
    byte[] block = new byte[BLOCK];
    Arrays.fill(block, (byte) repeated);
    for (long left = times; left > 0; left -= BLOCK) {
      out.write(block, 0, (int) Math.min(left, BLOCK));
    }
  }

  static OutputStream packed(Path file) throws IOException {
    return new GZIPOutputStream(Files.newOutputStream(file), 1 << 16);
  }

  /** A text so many times. */
  static void repeat(Path file, byte[] text, int times) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      int inBlock = Math.max(1, BLOCK / text.length);
      byte[] block = new byte[inBlock * text.length];
      for (int i = 0; i < inBlock; i++) {
        System.arraycopy(text, 0, block, i * text.length, text.length);
      }
      for (int left = times; left > 0; left -= inBlock) {
        out.write(block, 0, Math.min(left, inBlock) * text.length);
      }
    }
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** The header of an IDX file of unsigned bytes. */
  static byte[] idx(int... sizes) {
    ByteBuffer header = ByteBuffer.allocate(4 + 4 * sizes.length).putInt(0x800 | sizes.length);
    for (int size : sizes) {
      header.putInt(size);
    }
    return header.array();
  }

  /**
   * A PNG of zeros.
   *
   * @param kind 2 for red, green and blue, 6 for these with alpha
   * @param rows how many rows of pixels are really there
   */
  static void png(Path file, int side, int bits, int kind, int rows) throws IOException {
    ByteArrayOutputStream pixels = new ByteArrayOutputStream();
    Deflater strong = new Deflater(Deflater.BEST_COMPRESSION);
    try (DeflaterOutputStream out = new DeflaterOutputStream(pixels, strong)) {
      byte[] row = new byte[rows == 0 ? 1 : 1 + side * (kind == 2 ? 3 : 4) * bits / 8];
      for (int y = 0; y < rows; y++) {
        out.write(row);
      }
    }
    strong.end();
    ByteBuffer header = ByteBuffer.allocate(13).putInt(side).putInt(side);
    header.put((byte) bits).put((byte) kind);
    try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(file))) {
      out.writeLong(0x89504E470D0A1A0AL);
      chunk(out, "IHDR", header.array());
      chunk(out, "IDAT", pixels.toByteArray());
      chunk(out, "IEND", new byte[0]);
    }
  }

  private static void chunk(DataOutputStream out, String type, byte[] content) throws IOException {
    CRC32 checksum = new CRC32();
    checksum.update(bytes(type));
    checksum.update(content);
    out.writeInt(content.length);
    out.writeBytes(type);
    out.write(content);
    out.writeInt((int) checksum.getValue());
  }

  // ---- ONNX

  /** A field of a protobuf message that holds the given bytes one after the other. */
  static byte[] field(int id, byte[]... contents) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (byte[] part : contents) {
      content.writeBytes(part);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    varint(out, id << 3 | 2);
    varint(out, content.size());
    out.writeBytes(content.toByteArray());
    return out.toByteArray();
  }

  static byte[] number(int id, long value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    varint(out, id << 3);
    varint(out, value);
    return out.toByteArray();
  }

  private static void varint(ByteArrayOutputStream out, long value) {
    long left = value;
    while (left > 0x7f) {
      out.write((int) (left & 0x7f | 0x80));
      left >>>= 7;
    }
    out.write((int) left);
  }

  /** A model of opset 17 around the fields of a graph. */
  static byte[] model(byte[]... graph) {
    ByteArrayOutputStream model = new ByteArrayOutputStream();
    model.writeBytes(number(1, 8));
    model.writeBytes(field(7, graph));
    model.writeBytes(field(8, number(2, 17)));
    return model.toByteArray();
  }

  private static byte[] node(String operator, byte[]... fields) {
    return field(1, field(4, bytes(operator)), concatenated(fields));
  }

  private static byte[] port(int id, String name, int type, int... shape) {
    ByteArrayOutputStream lengths = new ByteArrayOutputStream();
    for (int length : shape) {
      lengths.writeBytes(field(1, length < 0 ? field(2, bytes("n")) : number(1, length)));
    }
    byte[] tensor = concatenated(number(1, type), field(2, lengths.toByteArray()));
    return field(id, field(1, bytes(name)), field(2, field(1, tensor)));
  }

  /** A model of rows of three numbers whose only operator goes on for ever. */
  static byte[] endlessModel() {
    byte[] body =
        concatenated(
            node("Identity", field(1, bytes("go")), field(2, bytes("goes"))),
            node("Identity", field(1, bytes("v")), field(2, bytes("w"))),
            field(2, bytes("body")),
            port(11, "i", 7),
            port(11, "go", 9),
            port(11, "v", 1, -1, 3),
            port(12, "goes", 9),
            port(12, "w", 1, -1, 3));
    byte[] attribute = field(5, field(1, bytes("body")), field(6, body), number(20, 5));
    byte[] yes = field(5, number(2, 9), field(8, bytes("yes")), field(9, new byte[] {1}));
    return model(
        node(
            "Loop",
            field(1),
            field(1, bytes("yes")),
            field(1, bytes("x")),
            field(2, bytes("y")),
            attribute),
        field(2, bytes("graph")),
        yes,
        port(11, "x", 1, -1, 3),
        port(12, "y", 1, -1, 3));
  }

  static byte[] concatenated(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
