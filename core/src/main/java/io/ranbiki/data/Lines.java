package io.ranbiki.data;

import io.ranbiki.Memory;
import io.ranbiki.RanbikiException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.LongConsumer;

/** The lines of a text in UTF-8, plain or packed by gzip; each is decoded by itself. */
final class Lines {

  /** A line, its bytes and what is made of it are in memory at once; half of that is kept. */
  private static final int HEAP_TO_LINE = 16;

  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private static final char REPLACEMENT = '\uFFFD';

  /** The most bytes of an array. */
  private static final int LARGEST = Integer.MAX_VALUE - 8;

  private final Path file;
  private final InputStream in;
  private final long longest;
  private byte[] buffer = new byte[1 << 13];

  /** Of the line that is read, from 1. */
  private int number = 1;

  private Lines(Path file, InputStream in, long longest) {
    this.file = file;
    this.in = in;
    this.longest = Math.min(longest, LARGEST - 1);
  }

  /** Takes one line after the other. */
  @FunctionalInterface
  interface Visitor {

    /**
     * Takes a line without its end.
     *
     * @param number from 1
     */
    void line(String text, int number);
  }

  /**
   * Reads a file.
   *
   * @throws RanbikiException if it is missing or damaged, or a line is not UTF-8 or does not fit
   *     into memory; the message names the line
   */
  static void read(Path file, Visitor visitor) {
    read(file, bytes -> {}, visitor);
  }

  /**
   * The same.
   *
   * @param progress is told of bytes of the file that were read
   */
  static void read(Path file, LongConsumer progress, Visitor visitor) {
    read(file, progress, Runtime.getRuntime().maxMemory() / HEAP_TO_LINE, visitor);
  }

  /**
   * The same.
   *
   * @param longest the most bytes of a line
   */
  static void read(Path file, LongConsumer progress, long longest, Visitor visitor) {
    Sources.requireFile(file);
    try (InputStream in = Sources.open(file, progress)) {
      new Lines(file, in, longest).visit(visitor);
    } catch (IOException e) {
      throw Sources.unreadable(file, e);
    }
  }

  private void visit(Visitor visitor) throws IOException {
    int begin = 0;
    int seen = 0;
    int limit = 0;
    while (true) {
      byte[] bytes = buffer;
      for (int at = seen; at < limit; at++) {
        if (bytes[at] == '\n') {
          visitor.line(text(begin, at), number);
          number++;
          begin = at + 1;
        }
      }
      limit -= begin;
      System.arraycopy(bytes, begin, bytes, 0, limit);
      begin = 0;
      seen = limit;
      requireShort(limit);
      if (limit == bytes.length) {
        buffer = Arrays.copyOf(bytes, (int) Math.min(2L * limit, LARGEST));
      }
      int more = in.read(buffer, limit, buffer.length - limit);
      if (more < 0) {
        break;
      }
      limit += more;
    }
    if (limit > 0) {
      visitor.line(text(0, limit), number);
    }
  }

  private void requireShort(int length) {
    if (length > longest) {
      throw RanbikiException.configuration(
          "Line %d of %s has more than %d bytes, the most that fit into the %s of memory that Java"
              + " may use. Check that it is the right file, or give Java more: JAVA_OPTS=-Xmx%dm.",
          number,
          file,
          longest,
          Memory.text(Runtime.getRuntime().maxMemory()),
          4 * Runtime.getRuntime().maxMemory() >> 20);
    }
  }

  private String text(int from, int to) {
    requireShort(to - from);
    String text = new String(buffer, from, to - from, StandardCharsets.UTF_8);
    if (text.indexOf(REPLACEMENT) >= 0) {
      requireUtf8(from, to);
    }
    boolean marked = number == 1 && !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK;
    int end = text.endsWith("\r") ? text.length() - 1 : text.length();
    return text.substring(marked ? 1 : 0, end);
  }

  /** Tells a sign that stands in the file from one that Java puts where bytes are none. */
  private void requireUtf8(int from, int to) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(buffer, from, to - from));
    } catch (CharacterCodingException e) {
      throw new RanbikiException(
          RanbikiException.Kind.CONFIGURATION,
          "Line " + number + " of " + file + " is not UTF-8 text. Save the file as UTF-8.",
          e);
    }
  }
}
