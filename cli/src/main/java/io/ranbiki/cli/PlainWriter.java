package io.ranbiki.cli;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;

/**
 * Shows control characters as {@code \\u001b} instead of sending them to the terminal, which would
 * obey: names in files are anybody's. Characters that reverse the direction of text are shown so as
 * well.
 */
final class PlainWriter extends FilterWriter {

  private PlainWriter(Writer out) {
    super(out);
  }

  /** A writer to the same place. */
  static PrintWriter of(Writer out) {
    return new PrintWriter(new PlainWriter(out), true);
  }

  /** The text with its control characters shown. */
  static String plain(String text) {
    StringBuilder plain = new StringBuilder();
    text.chars().forEach(character -> append((char) character, plain));
    return plain.toString();
  }

  private static void append(char character, StringBuilder plain) {
    if (obeyed(character)) {
      plain.append(String.format(java.util.Locale.ROOT, "\\u%04x", (int) character));
    } else {
      plain.append(character);
    }
  }

  private static boolean obeyed(char character) {
    boolean layout =
        character == '\n' || character == '\t' || System.lineSeparator().indexOf(character) >= 0;
    boolean direction =
        character >= 0x202a && character <= 0x202e || character >= 0x2066 && character <= 0x2069;
    return Character.isISOControl(character) && !layout || direction;
  }

  @Override
  public void write(int character) throws IOException {
    out.write(plain(Character.toString((char) character)));
  }

  @Override
  public void write(char[] characters, int offset, int length) throws IOException {
    out.write(plain(new String(characters, offset, length)));
  }

  @Override
  public void write(String text, int offset, int length) throws IOException {
    out.write(plain(text.substring(offset, offset + length)));
  }
}
