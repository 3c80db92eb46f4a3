package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.Columns;
import io.ranbiki.prepare.Values;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Rows of a UTF-8 CSV file, plain or packed by gzip, with their truth in one column or several:
 * classes, labels or numbers. Every other column is a feature, in order, and samples are {@code
 * [features]}, not scaled; or samples are the texts of one column. They are held in memory; an id
 * is the position of the row among the rows.
 */
public final class CsvRows {

  private CsvRows() {}

  /** What the label columns hold. */
  public enum Kind {
    /**
     * A class, where there is one column; where there are several, {@link #LABELS} if nothing but 0
     * and 1 stands in them, else {@link #NUMBERS}.
     */
    AUTO,
    /** One class. */
    CLASSES,
    /** In each column whether one label holds: 1, 0, or nothing where it is not known. */
    LABELS,
    /** In each column a number to be predicted, or nothing where it is not known. */
    NUMBERS,
    /** Nothing that counts: a network guesses pieces that are hidden of the texts. */
    MASKED_LANGUAGE;

    /** The name in configurations. */
    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * Columns of a table of numbers and categories, by name, or by position from 0 where columns have
   * no names. Such samples are cells, of which a preparation that was fitted on training rows makes
   * numbers.
   *
   * @param numbers those of numbers; a cell may be empty
   * @param categories those of categories; a cell may be empty
   * @param ignored those that are left out
   */
  public record Mixed(List<String> numbers, List<String> categories, List<String> ignored) {

    /** Of a table that holds numbers alone. */
    public static final Mixed NONE = new Mixed(List.of(), List.of(), List.of());

    /** Copies the lists. */
    public Mixed {
      numbers = List.copyOf(numbers);
      categories = List.copyOf(categories);
      ignored = List.copyOf(ignored);
    }

    /** Whether samples are cells. */
    boolean isUsed() {
      return !numbers.isEmpty() || !categories.isEmpty();
    }

    /**
     * How cells become numbers, fitted on the rows of training; empty where samples are no cells.
     */
    public Optional<Columns> fit(Dataset trained) {
      if (!isUsed()) {
        return Optional.empty();
      }
      List<String> names = cells(trained, 0).names();
      return Optional.of(
          Columns.fit(
              names.subList(0, numbers.size()),
              names.subList(numbers.size(), names.size()),
              trained.size(),
              index -> cells(trained, index)));
    }

    private static Values.Cells cells(Dataset samples, int index) {
      return (Values.Cells) samples.read(index).get(Batch.COLUMNS);
    }
  }

  /**
   * How a file is to be read. A column is its name if there is a header, or its position from 0;
   * {@code -1} is the last one.
   *
   * @param labels the columns of the truth; empty if there is none and all rows are unlabelled
   * @param kind what they hold
   * @param text the column of a text, or the two of a pair, which is then all that a sample has;
   *     empty to take all other columns as features
   * @param key the column of what people call a row; empty if there is none
   * @param header whether the first row names the columns
   * @param delimiter what stands between two values, such as {@code ','}
   * @param mixed which columns hold numbers and which categories; none of either to take all as
   *     numbers
   * @param classNames the classes in the order of their numbers; if empty, the different labels of
   *     the file in their order, by value if all are numbers. Kept in Unicode's NFC, as labels are
   */
  public record Options(
      List<String> labels,
      Kind kind,
      List<String> text,
      Optional<String> key,
      boolean header,
      char delimiter,
      Mixed mixed,
      List<String> classNames) {

    /** Checks the delimiter and that no class is named twice. */
    public Options {
      if (delimiter == '"' || delimiter == '\n' || delimiter == '\r') {
        throw RanbikiException.configuration(
            "The delimiter of a CSV file must not be a quote or a line break. Use a comma, a"
                + " semicolon or a tab.");
      }
      labels = kind == Kind.MASKED_LANGUAGE ? List.of() : List.copyOf(labels);
      text = List.copyOf(text);
      if (labels.size() > 1 && kind == Kind.CLASSES) {
        throw RanbikiException.configuration(
            "There are %d label columns, but the class of a row is in one. Name one column, or say"
                + " task: labels or task: numbers.",
            labels.size());
      }
      classNames = ClassNames.distinct(classNames);
    }

    /**
     * A class in one column, numbers in the others.
     *
     * @param label the column; empty if there is none
     */
    public Options(String label, boolean header, char delimiter, List<String> classNames) {
      this(
          label.isEmpty() ? List.of() : List.of(label),
          Kind.AUTO,
          List.of(),
          Optional.empty(),
          header,
          delimiter,
          Mixed.NONE,
          classNames);
    }

    /** Comma-separated values without a header, the class in the last column. */
    public static Options defaults() {
      return new Options("-1", false, ',', List.of());
    }

    /** These options with the class in another column; empty for none. */
    public Options withLabel(String label) {
      return withLabels(label.isEmpty() ? List.of() : List.of(label), kind);
    }

    /** These options with other label columns. */
    public Options withLabels(List<String> columns, Kind what) {
      return new Options(columns, what, text, key, header, delimiter, mixed, classNames);
    }

    /** These options with samples that are a text, or two. */
    public Options withText(String... columns) {
      return new Options(labels, kind, List.of(columns), key, header, delimiter, mixed, classNames);
    }

    /** These options with a column of keys. */
    public Options withKey(String column) {
      return new Options(
          labels, kind, text, Optional.of(column), header, delimiter, mixed, classNames);
    }

    /** These options with or without a header. */
    public Options withHeader(boolean named) {
      return new Options(labels, kind, text, key, named, delimiter, mixed, classNames);
    }

    /** These options with another delimiter. */
    public Options withDelimiter(char other) {
      return new Options(labels, kind, text, key, header, other, mixed, classNames);
    }

    /** These options with given classes. */
    public Options withClassNames(List<String> names) {
      return new Options(labels, kind, text, key, header, delimiter, mixed, names);
    }

    /** The task as far as it can be told before a file is opened; of no names. */
    public Task likelyTask() {
      return switch (kind) {
        case CLASSES -> new Task.Classes(List.of());
        case LABELS -> new Task.Labels(List.of());
        case NUMBERS -> new Task.Numbers(List.of());
        case MASKED_LANGUAGE -> new Task.MaskedLanguage(0);
        case AUTO -> labels.size() > 1 ? new Task.Labels(List.of()) : new Task.Classes(List.of());
      };
    }

    /** These options for a file that is to have the task of another one, which they described. */
    public Options withTask(Task task) {
      if (task instanceof Task.Classes classes) {
        return withClassNames(classes.names());
      }
      return withLabels(labels, task instanceof Task.Labels ? Kind.LABELS : Kind.NUMBERS);
    }
  }

  /**
   * The names of the feature columns of a file, in order; empty if there is no header.
   *
   * @throws RanbikiException if the file cannot be read, or has no label column
   */
  static List<String> features(Path file, Options options) {
    if (!options.header()) {
      return List.of();
    }
    CsvTable table = new CsvTable(file.toString(), options, true, SampleSink.memory());
    CsvFile.read(
        file,
        options.delimiter(),
        (row, line) -> {
          table.add(row);
          return false;
        });
    return table.featureNames();
  }

  /** The file, or its copy packed by gzip beside it. */
  static Path found(Path plain) {
    return Sources.plainOrPacked(plain).orElse(plain);
  }

  /**
   * Reads a file.
   *
   * @throws RanbikiException if it is missing or damaged, rows differ in length, a feature is not a
   *     finite number, a label is not among the given classes or no number, or a key comes twice;
   *     the message names the line
   */
  public static Dataset read(Path file, Options options) {
    return read(file, options, SampleSink.memory());
  }

  /**
   * Reads a file whose samples go somewhere else than into memory.
   *
   * @throws RanbikiException as {@link #read(Path, Options)}
   */
  public static Dataset read(Path file, Options options, SampleSink sink) {
    return read(file, options, true, sink);
  }

  /**
   * Reads a file to ask about its rows: what stands in the label columns is passed over.
   *
   * @throws RanbikiException as {@link #read(Path, Options)}
   */
  public static Dataset withoutLabels(Path file, Options options) {
    return read(file, options, false, SampleSink.memory());
  }

  private static Dataset read(Path file, Options options, boolean labelled, SampleSink sink) {
    CsvTable table = new CsvTable(file.toString(), options, labelled, sink);
    sink.expect(file.toFile().length());
    CsvFile.read(
        file,
        options.delimiter(),
        sink::read,
        (row, line) -> {
          table.add(row);
          return true;
        });
    return table.finish();
  }

  /**
   * Reads a table that is no single CSV file; what the options say of a header does not count.
   *
   * @throws RanbikiException as {@link #read(Path, Options)}
   */
  public static Dataset read(TableSource source, Options options) {
    return read(source, options, SampleSink.memory());
  }

  /**
   * Reads such a table whose samples go somewhere else than into memory.
   *
   * @throws RanbikiException as {@link #read(Path, Options)}
   */
  public static Dataset read(TableSource source, Options options, SampleSink sink) {
    CsvTable table = new CsvTable(source.name(), options.withHeader(true), true, sink);
    List<String> columns = source.columns();
    table.begin(columns.size(), columns, columns.get(0));
    source.read(table::add);
    return table.finish();
  }
}
