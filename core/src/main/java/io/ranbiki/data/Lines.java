package io.ranbiki.data;

import io.ranbiki.Memory;
import io.ranbiki.RanbikiException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.LongConsumer;

/** The lines of a text in UTF-8, plain or packed by gzip; each is decoded by itself. */
final class Lines {

  /** A line, its bytes and what is made of it are in memory at once; half of that is kept. */
  private static final int HEAP_TO_LINE = 16;

  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private Lines() {}

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
    Sources.requireFile(file);
    long longest = Runtime.getRuntime().maxMemory() / HEAP_TO_LINE;
    try (InputStream in = Sources.open(file, progress)) {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      int number = 1;
      for (int next = in.read(); next >= 0; next = in.read()) {
        if (next != '\n') {
          line.write(next);
          requireShort(line.size(), longest, file, number);
        } else {
          visitor.line(text(line, file, number), number);
          line.reset();
          number++;
        }
      }
      if (line.size() > 0) {
        visitor.line(text(line, file, number), number);
      }
    } catch (IOException e) {
      throw Sources.unreadable(file, e);
    }
  }

  private static void requireShort(int length, long longest, Path file, int number) {
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

  private static String text(ByteArrayOutputStream line, Path file, int number) {
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(line.toByteArray()))
              .toString();
      boolean marked = number == 1 && !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK;
      int end = text.endsWith("\r") ? text.length() - 1 : text.length();
      return text.substring(marked ? 1 : 0, end);
    } catch (CharacterCodingException e) {
      throw new RanbikiException(
          RanbikiException.Kind.CONFIGURATION,
          "Line " + number + " of " + file + " is not UTF-8 text. Save the file as UTF-8.",
          e);
    }
  }
}
