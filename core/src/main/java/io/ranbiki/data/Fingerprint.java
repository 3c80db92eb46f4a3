package io.ranbiki.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Collects what makes a dataset what it is, and gives its SHA-256. */
final class Fingerprint {

  private final MessageDigest digest;

  Fingerprint(String format) {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java platform has SHA-256
    }
    text("ranbiki-data-1").text(format);
  }

  /** The length goes first, so that two neighbouring texts never read as one. */
  Fingerprint text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    digest.update(ByteBuffer.allocate(4).putInt(bytes.length).flip());
    digest.update(bytes);
    return this;
  }

  Fingerprint texts(Iterable<String> texts) {
    texts.forEach(this::text);
    return text("");
  }

  Fingerprint ints(int... values) {
    ByteBuffer buffer = ByteBuffer.allocate(4096);
    for (int start = 0; start < values.length; start += 1024) {
      int count = Math.min(1024, values.length - start);
      buffer.clear().limit(4 * count);
      buffer.asIntBuffer().put(values, start, count);
      digest.update(buffer);
    }
    return this;
  }

  Fingerprint floats(float[] values) {
    return floats(values, values.length);
  }

  /** The first so many of an array. */
  Fingerprint floats(float[] values, int length) {
    ByteBuffer buffer = ByteBuffer.allocate(4096);
    for (int start = 0; start < length; start += 1024) {
      int count = Math.min(1024, length - start);
      buffer.clear().limit(4 * count);
      buffer.asFloatBuffer().put(values, start, count);
      digest.update(buffer);
    }
    return this;
  }

  Fingerprint bytes(byte[] values) {
    digest.update(values);
    return this;
  }

  Fingerprint file(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] buffer = new byte[1 << 16];
      long size = 0;
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
        size += read;
      }
      digest.update(ByteBuffer.allocate(8).putLong(size).flip());
      return this;
    } catch (IOException e) {
      throw Sources.unreadable(file, e);
    }
  }

  String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }
}
