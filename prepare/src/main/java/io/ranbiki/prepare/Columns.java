package io.ranbiki.prepare;

import io.ranbiki.RanbikiException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How the columns of a table become the numbers that a network takes, as fitted on training rows.
 *
 * <p>A number has the mean of its column subtracted and is divided by its standard deviation
 * (divisor n). A category has a place for each value that the training rows have, 1 at its own and
 * 0 at the others; a category that was never seen has 0 everywhere. A cell without a value is 0
 * where a number is expected; if the training rows had such cells in this column, one place more
 * says that it is missing.
 *
 * <p>Rows are found by the names of their columns, so that their order does not count.
 */
public final class Columns {

  /** More values than this are no categories but names of rows. */
  public static final int MOST_VALUES = 1_000;

  private static final int SHOWN = 40;

  private final List<Column> list;
  private final List<String> names;
  private final List<Map<String, Integer>> places = new ArrayList<>();
  private final int width;

  /** A column. */
  public sealed interface Column {
    /** Its name. */
    String name();

    /** Whether training rows had cells without a value. */
    boolean missing();

    /** How many numbers it becomes. */
    int width();
  }

  /**
   * A column of numbers.
   *
   * @param mean of the training rows
   * @param std of the training rows, above 0
   */
  public record Number(String name, float mean, float std, boolean missing) implements Column {

    /** Checks the numbers. */
    public Number {
      if (!Float.isFinite(mean) || !Float.isFinite(std) || std <= 0) {
        throw new IllegalArgumentException(
            "the column '"
                + name
                + "' has the mean "
                + mean
                + " and the standard deviation "
                + std
                + ", but both must be finite, and the latter above 0");
      }
    }

    @Override
    public int width() {
      return missing ? 2 : 1;
    }
  }

  /**
   * A column of categories.
   *
   * @param values of the training rows, in the order of their places
   */
  public record Category(String name, List<String> values, boolean missing) implements Column {

    /** Copies the values. */
    public Category {
      values = List.copyOf(values);
    }

    @Override
    public int width() {
      return values.size() + (missing ? 1 : 0);
    }
  }

  /**
   * Columns in the order of their numbers.
   *
   * @throws IllegalArgumentException if there are none, or two have one name
   */
  public Columns(List<Column> list) {
    this.list = List.copyOf(list);
    names = list.stream().map(Column::name).toList();
    width = list.stream().mapToInt(Column::width).sum();
    if (width == 0 || names.stream().distinct().count() < names.size()) {
      throw new IllegalArgumentException(
          "the columns " + names + " must have names of their own and become 1 number or more");
    }
    for (Column column : list) {
      Map<String, Integer> of = new HashMap<>();
      if (column instanceof Category category) {
        category.values().forEach(value -> of.put(value, of.size()));
      }
      places.add(of);
    }
  }

  /** The place of a value of a category; -1 if no training row had it. */
  int place(String column, String value) {
    return places.get(names.indexOf(column)).getOrDefault(value, -1);
  }

  /** The columns. */
  public List<Column> list() {
    return list;
  }

  /** How many numbers a row becomes. */
  public int width() {
    return width;
  }

  /**
   * Fits columns on training rows.
   *
   * @param numbers the names of the columns of numbers
   * @param categories the names of those of categories
   * @param rows how many there are
   * @param row each of them
   * @throws RanbikiException of kind CONFIGURATION if a column has one value alone, or too many
   *     categories
   */
  public static Columns fit(
      List<String> numbers,
      List<String> categories,
      int rows,
      Function<Integer, Values.Cells> row) {
    List<Moments> moments = numbers.stream().map(Moments::new).toList();
    List<Found> found = categories.stream().map(Found::new).toList();
    for (int i = 0; i < rows; i++) {
      Values.Cells cells = row.apply(i);
      moments.forEach(column -> column.add(cells.get(column.name)));
      found.forEach(column -> column.add(cells.get(column.name)));
    }
    // The squares in a pass of their own: a sum of squares less the square of the sum loses digits.
    for (int i = 0; i < rows && !moments.isEmpty(); i++) {
      Values.Cells cells = row.apply(i);
      moments.forEach(column -> column.addSquare(cells.get(column.name)));
    }
    List<Column> columns = new ArrayList<>();
    moments.forEach(column -> columns.add(column.fitted(rows)));
    found.forEach(column -> columns.add(column.fitted()));
    return new Columns(columns);
  }

  /** A column of numbers that is being fitted. */
  private static final class Moments {

    private final String name;
    private double sum;
    private double squares;
    private int count;

    Moments(String name) {
      this.name = name;
    }

    void add(String text) {
      if (!text.isEmpty()) {
        sum += number(name, text);
        count++;
      }
    }

    /** Once all were added. */
    void addSquare(String text) {
      if (!text.isEmpty()) {
        double distance = number(name, text) - mean();
        squares += distance * distance;
      }
    }

    private double mean() {
      return sum / count;
    }

    Number fitted(int rows) {
      float std = (float) Math.sqrt(squares / count);
      if (count == 0 || !(std > 0)) {
        throw one(name, count == 0 ? "" : Float.toString((float) mean()));
      }
      return new Number(name, (float) mean(), std, count < rows);
    }
  }

  /** A column of categories that is being fitted. */
  private static final class Found {

    private final String name;
    private final TreeSet<String> values = new TreeSet<>();
    private boolean missing;

    Found(String name) {
      this.name = name;
    }

    void add(String text) {
      missing |= text.isEmpty();
      if (!text.isEmpty()) {
        values.add(text);
      }
    }

    Category fitted() {
      if (values.size() > MOST_VALUES) {
        throw RanbikiException.configuration(
            "Column '%s' has %d different values in the training rows, more than the %d that a"
                + " category may have. Leave it out (data.ignore), or name it under data.numbers.",
            name, values.size(), MOST_VALUES);
      }
      if (values.isEmpty() || values.size() == 1 && !missing) {
        throw one(name, values.isEmpty() ? "" : values.first());
      }
      return new Category(name, List.copyOf(values), missing);
    }
  }

  private static RanbikiException one(String name, String value) {
    return RanbikiException.configuration(
        "Column '%s' has %s in the training rows, so nothing can be learned from it. Leave it out"
            + " (data.ignore).",
        name, value.isEmpty() ? "no value" : "the one value '" + shortened(value) + "'");
  }

  /**
   * The numbers of a row.
   *
   * @return {@link #width} of them
   * @throws RanbikiException of kind CONFIGURATION if a column is not there, or a number is none
   */
  public float[] of(Values.Cells row) {
    float[] numbers = new float[width];
    boolean same = row.names().equals(names);
    int at = 0;
    for (int i = 0; i < list.size(); i++) {
      Column column = list.get(i);
      write(column, places.get(i), same ? row.data()[i] : row.get(column.name()), numbers, at);
      at += column.width();
    }
    return numbers;
  }

  private static void write(
      Column column, Map<String, Integer> places, String cell, float[] numbers, int at) {
    boolean missing = cell.isEmpty();
    if (missing && column.missing()) {
      numbers[at + column.width() - 1] = 1;
    }
    if (missing) {
      return;
    }
    if (column instanceof Number number) {
      numbers[at] = (number(number.name(), cell) - number.mean()) / number.std();
    } else {
      @Nullable Integer place = places.get(cell);
      if (place != null) {
        numbers[at + place] = 1;
      }
    }
  }

  /**
   * A decimal number.
   *
   * @throws RanbikiException of kind CONFIGURATION if it is none, or not finite
   */
  private static float number(String column, String cell) {
    float value = number(cell);
    if (!Float.isFinite(value)) {
      throw RanbikiException.configuration(
          "Column '%s' has '%s', but must have a finite number, or nothing where it is not known."
              + " %s",
          column,
          shortened(cell),
          hasDecimalComma(cell)
              ? "Write decimal numbers with a point."
              : "Correct it, or name the column under data.categories.");
    }
    return value;
  }

  /** A decimal number; NaN if it is none. */
  public static float number(String text) {
    // Java also takes 1f and 0x1p3 for numbers; other programs do not.
    for (int i = 0; i < text.length(); i++) {
      if ("0123456789.+-eE".indexOf(text.charAt(i)) < 0) {
        return Float.NaN;
      }
    }
    try {
      return Float.parseFloat(text);
    } catch (NumberFormatException e) {
      return Float.NaN;
    }
  }

  /** Whether a text is a number with a comma in place of its point. */
  public static boolean hasDecimalComma(String text) {
    return text.matches("[-+]?\\d*,\\d+([eE][-+]?\\d+)?");
  }

  private static String shortened(String text) {
    return text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Columns columns && columns.list.equals(list);
  }

  @Override
  public int hashCode() {
    return list.hashCode();
  }

  /** Such as {@code 14 columns that become 105 numbers}. */
  @Override
  public String toString() {
    return list.size() + " columns that become " + width + " numbers";
  }

  /** The cells of a row by the names of these columns, as a service has it. */
  Values.Cells cells(Map<String, String> row) {
    String[] cells = new String[names.size()];
    for (int i = 0; i < cells.length; i++) {
      if (!row.containsKey(names.get(i))) {
        throw missing(names.get(i), row.keySet().stream().sorted().toList());
      }
      @Nullable String cell = row.get(names.get(i));
      cells[i] = cell == null ? "" : cell;
    }
    return new Values.Cells(names, cells);
  }

  static RanbikiException missing(String name, List<String> found) {
    return RanbikiException.configuration(
        "The row has no column '%s', which the network takes; it has %s. Give it, empty if its"
            + " value is not known.",
        name, shortened(String.join(", ", found)));
  }
}
