package io.ranbiki.data;

import io.ranbiki.Memory;
import io.ranbiki.RanbikiException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PushbackReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * Rows of numbers with a class in one column, from a UTF-8 CSV file, plain or packed by gzip. Every
 * other column is a feature, in order. Samples are {@code [features]}, held in memory, not scaled;
 * an id is the position of the row among the rows.
 */
public final class CsvRows {

  /** A label that is a number, as short as class numbers are. */
  private static final Pattern NUMBER = Pattern.compile("-?\\d{1,9}(\\.\\d{1,9})?");

  /**
   * From so many rows on, classes that each have one row are no classes. A catalogue of faces or
   * products has tens of thousands, and may have one row of each.
   */
  private static final int ROWS_TO_TELL = 100_000;

  private static final int NUMBERS_OF_BLOCK = 1 << 20;

  /** Bytes. With less, Java collects garbage for seconds before it says that there is none. */
  private static final int ROOM_TO_READ = 16 << 20;

  private CsvRows() {}

  /**
   * How a file is to be read.
   *
   * @param label the column of the class: its name if there is a header, or its position from 0;
   *     {@code -1} is the last column; empty if there is none and all rows are unlabelled
   * @param header whether the first row names the columns
   * @param delimiter what stands between two values, such as {@code ','}
   * @param classNames the classes in the order of their numbers; if empty, the different labels of
   *     the file in their order, by value if all are numbers. Give the training file's to its test
   *     file. Kept in Unicode's NFC, as labels are
   */
  public record Options(String label, boolean header, char delimiter, List<String> classNames) {

    /** Checks the delimiter and that no class is named twice. */
    public Options {
      if (delimiter == '"' || delimiter == '\n' || delimiter == '\r') {
        throw RanbikiException.configuration(
            "The delimiter of a CSV file must not be a quote or a line break. Use a comma, a"
                + " semicolon or a tab.");
      }
      classNames = ClassNames.distinct(classNames);
    }

    /** Comma-separated values without a header, the label in the last column. */
    public static Options defaults() {
      return new Options("-1", false, ',', List.of());
    }

    /** These options with the label in another column. */
    public Options withLabel(String label) {
      return new Options(label, header, delimiter, classNames);
    }

    /** These options with or without a header. */
    public Options withHeader(boolean header) {
      return new Options(label, header, delimiter, classNames);
    }

    /** These options with another delimiter. */
    public Options withDelimiter(char delimiter) {
      return new Options(label, header, delimiter, classNames);
    }

    /** These options with the classes of another file. */
    public Options withClassNames(List<String> classNames) {
      return new Options(label, header, delimiter, classNames);
    }
  }

  /**
   * Reads {@code train.csv} or {@code test.csv} of a folder, plain or with {@code .gz}.
   *
   * @throws RanbikiException as {@link #read}, and if both are there and hold different rows
   */
  public static Dataset folder(Path folder, Part part, Options options) {
    return read(file(folder, part), options);
  }

  /**
   * The names of the feature columns of {@code train.csv} or {@code test.csv}, in order; empty if
   * there is no header.
   *
   * @throws RanbikiException if the file cannot be read, or has no label column
   */
  public static List<String> features(Path folder, Part part, Options options) {
    if (!options.header()) {
      return List.of();
    }
    Path file = file(folder, part);
    return parse(
        file,
        options,
        (parser, reader) -> {
          Table table = new Table(file, options);
          if (parser.iterator().hasNext()) {
            table.add(parser.iterator().next(), 1);
          }
          return table.featureNames();
        });
  }

  private static Path file(Path folder, Part part) {
    Path plain = folder.resolve(part + ".csv");
    return Sources.plainOrPacked(plain).orElse(plain);
  }

  /**
   * Reads a file.
   *
   * @throws RanbikiException if it is missing or damaged, rows differ in length, a feature is not a
   *     finite number, or a label is not among the given classes; the message names the line
   */
  public static Dataset read(Path file, Options options) {
    return parse(
        file,
        options,
        (parser, reader) -> {
          Table table = new Table(file, options);
          for (CSVRecord row : parser) {
            table.add(row, parser.getCurrentLineNumber());
            reader.rowEnded(parser.getCurrentLineNumber());
          }
          return table.finish();
        });
  }

  private static <T> T parse(Path file, Options options, BiFunction<CSVParser, RowReader, T> use) {
    Sources.requireFile(file);
    CSVFormat format =
        CSVFormat.RFC4180
            .builder()
            .setDelimiter(options.delimiter())
            .setIgnoreEmptyLines(true)
            .setIgnoreSurroundingSpaces(true)
            .get();
    try (RowReader reader = new RowReader(file, open(file));
        CSVParser parser = format.parse(reader)) {
      return use.apply(parser, reader);
    } catch (CharacterCodingException e) {
      throw notCsv(file, "it is not UTF-8 text. Save it as UTF-8", e);
    } catch (UncheckedIOException e) {
      throw e.getCause() instanceof CharacterCodingException
          ? notCsv(file, "it is not UTF-8 text. Save it as UTF-8", e)
          : notCsv(file, "a quote is open or misplaced. Close it, or double it within a value", e);
    } catch (IOException e) {
      throw Sources.unreadable(file, e);
    }
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

  /** The rows read so far. */
  private static final class Table {
    private final Path file;
    private final Options options;
    private final List<String> labels = new ArrayList<>();
    private final Map<String, String> distinct = new HashMap<>(); // so that equal labels are one

    /** The features of so many rows each; to let one array grow would take it twice at the end. */
    private final List<float[]> blocks = new ArrayList<>();

    private int rowsInBlock;
    private int used;
    private int columns = -1;
    private int labelColumn = -1;
    private List<String> names = List.of();

    Table(Path file, Options options) {
      this.file = file;
      this.options = options;
    }

    void add(CSVRecord row, long line) {
      if (columns < 0) {
        columns = row.size();
        names = options.header() ? row.toList() : names;
        labelColumn = options.label().isEmpty() ? -1 : column();
        if (features() < 1) {
          throw RanbikiException.configuration(
              "%s has %d column, so no feature remains beside the label. %s",
              file, columns, delimiterAdvice(row.get(0)));
        }
        if (options.header()) {
          return;
        }
      }
      if (row.size() != columns) {
        throw RanbikiException.configuration(
            "Line %d of %s has %d values, but the first line has %d. Repair the line.",
            line, file, row.size(), columns);
      }
      for (int column = 0; column < columns; column++) {
        if (column == labelColumn) {
          labels.add(distinct.computeIfAbsent(label(row.get(column), line), label -> label));
        } else {
          append(number(row.get(column), column, line));
        }
      }
      if (labelColumn < 0) {
        labels.add("");
      }
    }

    private int column() {
      int named = names.indexOf(options.label());
      if (named >= 0) {
        return named;
      }
      try {
        int position = Integer.parseInt(options.label());
        if (position >= -1 && position < columns) {
          return position < 0 ? columns - 1 : position;
        }
      } catch (NumberFormatException e) {
        // Neither a name nor a position: said below.
      }
      throw RanbikiException.configuration(
          "%s has no label column '%s'; it must be %s0 to %d or -1 for the last. Name another.",
          file,
          options.label(),
          options.header() ? "one of " + ClassNames.abridged(names) + ", or " : "",
          columns - 1);
    }

    private String label(String label, long line) {
      if (label.isEmpty()) {
        throw RanbikiException.configuration(
            "The label in line %d of %s is empty. Give one, or remove the line%s.",
            line,
            file,
            labels.isEmpty() && labelColumn == columns - 1
                ? String.format(
                    Locale.ROOT, "; if every line ends in '%s', remove that", options.delimiter())
                : "");
      }
      return ClassNames.nfc(label);
    }

    List<String> featureNames() {
      List<String> features = new ArrayList<>(names);
      if (labelColumn >= 0 && !features.isEmpty()) {
        features.remove(labelColumn);
      }
      return features;
    }

    private float number(String text, int column, long line) {
      float value = Float.NaN;
      // Java also takes 1f and 0x1p3 for numbers; other programs do not.
      if (isDecimal(text)) {
        try {
          value = Float.parseFloat(text);
        } catch (NumberFormatException e) {
          // Not a number: said below.
        }
      }
      if (!Float.isFinite(value)) {
        throw RanbikiException.configuration(
            "Line %d of %s has '%s' in column %s, but a feature must be a finite number.%s",
            line,
            file,
            text.length() > 40 ? text.substring(0, 40) + "..." : text,
            names.isEmpty() ? Integer.toString(column) : names.get(column),
            advice(text, line));
      }
      return value;
    }

    private static boolean isDecimal(String text) {
      for (int i = 0; i < text.length(); i++) {
        if ("0123456789.+-eE".indexOf(text.charAt(i)) < 0) {
          return false;
        }
      }
      return true;
    }

    private String advice(String text, long line) {
      if (text.matches("[-+]?\\d*,\\d+([eE][-+]?\\d+)?")) {
        return " Write decimal numbers with a point.";
      }
      if (likelyDelimiter(text).isPresent()) {
        return " " + delimiterAdvice(text);
      }
      return line == 1 && !options.header()
          ? " If the first line names the columns, say header: true."
          : " Repair or remove the line.";
    }

    /** What probably stands between two values of a line that was not split there. */
    private Optional<String> likelyDelimiter(String text) {
      return Stream.of(";", "\t", "|", ",")
          .filter(sign -> text.contains(sign) && sign.charAt(0) != options.delimiter())
          .findFirst();
    }

    private String delimiterAdvice(String text) {
      return likelyDelimiter(text)
          .map(
              sign ->
                  String.format(
                      Locale.ROOT,
                      "If another character stands between the values, say delimiter: \"%s\".",
                      sign.equals("\t") ? "\\t" : sign))
          .orElse("If there are more columns, say which delimiter stands between them.");
    }

    private void append(float value) {
      if (blocks.isEmpty() || used == rowsInBlock * features()) {
        if (blocks.isEmpty()) {
          rowsInBlock = Math.max(1, NUMBERS_OF_BLOCK / features());
        }
        Memory.requireHeap(
            RanbikiException.Kind.CONFIGURATION,
            (double) Float.BYTES * rowsInBlock * features() + ROOM_TO_READ,
            "Reading " + file + " behind row " + labels.size(),
            "Use fewer rows or columns");
        blocks.add(new float[rowsInBlock * features()]);
        used = 0;
      }
      blocks.get(blocks.size() - 1)[used++] = value;
    }

    private int features() {
      return columns - (labelColumn < 0 ? 0 : 1);
    }

    Dataset finish() {
      if (labels.isEmpty()) {
        throw RanbikiException.configuration(
            "%s has no rows%s. Check that it is the right file.",
            file, columns < 0 ? "" : " below its header");
      }
      if (labelColumn < 0) {
        int[] none = new int[labels.size()];
        Arrays.fill(none, Dataset.UNLABELLED);
        return placed(InMemory.rows(blocks, rowsInBlock, features(), none, options.classNames()));
      }
      if (options.classNames().isEmpty()) {
        requireClassesOfSeveral();
      }
      List<String> classes = options.classNames().isEmpty() ? classes() : options.classNames();
      Map<String, Integer> numbers = ClassNames.numbers(classes);
      int[] classOf = new int[labels.size()];
      for (int i = 0; i < classOf.length; i++) {
        Integer number = numbers.get(labels.get(i));
        if (number == null) {
          throw RanbikiException.configuration(
              "Row %d of %s has the label '%s', which is not one of the classes %s. Give training"
                  + " rows of this class, too, or remove the row; if another column holds the class,"
                  + " name it (data.label).",
              i + 1, file, labels.get(i), ClassNames.abridged(classes));
        }
        classOf[i] = number;
      }
      return placed(InMemory.rows(blocks, rowsInBlock, features(), classOf, classes));
    }

    private Dataset placed(Dataset rows) {
      return new Placed(rows, index -> String.format(Locale.ROOT, "row %d of %s", index + 1, file));
    }

    /** A number or name of the row itself was taken for its class. */
    private void requireClassesOfSeveral() {
      if (distinct.size() == labels.size() && labels.size() >= ROWS_TO_TELL) {
        throw RanbikiException.configuration(
            "Each of the %d rows of %s has a class of its own in column %s, so nothing can be"
                + " learned from one row about another. Name the column of the class (data.label).",
            labels.size(), file, names.isEmpty() ? labelColumn : names.get(labelColumn));
      }
    }

    private List<String> classes() {
      TreeSet<String> sorted = new TreeSet<>(distinct.keySet());
      if (!sorted.stream().allMatch(label -> NUMBER.matcher(label).matches())) {
        return List.copyOf(sorted);
      }
      // Pandas writes 0.0 and 10.0 for whole numbers where a value was missing once.
      TreeMap<BigDecimal, String> byValue = new TreeMap<>();
      for (String label : sorted) {
        String other = byValue.put(new BigDecimal(label), label);
        if (other != null) {
          throw RanbikiException.configuration(
              "%s has the labels '%s' and '%s', which are one number. Write them alike.",
              file, other, label);
        }
      }
      return List.copyOf(byValue.values());
    }
  }
}
