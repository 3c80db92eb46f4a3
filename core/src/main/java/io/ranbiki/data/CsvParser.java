package io.ranbiki.data;

import io.ranbiki.Memory;
import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.Columns;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Reads the bytes of a CSV file row by row, as RFC 4180 has it. Empty lines are left out, as are
 * spaces around a value; a line ends in LF, CR, or both. A cell becomes a text only when it is
 * asked for, and most numbers never do: that is what makes it several times as fast as parsers that
 * give texts.
 */
final class CsvParser implements TableRow {

  /**
   * A row of values of one character takes about 30 times its length, one object for each value;
   * half of the memory is kept.
   */
  private static final int HEAP_TO_ROW = 64;

  private static final byte QUOTE = '"';
  private static final int END = -1;

  private final Path file;
  private final InputStream in;
  private final byte[] delimiter;
  private final long longest;

  /** Whether tabs stand between the values, and a quote is a quote. */
  private final boolean isTsv;

  private byte[] buffer = new byte[1 << 16];
  private int limit;

  /** Where the next byte is. */
  private int at;

  /** Where the row begins; what stands before it was read, and may be overwritten. */
  private int row;

  private long line;
  private long lineOfRow;
  private int size;

  /** Of each cell, where it begins and ends, from the begin of the row. */
  private int[] begins = new int[16];

  private int[] ends = new int[16];

  private Cell[] kinds = new Cell[16];

  /** How a cell stands in the file. */
  private enum Cell {
    PLAIN,
    QUOTED,
    /** With quotes in it, which are doubled. */
    DOUBLED
  }

  CsvParser(Path file, InputStream in, char delimiter) throws IOException {
    this(file, in, delimiter, Runtime.getRuntime().maxMemory() / HEAP_TO_ROW);
  }

  /**
   * Begins behind a byte order mark, if there is one.
   *
   * @param longest the most bytes of a row
   */
  CsvParser(Path file, InputStream in, char delimiter, long longest) throws IOException {
    this.file = file;
    this.in = in;
    isTsv = file.toString().matches(".*\\.tsv(\\.gz)?");
    this.delimiter = String.valueOf(isTsv ? '\t' : delimiter).getBytes(StandardCharsets.UTF_8);
    this.longest = longest;
    if (peek() == 0xEF && has(3) && buffer[1] == (byte) 0xBB && buffer[2] == (byte) 0xBF) {
      at = 3;
    }
  }

  /** The line in which the last row ended, from 1. */
  long line() {
    return line;
  }

  /** Reads the next row; false if there is none. */
  boolean next() throws IOException {
    size = 0;
    row = at;
    int sign = peek();
    while (isLineEnd(sign)) {
      passLineEnd(sign);
      row = at;
      sign = peek();
    }
    lineOfRow = line;
    if (sign == END) {
      return false;
    }
    boolean more = true;
    while (more) {
      more = readCell();
    }
    return true;
  }

  /** Reads a cell and what stands behind it; false if that ends the row. */
  private boolean readCell() throws IOException {
    int sign = passSpaces();
    return sign == QUOTE && !isTsv ? readQuoted() : readPlain();
  }

  private boolean readPlain() throws IOException {
    int begin = at - row;
    byte first = delimiter[0];
    while (true) {
      byte[] bytes = buffer;
      int next = at;
      int end = limit;
      while (next < end && bytes[next] != first && bytes[next] != '\n' && bytes[next] != '\r') {
        next++;
      }
      at = next;
      if (next == end) {
        if (fill()) {
          continue;
        }
        addPlain(begin);
        line++;
        return false;
      }
      if (bytes[next] != first) {
        addPlain(begin);
        passLineEnd(bytes[next]);
        return false;
      }
      if (isDelimiter()) {
        addPlain(begin);
        at += delimiter.length;
        return true;
      }
      at++;
    }
  }

  private boolean readQuoted() throws IOException {
    at++;
    int begin = at - row;
    long begun = line + 1;
    Cell kind = Cell.QUOTED;
    while (true) {
      int sign = peek();
      if (sign == END) {
        throw misplacedQuote(begun);
      }
      if (isLineEnd(sign)) {
        passLineEnd(sign);
        continue;
      }
      at++;
      if (sign == QUOTE) {
        if (peek() != QUOTE) {
          break;
        }
        kind = Cell.DOUBLED;
        at++;
      }
    }
    add(begin, at - 1 - row, kind);
    int sign = passSpaces();
    if (sign == END) {
      line++;
      return false;
    }
    if (isLineEnd(sign)) {
      passLineEnd(sign);
      return false;
    }
    if (!isDelimiter()) {
      throw misplacedQuote(begun);
    }
    at += delimiter.length;
    return true;
  }

  private int passSpaces() throws IOException {
    int sign = peek();
    while (isSpace(sign) && !isDelimiter()) {
      at++;
      sign = peek();
    }
    return sign;
  }

  private void passLineEnd(int sign) throws IOException {
    at++;
    if (sign == '\r' && peek() == '\n') {
      at++;
    }
    line++;
  }

  private static boolean isLineEnd(int sign) {
    return sign == '\n' || sign == '\r';
  }

  /** Of one byte, and no line end; others are found when a cell becomes a text. */
  private static boolean isSpace(int sign) {
    return sign == ' ' || sign == '\t' || sign == 0x0B || sign == '\f' || sign >= 28 && sign < 32;
  }

  private boolean isDelimiter() throws IOException {
    return has(delimiter.length)
        && Arrays.equals(buffer, at, at + delimiter.length, delimiter, 0, delimiter.length);
  }

  private void addPlain(int begin) {
    int end = at - row;
    while (end > begin && isSpace(buffer[row + end - 1])) {
      end--;
    }
    add(begin, end, Cell.PLAIN);
  }

  private void add(int begin, int end, Cell kind) {
    if (size == begins.length) {
      begins = Arrays.copyOf(begins, 2 * size);
      ends = Arrays.copyOf(ends, 2 * size);
      kinds = Arrays.copyOf(kinds, 2 * size);
    }
    begins[size] = begin;
    ends[size] = end;
    kinds[size++] = kind;
  }

  private int peek() throws IOException {
    return at < limit || fill() ? buffer[at] & 0xFF : END;
  }

  /** Whether there are so many bytes more. */
  private boolean has(int count) throws IOException {
    while (limit - at < count) {
      if (!fill()) {
        return false;
      }
    }
    return true;
  }

  /** Reads on; the row stays. */
  private boolean fill() throws IOException {
    if (row > 0) {
      System.arraycopy(buffer, row, buffer, 0, limit - row);
      limit -= row;
      at -= row;
      row = 0;
    }
    if (limit > longest) {
      throw RanbikiException.configuration(
          "The row of %s behind line %d has more than %d characters, the most that fit into the %s"
              + " of memory that Java may use. Close the quote if one is open, take another"
              + " delimiter, or give Java more: JAVA_OPTS=-Xmx%dm.",
          file,
          lineOfRow,
          longest,
          Memory.text(Runtime.getRuntime().maxMemory()),
          4 * Runtime.getRuntime().maxMemory() >> 20);
    }
    if (limit == buffer.length) {
      buffer = Arrays.copyOf(buffer, 2 * limit);
    }
    int read = in.read(buffer, limit, buffer.length - limit);
    limit += Math.max(0, read);
    return read > 0;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public String text(int column) {
    int from = row + begins[column];
    int to = row + ends[column];
    boolean ascii = true;
    for (int i = from; i < to && ascii; i++) {
      ascii = buffer[i] >= 0;
    }
    String text =
        ascii
            ? new String(buffer, from, to - from, StandardCharsets.ISO_8859_1)
            : decoded(from, to, kinds[column]);
    return kinds[column] == Cell.DOUBLED ? text.replace("\"\"", "\"") : text;
  }

  private String decoded(int from, int to, Cell kind) {
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(buffer, from, to - from))
              .toString();
      return kind == Cell.PLAIN ? text.strip() : text;
    } catch (CharacterCodingException e) {
      Lines.read(file, (line, number) -> {}); // names the line
      throw new RanbikiException(
          RanbikiException.Kind.CONFIGURATION,
          file + " is not a CSV file: it is not UTF-8 text. Save it as UTF-8.",
          e);
    }
  }

  @Override
  public float number(int column) {
    float number = Decimals.parse(buffer, row + begins[column], row + ends[column]);
    return Float.isNaN(number) ? Columns.number(text(column)) : number;
  }

  @Override
  public String place() {
    return "line " + line + " of " + file;
  }

  private RanbikiException misplacedQuote(long begun) {
    return RanbikiException.configuration(
        "%s is not a CSV file: the quote in line %d is open or misplaced. Close it, or double it within a"
            + " value.",
        file, begun);
  }
}
