package io.ranbiki.cli;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Breaks lines that are too long for a screen between words, so that none is cut in two. A command
 * at the end of a line stays in one piece, since somebody will copy it.
 */
final class WrappedWriter extends FilterWriter {

  /** What a screen obeys instead of showing it. */
  private static final Pattern COLOUR = Pattern.compile("\u001b\\[[0-9;]*m");

  /** What is never broken: a word, or a command up to the end of its line. */
  private static final Pattern PIECE = Pattern.compile("(?:\\./)?ranbiki [a-z].*|\\S+");

  private final int width;
  private final StringBuilder line = new StringBuilder();

  private WrappedWriter(Writer out, int width) {
    super(out);
    this.width = width;
  }

  /** A writer to the same place whose lines have at most so many characters, if words allow it. */
  static PrintWriter of(Writer out, int width) {
    return new PrintWriter(new WrappedWriter(out, width), true);
  }

  /** A line as several; those after the first are as far in as the first. */
  static String wrapped(String line, int width) {
    if (length(line) <= width) {
      return line;
    }
    String indent = line.substring(0, line.length() - line.stripLeading().length());
    StringBuilder wrapped = new StringBuilder();
    int column = 0;
    int end = 0;
    Matcher pieces = PIECE.matcher(line);
    while (pieces.find()) {
      String space = line.substring(end, pieces.start());
      end = pieces.end();
      if (column > indent.length() && column + space.length() + length(pieces.group()) > width) {
        wrapped.append(System.lineSeparator()).append(indent);
        column = indent.length();
      } else {
        wrapped.append(space);
        column += space.length();
      }
      wrapped.append(pieces.group());
      column += length(pieces.group());
    }
    return wrapped.toString();
  }

  private static int length(String text) {
    return COLOUR.matcher(text).replaceAll("").length();
  }

  @Override
  public void write(int character) throws IOException {
    write(new char[] {(char) character}, 0, 1);
  }

  @Override
  public void write(char[] characters, int offset, int length) throws IOException {
    write(new String(characters, offset, length), 0, length);
  }

  @Override
  public void write(String text, int offset, int length) throws IOException {
    for (int i = offset; i < offset + length; i++) {
      char character = text.charAt(i);
      if (character == '\n' || character == '\r') {
        finishLine();
        out.write(character);
      } else {
        line.append(character);
      }
    }
  }

  private void finishLine() throws IOException {
    out.write(wrapped(line.toString(), width));
    line.setLength(0);
  }

  @Override
  public void flush() throws IOException {
    finishLine();
    super.flush();
  }
}
