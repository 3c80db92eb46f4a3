package io.ranbiki.teacher;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Words;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Task;
import io.ranbiki.prepare.Columns;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Answers that somebody else gave, read from a file and found by the keys of samples: of trees, of
 * a service, of people. Columns are found by name, never by position.
 *
 * <p>Probabilities become logits, {@code ln max(p, 1e-12)} for classes, and {@code ln(p / (1 - p))}
 * with p within 1e-12 of 0 and 1 for labels that do not exclude each other. The name of a class
 * becomes the probability 1 of that class.
 */
public final class GivenAnswers {

  /** The column of a class's name. */
  private static final String LABEL = "label";

  /**
   * By how much the sum of a row may differ from 1, as rounding to two or three digits makes it.
   */
  private static final double TOLERANCE = 0.01;

  private static final int SHOWN = 5;

  private final Path file;
  private final String key;
  private final GivenKind kind;
  private final Task task;
  private final List<String> names;

  /** By key, in the order of the file; {@code [task.width()]} each. */
  private final Map<String, float[]> answers = new LinkedHashMap<>();

  private final Map<String, Integer> rowOfKey = new HashMap<>();
  private @Nullable List<String> checked;

  private GivenAnswers(Path file, String key, GivenKind kind, Task task) {
    this.file = file;
    this.key = AnswersFile.nfc(key);
    this.kind = kind;
    this.task = task;
    names = task.names().stream().map(AnswersFile::nfc).toList();
  }

  /**
   * Reads a file.
   *
   * @param key the column by which a row finds its sample
   * @throws RanbikiException of kind configuration if the answers have no meaning for the task, a
   *     column is missing or belongs to no class, a key comes twice, or a value is no answer
   */
  public static GivenAnswers read(Path file, String key, GivenKind kind, Task task) {
    if (!kind.fits(task)) {
      throw RanbikiException.configuration(
          "The answers in %s are said to be %s, which mean nothing for the task of the data, %s. Say"
              + " teacher.kind: %s.",
          file,
          kind,
          task.word(),
          Arrays.stream(GivenKind.values())
              .filter(other -> other.fits(task))
              .map(GivenKind::toString)
              .collect(Collectors.joining(" or ")));
    }
    GivenAnswers given = new GivenAnswers(file, key, kind, task);
    AnswersFile.read(file, given::add);
    if (given.answers.isEmpty()) {
      throw RanbikiException.configuration(
          "%s has no answers. Check that it is the right file.", file);
    }
    return given;
  }

  private void add(AnswersFile.Row row) {
    if (row.columns() != checked) { // one list for all rows of a CSV file
      requireColumns(row);
      checked = row.columns();
    }
    String name = AnswersFile.nfc(value(row, key));
    Integer other = rowOfKey.put(name, row.number());
    if (name.isEmpty() || other != null) {
      throw RanbikiException.configuration(
          "Row %d of %s has %s. Keep one answer for each key.",
          row.number(),
          file,
          name.isEmpty()
              ? "no key in the column '" + key + "'"
              : "the key '" + shortened(name) + "', which row " + other + " has, too");
    }
    answers.put(name, kind == GivenKind.LABELS ? ofLabel(row) : ofNumbers(row));
  }

  private void requireColumns(AnswersFile.Row row) {
    List<String> wanted = kind == GivenKind.LABELS ? List.of(LABEL) : names;
    if (!row.columns().contains(key)) {
      throw RanbikiException.configuration(
          "%s has no column '%s', by which a row finds its sample; it has %s. Name the column"
              + " (teacher.key).",
          where(row), key, named(row.columns()));
    }
    List<String> missing = wanted.stream().filter(name -> !row.columns().contains(name)).toList();
    List<String> others =
        kind == GivenKind.LABELS
            ? List.of() // such as who gave it
            : row.columns().stream()
                .filter(name -> !name.equals(key) && !names.contains(name))
                .toList();
    if (!missing.isEmpty() || !others.isEmpty()) {
      throw RanbikiException.configuration(
          "%s %s. %s",
          where(row),
          (missing.isEmpty() ? "" : "has no column " + named(missing))
              + (missing.isEmpty() || others.isEmpty() ? "" : ", and ")
              + (others.isEmpty()
                  ? ""
                  : "has columns that the task of the data does not name: " + named(others)),
          kind == GivenKind.LABELS
              ? "Name the column of the class 'label'."
              : "Give one column for each of " + named(names) + ", and the key's.");
    }
  }

  /** Rows of JSON have columns of their own. */
  private String where(AnswersFile.Row row) {
    return row.number() == 1 ? file.toString() : "Row " + row.number() + " of " + file;
  }

  private static String value(AnswersFile.Row row, String column) {
    String value = row.get(column);
    return value == null ? "" : value;
  }

  private float[] ofLabel(AnswersFile.Row row) {
    String label = AnswersFile.nfc(value(row, LABEL));
    int number = names.indexOf(label);
    if (number < 0) {
      throw RanbikiException.configuration(
          "Row %d of %s has the label '%s', which is none of the classes %s. Repair or remove the"
              + " row.",
          row.number(), file, shortened(label), named(names));
    }
    float[] logits = new float[names.size()];
    Arrays.fill(logits, logarithm(0));
    logits[number] = 0;
    return logits;
  }

  private float[] ofNumbers(AnswersFile.Row row) {
    float[] values = new float[names.size()];
    double sum = 0;
    boolean allMasked = kind == GivenKind.LOGITS;
    for (int i = 0; i < values.length; i++) {
      values[i] = number(row, names.get(i));
      sum += values[i];
      allMasked &= values[i] == Float.NEGATIVE_INFINITY;
    }
    if (allMasked) {
      throw RanbikiException.configuration(
          "Row %d of %s has -Infinity for every class, so that none is left. Repair or remove the"
              + " row.",
          row.number(), file);
    }
    if (kind == GivenKind.PROBABILITIES) {
      boolean exclude = task.excludesOthers();
      if (exclude && Math.abs(sum - 1) > TOLERANCE) {
        throw RanbikiException.configuration(
            "Row %d of %s has probabilities that sum to %s, but they must sum to 1 within %s."
                + " Repair the row, or say what the numbers are (teacher.kind).",
            row.number(), file, String.format(Locale.ROOT, "%.3f", sum), TOLERANCE);
      }
      for (int i = 0; i < values.length; i++) {
        values[i] = exclude ? logarithm(values[i]) : logOdds(values[i]);
      }
    }
    return values;
  }

  private static float logarithm(float probability) {
    return (float) Math.log(Math.max(probability, ProbabilityTeacher.SMALLEST));
  }

  private static float logOdds(double probability) {
    double smallest = ProbabilityTeacher.SMALLEST;
    return (float)
        (Math.log(Math.max(probability, smallest)) - Math.log(Math.max(1 - probability, smallest)));
  }

  private float number(AnswersFile.Row row, String column) {
    String text = value(row, column);
    boolean mayMask = kind == GivenKind.LOGITS && task instanceof Task.Classes;
    if (mayMask && text.matches("-[Ii]nf(inity)?")) {
      return Float.NEGATIVE_INFINITY;
    }
    float number = Columns.number(text);
    boolean isProbability = kind == GivenKind.PROBABILITIES;
    if (!Float.isFinite(number) || isProbability && (number < 0 || number > 1)) {
      throw RanbikiException.configuration(
          "Row %d of %s has %s for '%s', but must have %s. %s",
          row.number(),
          file,
          text.isEmpty() ? "nothing" : "'" + shortened(text) + "'",
          column,
          isProbability ? "a number from 0 to 1" : "a finite number",
          Columns.hasDecimalComma(text)
              ? "Write decimal numbers with a point."
              : "Repair or remove the row.");
    }
    return number;
  }

  /** The key of a sample in the spelling in which keys are compared. */
  public static String keyOf(Dataset samples, int index) {
    return AnswersFile.nfc(samples.key(index));
  }

  /** The file. */
  public Path file() {
    return file;
  }

  /** The keys that have an answer. */
  public Set<String> keys() {
    return answers.keySet();
  }

  /** The keys of samples that have no answer, in their order. */
  public List<String> missing(Dataset samples) {
    return IntStream.range(0, samples.size())
        .mapToObj(index -> keyOf(samples, index))
        .filter(name -> !answers.containsKey(name))
        .toList();
  }

  /**
   * Whoever gave these answers, to be asked about these samples.
   *
   * @param samples a whole dataset; those that have no answer must not be asked about
   */
  public Teacher teacher(Dataset samples) {
    Map<Long, float[]> byId = new HashMap<>();
    for (int index = 0; index < samples.size(); index++) {
      float[] answer = answers.get(keyOf(samples, index));
      if (answer != null) {
        byId.put(samples.id(index), answer);
      }
    }
    return new GivenTeacher(file.toString(), task.width(), byId, samples);
  }

  /** The first five keys or names, for a message. */
  public static String named(List<String> keys) {
    String shown =
        keys.stream()
            .limit(SHOWN)
            .map(name -> "'" + shortened(name) + "'")
            .collect(Collectors.joining(", "));
    return keys.size() > SHOWN ? shown + " and so on" : shown;
  }

  private static String shortened(String text) {
    return Words.shorten(text);
  }
}
