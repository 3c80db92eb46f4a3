package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PushbackReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/** The rows of a CSV file in UTF-8, plain or packed by gzip, one after the other. */
public final class CsvFile {

  private CsvFile() {}

  /** Takes one row after the other. */
  @FunctionalInterface
  public interface Visitor {

    /**
     * Takes a row.
     *
     * @param line of the file in which the row ends, from 1
     * @return whether to go on
     */
    boolean row(CSVRecord row, long line);
  }

  /**
   * Reads a file as RFC 4180 has it. Empty lines are left out, as are spaces around a value.
   *
   * @param delimiter what stands between two values
   * @throws RanbikiException if the file is missing, damaged, or not UTF-8, or a quote is misplaced
   */
  public static void read(Path file, char delimiter, Visitor visitor) {
    Sources.requireFile(file);
    CSVFormat format =
        CSVFormat.RFC4180
            .builder()
            .setDelimiter(delimiter)
            .setIgnoreEmptyLines(true)
            .setIgnoreSurroundingSpaces(true)
            .get();
    try (RowReader reader = new RowReader(file, open(file));
        CSVParser parser = format.parse(reader)) {
      for (CSVRecord row : parser) {
        if (!visitor.row(row, parser.getCurrentLineNumber())) {
          return;
        }
        reader.rowEnded(parser.getCurrentLineNumber());
      }
    } catch (CharacterCodingException e) {
      throw notUtf8(file, e);
    } catch (UncheckedIOException e) {
      throw e.getCause() instanceof CharacterCodingException
          ? notUtf8(file, e)
          : notCsv(file, "a quote is open or misplaced. Close it, or double it within a value", e);
    } catch (IOException e) {
      throw Sources.unreadable(file, e);
    }
  }

  private static RanbikiException notUtf8(Path file, Exception e) {
    Lines.read(file, (text, line) -> {}); // names the line
    return notCsv(file, "it is not UTF-8 text. Save it as UTF-8", e);
  }

  private static RanbikiException notCsv(Path file, String reason, Exception e) {
    return new RanbikiException(
        RanbikiException.Kind.CONFIGURATION, file + " is not a CSV file: " + reason + ".", e);
  }

  /** A reader that stops at bytes that are not UTF-8 and skips a byte order mark. */
  private static Reader open(Path file) throws IOException {
    InputStream in = Sources.open(file);
    PushbackReader reader =
        new PushbackReader(
            new BufferedReader(
                new InputStreamReader(
                    in,
                    StandardCharsets.UTF_8
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT))));
    try {
      int first = reader.read();
      if (first >= 0 && first != '\uFEFF') {
        reader.unread(first);
      }
      return reader;
    } catch (IOException e) {
      reader.close();
      throw e;
    }
  }
}
