package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongConsumer;

/** The rows of a CSV file in UTF-8, plain or packed by gzip, one after the other. */
public final class CsvFile {

  private CsvFile() {}

  /** Takes one row after the other. */
  @FunctionalInterface
  public interface Visitor {

    /**
     * Takes a row, which is valid until this returns.
     *
     * @param line of the file in which the row ends, from 1
     * @return whether to go on
     */
    boolean row(TableRow row, long line);
  }

  /**
   * Reads a file as RFC 4180 has it. Empty lines are left out, as are spaces around a value.
   *
   * @param delimiter what stands between two values; a tab in a file that ends in {@code .tsv},
   *     where quotes mean nothing
   * @throws RanbikiException if the file is missing, damaged, or not UTF-8, or a quote is misplaced
   */
  public static void read(Path file, char delimiter, Visitor visitor) {
    read(file, delimiter, bytes -> {}, visitor);
  }

  /**
   * The same.
   *
   * @param progress is told of bytes of the file that were read
   */
  static void read(Path file, char delimiter, LongConsumer progress, Visitor visitor) {
    Sources.requireFile(file);
    try (InputStream in = Sources.open(file, progress)) {
      CsvParser rows = new CsvParser(file, in, delimiter);
      boolean more = rows.next();
      while (more) {
        more = visitor.row(rows, rows.line()) && rows.next();
      }
    } catch (IOException e) {
      throw Sources.unreadable(file, e);
    }
  }

  /**
   * The values of a line that is in no file, such as one that was typed.
   *
   * @param name what messages call it
   * @throws RanbikiException if a quote is misplaced
   */
  public static List<String> values(String name, String line, char delimiter) {
    try (InputStream in = new ByteArrayInputStream(line.getBytes(StandardCharsets.UTF_8))) {
      CsvParser rows = new CsvParser(Path.of(name), in, delimiter);
      return rows.next() ? rows.texts() : List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not refuse
    }
  }
}
