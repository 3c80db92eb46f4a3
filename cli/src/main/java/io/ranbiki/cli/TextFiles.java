package io.ranbiki.cli;

import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import io.ranbiki.data.Batch;
import io.ranbiki.data.CsvRows;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.JsonLines;
import io.ranbiki.prepare.Values;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Files of texts, whatever their form: columns of a table with a header, fields of JSON lines, or a
 * text in every line.
 *
 * @param option that names the columns, for messages
 * @param columns those of the texts, or fields: one, or the two of a pair
 * @param key the column of what samples are called; empty if there is none
 * @param delimiter what stands between the values of a table
 */
record TextFiles(String option, List<String> columns, Optional<String> key, char delimiter) {

  /** What the column of a text is called where nobody says otherwise. */
  static final String USUAL = "text";

  /** Takes the samples of a file, one after the other. */
  interface Each {
    /**
     * Takes a sample.
     *
     * @param place where it stands
     * @param key what it is called; empty where the file does not say
     * @param texts one, or the two of a pair
     */
    void sample(String place, Optional<String> key, List<String> texts);
  }

  /** Texts of one column, which the option {@code --text} names. */
  static TextFiles of(Optional<String> column) {
    return new TextFiles("--text", List.of(column.orElse(USUAL)), Optional.empty(), ',');
  }

  /** Whether this is a file of texts, by its ending. */
  static boolean isOne(Path file) {
    return name(file).endsWith(".txt") || isTable(file) || isLines(file);
  }

  private static boolean isTable(Path file) {
    return name(file).matches(".*\\.[ct]sv(\\.gz)?");
  }

  private static boolean isLines(Path file) {
    return name(file).matches(".*\\.jsonl(\\.gz)?");
  }

  private static String name(Path file) {
    return file.getFileName().toString().toLowerCase(Locale.ROOT);
  }

  /**
   * Reads a file. Empty lines of one without columns are passed over.
   *
   * @throws RanbikiException if it is missing or damaged, or lacks a column or a text
   */
  void read(Path file, Each each) {
    if (!isTable(file) && !isLines(file)) {
      lines(file, each);
      return;
    }
    try (Dataset samples = open(file)) {
      for (int index = 0; index < samples.size(); index++) {
        Values values = samples.read(index).get(Batch.TEXT);
        List<String> texts =
            values instanceof Values.Pair pair
                ? List.of(pair.first(), pair.second())
                : List.of(((Values.Text) values).value());
        int sample = index;
        each.sample(samples.place(index), key.map(any -> samples.key(sample)), texts);
      }
    }
  }

  private Dataset open(Path file) {
    try {
      return isTable(file) ? table(file) : JsonLines.texts(file, columns, key);
    } catch (RanbikiException e) {
      // What is a key in a configuration is an option here.
      throw new RanbikiException(
          e.kind(),
          e.getMessage()
              .replace("Name the field of the text (data.text).", "Name it with " + option + ".")
              .replace("say delimiter: ", "say --delimiter "),
          e);
    }
  }

  private Dataset table(Path file) {
    CsvRows.Options options =
        CsvRows.Options.defaults()
            .withLabel("")
            .withHeader(true)
            .withDelimiter(delimiter)
            .withText(columns.toArray(String[]::new));
    return CsvRows.read(file, key.map(options::withKey).orElse(options));
  }

  private static void lines(Path file, Each each) {
    try {
      int number = 0;
      for (String line : Files.readAllLines(file)) {
        number++;
        if (!line.isBlank()) {
          each.sample("line " + number + " of " + file, Optional.empty(), List.of(line));
        }
      }
    } catch (NoSuchFileException e) {
      throw new RanbikiException(
          Kind.CONFIGURATION, "The file " + file + " does not exist. Check the path.", e);
    } catch (CharacterCodingException e) {
      throw new RanbikiException(
          Kind.CONFIGURATION, file + " is not UTF-8 text. Save it as UTF-8.", e);
    } catch (IOException e) {
      throw RanbikiException.io("%s cannot be read (%s).", file, e.getMessage());
    }
  }
}
