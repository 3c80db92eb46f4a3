package io.ranbiki.evaluate;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.config.ConfigNode;
import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.config.Words;
import io.ranbiki.data.Task;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a model can be asked to keep before it is good enough. */
public enum Limit {
  /** Largest loss of accuracy against the teacher, in percentage points. */
  ACCURACY_LOSS("Largest loss of accuracy against the teacher, in percentage points"),
  /** Smallest share of the test samples that are answered as the teacher does. */
  AGREEMENT("Smallest share of the test samples that are answered as the teacher does"),
  /** Largest calibration error without what chance brings, 0 to 1. */
  ECE("Largest calibration error without what chance brings"),
  /** Largest 95th percentile of the time of a call with one sample and one thread. */
  LATENCY_P95_MS("Largest 95th percentile of the time of a call with one sample, in milliseconds"),
  /** Largest size of the file that leaves. */
  BYTES("Largest size of the file that leaves, such as 500kB or 2MB"),
  /** Largest loss of recall of any class against the teacher, in percentage points. */
  WORST_CLASS_LOSS("Largest loss of recall of any class against the teacher, in percentage points");

  private static final Pattern SIZE =
      Pattern.compile("(\\d{1,15}(?:\\.\\d{1,9})?) ?([kmg]?)b?", Pattern.CASE_INSENSITIVE);

  private final String sentence;

  Limit(String sentence) {
    this.sentence = sentence;
  }

  /**
   * Reads limits from a command line, where there is a teacher or another model to compare with.
   *
   * @param words such as {@code accuracy-loss=1.5}
   * @throws io.ranbiki.RanbikiException with every mistake
   */
  public static Map<Limit, Double> read(List<String> words) {
    return ConfigDocument.parse(
            "--accept",
            "accept: {}\n",
            words.stream().map(word -> "accept." + word).toList(),
            Map.of())
        .bind(root -> root.map("accept", "Limits", limits -> read(limits, true, true)));
  }

  /**
   * Reads the keys of {@code accept}.
   *
   * @param taught whether the run has a teacher to compare with
   * @param timed whether the run measures how long models take
   */
  public static Map<Limit, Double> read(Options options, boolean taught, boolean timed) {
    Map<Limit, Double> limits = new EnumMap<>(Limit.class);
    for (Limit limit : values()) {
      limit.value(options).ifPresent(value -> limits.put(limit, value));
      if (limits.containsKey(limit) && limit.needsTeacher() && !taught) {
        options.mistake(
            "asks for '"
                + limit
                + "', which compares with a teacher, but this run has none; leave it out.");
      }
      if (limits.containsKey(limit) && limit == LATENCY_P95_MS && !timed) {
        options.mistake(
            "asks for '"
                + limit
                + "', but with 'latency: false' no time is measured; leave one of them out.");
      }
    }
    return limits;
  }

  private Optional<Double> value(Options options) {
    String key = toString();
    return switch (this) {
      case ACCURACY_LOSS, WORST_CLASS_LOSS ->
          options.optionalNumber(key, sentence, Rule.between(0, 100));
      case AGREEMENT, ECE -> options.optionalNumber(key, sentence, Rule.above(0), Rule.below(1));
      case LATENCY_P95_MS -> options.optionalNumber(key, sentence, Rule.above(0));
      case BYTES -> options.optionalValue(key, sentence, Limit::bytes);
    };
  }

  /** Whether it compares with a teacher, so that there must be one. */
  public boolean needsTeacher() {
    return this == ACCURACY_LOSS || this == AGREEMENT || this == WORST_CLASS_LOSS;
  }

  /** Whether it can be told of a model of this task. */
  public boolean serves(Task task) {
    return this == LATENCY_P95_MS || this == BYTES || task instanceof Task.Classes;
  }

  /**
   * Refuses limits that speak of classes where there are none.
   *
   * @throws RanbikiException of kind configuration
   */
  public static void requireServe(Collection<Limit> limits, Task task) {
    for (Limit limit : limits) {
      if (!limit.serves(task)) {
        throw RanbikiException.configuration(
            "The limit '%s' is for classes, but the task of the data is %s. Leave it out; %s and %s"
                + " are for every task.",
            limit, task.word(), BYTES, LATENCY_P95_MS);
      }
    }
  }

  /** The key in configurations and results, such as {@code accuracy-loss}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** A size such as {@code 500kB}; a thousand, not 1,024. */
  private static double bytes(ConfigNode node) {
    String text = node.string();
    if (text.isEmpty()) {
      return 1; // a mistake that was reported
    }
    Matcher size = SIZE.matcher(text);
    if (!size.matches()) {
      node.mistake("must be a size such as 500kB or 2MB, but is '" + Words.shorten(text) + "'.");
      return 1;
    }
    double bytes =
        Double.parseDouble(size.group(1))
            * Math.pow(
                1000, " kmg".indexOf((size.group(2) + " ").toLowerCase(Locale.ROOT).charAt(0)));
    if (bytes < 1) {
      node.mistake("must be a size of 1 byte or more, but is '" + text + "'.");
    }
    return bytes;
  }
}
