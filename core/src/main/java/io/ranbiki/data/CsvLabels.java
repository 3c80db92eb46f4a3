package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.Columns;
import java.math.BigDecimal;
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

  /** The column that is taken where none is named. */
  private static final String LAST = "-1";

  /** Names of classes are shorter on average. */
  private static final int LETTERS_OF_A_TEXT = 20;

  /** With fewer rows, each may well be of a class of its own. */
  private static final int TEXTS_TO_TELL = 20;

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

  /** Of classes, for each its number in the order in which they came. */
  private final Map<String, Integer> distinct = new HashMap<>();

  /** The number in {@link #distinct} of each row. */
  private int[] classes = new int[1024];

  /** Of other kinds, {@code names.size()} for each row. */
  private float[] numbers = new float[0];

  private int count;

  /** Whether nothing but 0, 1 and what is not known was among the numbers. */
  private boolean isBinary = true;

  CsvLabels(String file, CsvRows.Options options, List<String> names) {
    this.file = file;
    this.options = options;
    this.names = names;
  }

  /** Adds a label; an empty one is one that is not known. */
  void add(String label) {
    if (!isOfClasses()) {
      addNumber(ClassNames.nfc(label));
      return;
    }
    if (count == classes.length) {
      classes = Arrays.copyOf(classes, count + (count >> 1));
    }
    classes[count++] =
        isUnknown(label)
            ? Dataset.UNLABELLED
            : distinct.computeIfAbsent(ClassNames.nfc(label), one -> distinct.size());
  }

  /** Whether labels are names of classes, and no numbers. */
  boolean isOfClasses() {
    return options.kind() == CsvRows.Kind.CLASSES
        || options.kind() == CsvRows.Kind.AUTO && names.size() == 1;
  }

  private void addNumber(String label) {
    boolean bit = isUnknown(label) || isBit(label);
    isBinary &= bit;
    float number = isUnknown(label) ? Float.NaN : Columns.number(label);
    boolean bits = options.kind() == CsvRows.Kind.LABELS;
    if (bits ? !bit : !isUnknown(label) && !Float.isFinite(number)) {
      throw RanbikiException.configuration(
          "Row %d of %s has '%s' in the label column %s, but must have %s, or nothing where that"
              + " is not known. Repair the row, or name other columns (data.label).",
          count / names.size() + 1,
          file,
          CsvTable.shortened(label),
          names.get(count % names.size()),
          bits ? "1 or 0" : "a finite number");
    }
    if (count == numbers.length) {
      numbers = Arrays.copyOf(numbers, Math.max(1024, count + (count >> 1)));
    }
    numbers[count++] = number;
  }

  /** The truth of all rows. */
  Truth truth(int rows) {
    if (names.isEmpty()) {
      int[] none = new int[rows];
      Arrays.fill(none, Dataset.UNLABELLED);
      return new Truth.OfClasses(none, new Task.Classes(options.classNames()));
    }
    if (isOfClasses()) {
      return ofClasses();
    }
    boolean bits =
        options.kind() == CsvRows.Kind.LABELS || options.kind() == CsvRows.Kind.AUTO && isBinary;
    return new Truth.OfNumbers(
        Arrays.copyOf(numbers, count),
        rows,
        bits ? new Task.Labels(names) : new Task.Numbers(names));
  }

  private static boolean isUnknown(String label) {
    return label.isEmpty();
  }

  private static boolean isBit(String label) {
    return NUMBER.matcher(label).matches()
        && (Float.parseFloat(label) == 0 || Float.parseFloat(label) == 1);
  }

  private Truth ofClasses() {
    if (options.classNames().isEmpty()) {
      requireAnyLabel();
      requireClassesOfSeveral();
    }
    List<String> names = options.classNames().isEmpty() ? found() : options.classNames();
    Map<String, Integer> numbersOf = ClassNames.numbers(names);
    int[] numberOf = new int[distinct.size()];
    distinct.forEach((name, place) -> numberOf[place] = numbersOf.getOrDefault(name, -1));
    int[] classOf = Arrays.copyOf(classes, count);
    for (int i = 0; i < classOf.length; i++) {
      if (classOf[i] == Dataset.UNLABELLED) {
        continue;
      }
      int number = numberOf[classOf[i]];
      if (number < 0) {
        throw RanbikiException.configuration(
            "Row %d of %s has the label '%s', which is not one of the classes %s. Give training"
                + " rows of this class, too, or remove the row; if another column holds the class,"
                + " name it (data.label).",
            i + 1, file, name(classOf[i]), ClassNames.abridged(names));
      }
      classOf[i] = number;
    }
    return new Truth.OfClasses(classOf, new Task.Classes(names));
  }

  private String name(int place) {
    return distinct.entrySet().stream()
        .filter(entry -> entry.getValue() == place)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow();
  }

  private void requireAnyLabel() {
    if (distinct.isEmpty()) {
      throw RanbikiException.configuration(
          "No row of %s has a label in '%s'. Name what holds the class (data.label)%s.",
          file,
          names.get(0),
          options.labels().equals(List.of(LAST))
              ? String.format(
                  Locale.ROOT, ", or remove the '%s' that ends every line", options.delimiter())
              : "");
    }
  }

  /** A number or name of the row itself, or a text, was taken for its class. */
  private void requireClassesOfSeveral() {
    double letters = distinct.keySet().stream().mapToInt(String::length).average().orElse(0);
    if (!options.text().isEmpty()
        && letters > LETTERS_OF_A_TEXT
        && count >= TEXTS_TO_TELL
        && 2 * distinct.size() > count) {
      throw RanbikiException.configuration(
          "The %d rows of %s have %d different labels in column %s, such as '%s', which are texts"
              + " and no classes. Name the column of the class (data.label).",
          count,
          file,
          distinct.size(),
          this.names.get(0),
          CsvTable.shortened(distinct.keySet().iterator().next()));
    }
    if (distinct.size() == count && count >= ROWS_TO_TELL) {
      throw RanbikiException.configuration(
          "Each of the %d rows of %s has a class of its own in column %s, so nothing can be"
              + " learned from one row about another. Name the column of the class (data.label).",
          count, file, names.get(0));
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

  /** Refuses an empty label where a class is to be compared with it: in a test. */
  void requireMayBeEmpty(String place) {
    if (isOfClasses() && !options.classNames().isEmpty()) {
      throw RanbikiException.configuration(
          "The label in %s is empty, but what a test asks must be known. Give the label, or remove"
              + " the line.",
          place);
    }
  }
}
