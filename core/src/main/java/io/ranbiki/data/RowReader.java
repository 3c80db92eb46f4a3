package io.ranbiki.data;

import io.ranbiki.Memory;
import io.ranbiki.RanbikiException;
import java.io.FilterReader;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Path;

/**
 * Stops within a row that goes on and on, as a file does behind a quote that is never closed: a row
 * is held in memory as a whole, one object for each value.
 */
final class RowReader extends FilterReader {

  /**
   * A row of values of one character takes about 30 times its length; half of the memory is kept.
   */
  private static final int HEAP_TO_ROW = 64;

  private final Path file;
  private final long longest;
  private long line;
  private long length;

  RowReader(Path file, Reader reader) {
    this(file, reader, Runtime.getRuntime().maxMemory() / HEAP_TO_ROW);
  }

  RowReader(Path file, Reader reader, long longest) {
    super(reader);
    this.file = file;
    this.longest = longest;
  }

  /** A row was taken, which ended in this line. */
  void rowEnded(long endLine) {
    line = endLine;
    length = 0;
  }

  @Override
  public int read(char[] target, int offset, int count) throws IOException {
    int read = super.read(target, offset, count);
    length += Math.max(0, read);
    if (length > longest) {
      throw RanbikiException.configuration(
          "The row of %s behind line %d has more than %d characters, the most that fit into the %s"
              + " of memory that Java may use. Close the quote if one is open, take another"
              + " delimiter, or give Java more: JAVA_OPTS=-Xmx%dm.",
          file,
          line,
          longest,
          Memory.text(Runtime.getRuntime().maxMemory()),
          4 * Runtime.getRuntime().maxMemory() >> 20);
    }
    return read;
  }

  @Override
  public int read() throws IOException {
    char[] one = new char[1];
    return read(one, 0, 1) < 0 ? -1 : one[0];
  }
}
