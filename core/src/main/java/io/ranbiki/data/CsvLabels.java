package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.Columns;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** What stands in the label columns of a CSV file, and what it means. */
final class CsvLabels {

  /** A label that is a number, as short as class numbers are. */
  private static final Pattern NUMBER = Pattern.compile("-?\\d{1,9}(\\.\\d{1,9})?");

  /**
   * From so many rows on, classes that each have one row are no classes. A catalogue of faces or
   * products has tens of thousands, and may have one row of each.
   */
  private static final int ROWS_TO_TELL = 100_000;

  private final String file;
  private final CsvRows.Options options;

  /** Of the label columns, as messages call them. */
  private final List<String> names;

  /** Of all rows, {@code names.size()} each. */
  private final List<String> labels = new ArrayList<>();

  private final Map<String, String> distinct = new HashMap<>(); // so that equal labels are one

  CsvLabels(String file, CsvRows.Options options, List<String> names) {
    this.file = file;
    this.options = options;
    this.names = names;
  }

  /** Whether an empty label is one that is not known. */
  boolean mayBeEmpty() {
    return names.size() > 1
        || options.kind() == CsvRows.Kind.LABELS
        || options.kind() == CsvRows.Kind.NUMBERS;
  }

  void add(String label) {
    labels.add(distinct.computeIfAbsent(ClassNames.nfc(label), one -> one));
  }

  /** The truth of all rows. */
  Truth truth(int rows) {
    if (names.isEmpty()) {
      int[] none = new int[rows];
      Arrays.fill(none, Dataset.UNLABELLED);
      return new Truth.OfClasses(none, new Task.Classes(options.classNames()));
    }
    return switch (kind()) {
      case LABELS -> numbers(rows, new Task.Labels(names));
      case NUMBERS -> numbers(rows, new Task.Numbers(names));
      default -> classes();
    };
  }

  private CsvRows.Kind kind() {
    if (options.kind() != CsvRows.Kind.AUTO) {
      return options.kind();
    }
    if (names.size() == 1) {
      return CsvRows.Kind.CLASSES;
    }
    boolean binary = distinct.keySet().stream().allMatch(label -> isUnknown(label) || isBit(label));
    return binary ? CsvRows.Kind.LABELS : CsvRows.Kind.NUMBERS;
  }

  private static boolean isUnknown(String label) {
    return label.isEmpty();
  }

  private static boolean isBit(String label) {
    return NUMBER.matcher(label).matches()
        && (Float.parseFloat(label) == 0 || Float.parseFloat(label) == 1);
  }

  private Truth numbers(int rows, Task task) {
    float[] numbers = new float[Math.multiplyExact(rows, names.size())];
    for (int i = 0; i < numbers.length; i++) {
      String label = labels.get(i);
      boolean bits = task instanceof Task.Labels;
      float number = isUnknown(label) ? Float.NaN : Columns.number(label);
      if (!isUnknown(label) && (bits ? !isBit(label) : !Float.isFinite(number))) {
        throw RanbikiException.configuration(
            "Row %d of %s has '%s' in the label column %s, but must have %s, or nothing where that"
                + " is not known. Repair the row, or name other columns (data.label).",
            i / names.size() + 1,
            file,
            CsvTable.shortened(label),
            names.get(i % names.size()),
            bits ? "1 or 0" : "a finite number");
      }
      numbers[i] = number;
    }
    return new Truth.OfNumbers(numbers, rows, task);
  }

  private Truth classes() {
    if (options.classNames().isEmpty()) {
      requireClassesOfSeveral();
    }
    List<String> classes = options.classNames().isEmpty() ? found() : options.classNames();
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
    return new Truth.OfClasses(classOf, new Task.Classes(classes));
  }

  /** A number or name of the row itself was taken for its class. */
  private void requireClassesOfSeveral() {
    if (distinct.size() == labels.size() && labels.size() >= ROWS_TO_TELL) {
      throw RanbikiException.configuration(
          "Each of the %d rows of %s has a class of its own in column %s, so nothing can be"
              + " learned from one row about another. Name the column of the class (data.label).",
          labels.size(), file, names.get(0));
    }
  }

  private List<String> found() {
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

  /** Refuses an empty label where there must be a class. */
  void requireMayBeEmpty(String place, boolean endsLine, boolean isFirst) {
    if (!mayBeEmpty()) {
      throw RanbikiException.configuration(
          "The label in %s is empty. Give one, or remove the line%s.",
          place,
          isFirst && endsLine
              ? String.format(
                  Locale.ROOT, "; if every line ends in '%s', remove that", options.delimiter())
              : "");
    }
  }
}
