package io.ranbiki.data;

import io.ranbiki.file.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Collects what makes a dataset what it is, and gives its SHA-256. */
final class Fingerprint {

  private final Sha256 digest = new Sha256();

  Fingerprint(String format) {
    text("ranbiki-data-1").text(format);
  }

  /** The length goes first, so that two neighbouring texts never read as one. */
  Fingerprint text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    digest.add(ByteBuffer.allocate(4).putInt(bytes.length).flip());
    digest.add(bytes);
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
      digest.add(buffer);
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
      digest.add(buffer);
    }
    return this;
  }

  Fingerprint bytes(byte[] values) {
    digest.add(values);
    return this;
  }

  Fingerprint file(Path file) {
    try {
      digest.add(file).add(Files.size(file));
      return this;
    } catch (IOException e) {
      throw Sources.unreadable(file, e);
    }
  }

  String hex() {
    return digest.hex();
  }
}
