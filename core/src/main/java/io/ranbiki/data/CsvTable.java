package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.Columns;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Values;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The rows of a table that were read so far. */
final class CsvTable {

  private static final int SHOWN = 40;

  private final String file;
  private final CsvRows.Options options;
  private final boolean labelled;
  private final SampleSink sink;
  private final DistinctKeys keys;
  private int rows;
  private int columns = -1;
  private List<String> names = List.of();
  private List<Integer> labelColumns = List.of();
  private List<Integer> textColumns = List.of();
  private int keyColumn = -1;
  private int[] featureColumns = new int[0];
  private List<String> cellNames = List.of();
  private @Nullable CsvLabels labels;

  /**
   * Begins a table.
   *
   * @param labelled whether the label columns are read; else they are passed over
   * @param sink where the samples go
   */
  CsvTable(String file, CsvRows.Options options, boolean labelled, SampleSink sink) {
    this.file = file;
    this.options = options;
    this.labelled = labelled;
    this.sink = sink;
    keys = new DistinctKeys(file, false);
  }

  /**
   * Adds a row; the first one says how many columns there are, and names them if there is a header.
   */
  void add(TableRow row) {
    if (columns < 0) {
      List<String> cells = row.texts();
      begin(cells.size(), options.header() ? cells : List.of(), cells.get(0));
      if (options.header()) {
        return;
      }
    }
    if (row.size() != columns) {
      throw RanbikiException.configuration(
          "%s has %d values, but the first line has %d. Repair the line.",
          begun(row.place()), row.size(), columns);
    }
    CsvLabels truth = Objects.requireNonNull(labels);
    for (int column : labelled ? labelColumns : List.<Integer>of()) {
      String label = row.text(column);
      if (label.isEmpty()) {
        truth.requireMayBeEmpty(row.place());
      }
      truth.add(label);
    }
    String key = keyColumn < 0 ? "" : row.text(keyColumn);
    if (keyColumn >= 0) {
      keys.add(key, rows + 1);
    }
    sink.add(key, sample(row));
    rows++;
  }

  private Values sample(TableRow row) {
    if (!textColumns.isEmpty()) {
      String first = text(row, textColumns.get(0));
      return textColumns.size() == 1
          ? new Values.Text(first)
          : new Values.Pair(first, text(row, textColumns.get(1)));
    }
    if (options.mixed().isUsed()) {
      return new Values.Cells(cellNames, cells(row));
    }
    float[] numbers = new float[featureColumns.length];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = number(row, featureColumns[i]);
    }
    return new Values.Floats(numbers, new int[] {numbers.length});
  }

  private String text(TableRow row, int column) {
    String text = row.text(column);
    Texts.require(text, begun(row.place()), "column '" + name(column) + "'");
    return text;
  }

  private String[] cells(TableRow row) {
    String[] values = new String[featureColumns.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = row.text(featureColumns[i]);
      if (i < options.mixed().numbers().size() && !values[i].isEmpty()) {
        number(row, featureColumns[i]);
      }
    }
    return values;
  }

  /**
   * Begins a table.
   *
   * @param named the names of the columns; empty if they have none
   * @param first what stands first in the file
   */
  void begin(int width, List<String> named, String first) {
    columns = width;
    names = named;
    labelColumns = options.labels().stream().map(label -> column("label", label)).toList();
    textColumns = options.text().stream().map(column -> column("text", column)).toList();
    keyColumn = options.key().map(column -> column("key", column)).orElse(-1);
    List<Integer> mixed = mixed();
    requireDifferent();
    featureColumns =
        !textColumns.isEmpty() || options.mixed().isUsed()
            ? mixed.stream().mapToInt(Integer::intValue).toArray()
            : IntStream.range(0, columns)
                .filter(column -> column != keyColumn && !labelColumns.contains(column))
                .toArray();
    if (textColumns.isEmpty() && featureColumns.length == 0) {
      throw RanbikiException.configuration(
          "%s has %d column%s, so no feature remains beside the label. %s",
          file, columns, columns == 1 ? "" : "s", delimiterAdvice(first));
    }
    labels =
        new CsvLabels(
            file,
            options,
            labelColumns.stream()
                .filter(column -> labelled)
                .map(column -> names.isEmpty() ? Integer.toString(column) : names.get(column))
                .toList());
    beginSamples();
  }

  private void beginSamples() {
    if (!textColumns.isEmpty()) {
      sink.begin(List.of(InMemory.text(textColumns.size())), List.of(), file);
      return;
    }
    boolean mixed = options.mixed().isUsed();
    cellNames = mixed ? IntStream.of(featureColumns).mapToObj(this::name).toList() : List.of();
    Field features =
        new Field(
            mixed ? Batch.COLUMNS : Batch.FEATURES,
            mixed ? Field.Kind.CELLS : Field.Kind.FLOAT32,
            List.of(featureColumns.length));
    sink.begin(List.of(features), cellNames, file);
  }

  /** The columns of numbers and categories, in this order. */
  private List<Integer> mixed() {
    CsvRows.Mixed mixed = options.mixed();
    List<Integer> chosen =
        Stream.concat(
                mixed.numbers().stream().map(column -> column("number", column)),
                mixed.categories().stream().map(column -> column("category", column)))
            .toList();
    if (!mixed.isUsed()) {
      return chosen;
    }
    Set<Integer> known = new HashSet<>(labelColumns);
    known.add(keyColumn);
    mixed.ignored().forEach(column -> known.add(column("ignored", column)));
    for (int column : chosen) {
      if (!known.add(column)) {
        throw RanbikiException.configuration(
            "The column '%s' of %s is named twice among label, key, numbers, categories and ignore,"
                + " but must have one meaning. Name it once.",
            name(column), file);
      }
    }
    List<String> others =
        IntStream.range(0, columns).filter(c -> !known.contains(c)).mapToObj(this::name).toList();
    if (!others.isEmpty()) {
      throw RanbikiException.configuration(
          "%s has columns that nobody names: %s. Say what they are (data.numbers, data.categories),"
              + " or leave them out (data.ignore).",
          file, ClassNames.abridged(others));
    }
    return chosen;
  }

  private String name(int column) {
    return names.isEmpty() ? Integer.toString(column) : names.get(column);
  }

  private void requireDifferent() {
    List<Integer> chosen =
        Stream.of(
                labelColumns.stream(),
                textColumns.stream(),
                Stream.of(keyColumn).filter(column -> column >= 0))
            .flatMap(columns -> columns)
            .toList();
    if (chosen.stream().distinct().count() < chosen.size()) {
      throw RanbikiException.configuration(
          "A column of %s is named twice among label, text and key, but each must be another one."
              + " Name the column of the label (data.label).",
          file);
    }
  }

  private int column(String role, String wanted) {
    int named = names.indexOf(wanted);
    if (named >= 0) {
      return named;
    }
    try {
      int position = Integer.parseInt(wanted);
      if (position >= -1 && position < columns) {
        return position < 0 ? columns - 1 : position;
      }
    } catch (NumberFormatException e) {
      // Neither a name nor a position: said below.
    }
    if (columns == 1 && options.header() && likelyDelimiter(names.get(0)).isPresent()) {
      throw RanbikiException.configuration(
          "%s has one column alone, '%s', and so no %s column '%s'. %s",
          file, shortened(names.get(0)), role, wanted, delimiterAdvice(names.get(0)));
    }
    throw RanbikiException.configuration(
        "%s has no %s column '%s'; it must be %s0 to %d or -1 for the last. Name another.",
        file,
        role,
        wanted,
        options.header() ? "one of " + ClassNames.abridged(names) + ", or " : "",
        columns - 1);
  }

  /** The names of the feature columns; none if the columns have no names. */
  List<String> featureNames() {
    return names.isEmpty() ? List.of() : IntStream.of(featureColumns).mapToObj(names::get).toList();
  }

  static String shortened(String text) {
    return text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text;
  }

  private float number(TableRow row, int column) {
    float value = row.number(column);
    if (!Float.isFinite(value)) {
      String text = row.text(column);
      throw RanbikiException.configuration(
          "%s has '%s' in column %s, but a feature must be a finite number.%s",
          begun(row.place()), shortened(text), name(column), advice(text));
    }
    return value;
  }

  /** A place as it begins a sentence. */
  private static String begun(String place) {
    return Character.toUpperCase(place.charAt(0)) + place.substring(1);
  }

  private String advice(String text) {
    if (Columns.hasDecimalComma(text)) {
      return " Write decimal numbers with a point.";
    }
    if (likelyDelimiter(text).isPresent()) {
      return " " + delimiterAdvice(text);
    }
    return rows == 0 && !options.header()
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

  Dataset finish() {
    if (rows == 0) {
      throw RanbikiException.configuration(
          "%s has no rows%s. Check that it is the right file.",
          file, columns < 0 ? "" : " below its header");
    }
    keys.requireDistinct(sink::key, row -> row + 1);
    return sink.finish(Objects.requireNonNull(labels).truth(rows));
  }
}
