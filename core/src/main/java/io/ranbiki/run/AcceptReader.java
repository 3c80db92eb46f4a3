package io.ranbiki.run;

import io.ranbiki.config.ConfigDocument;
import io.ranbiki.config.ConfigNode;
import io.ranbiki.config.MapNode;
import io.ranbiki.config.Rule;
import io.ranbiki.config.Words;
import io.ranbiki.evaluate.Limit;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the limits under {@code accept}. */
public final class AcceptReader {

  private static final double MOST_POINTS = 100;

  private static final Pattern SIZE =
      Pattern.compile("(\\d{1,15}(?:\\.\\d{1,9})?) ?([kmg]?)b?", Pattern.CASE_INSENSITIVE);

  private AcceptReader() {}

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
        .bind(root -> root.map("accept", node -> read(node, true, true)));
  }

  /**
   * Reads.
   *
   * @param taught whether the run has a teacher to compare with
   * @param timed whether the run measures how long models take
   */
  static Map<Limit, Double> read(MapNode node, boolean taught, boolean timed) {
    Map<Limit, Double> limits = new EnumMap<>(Limit.class);
    for (Limit limit : Limit.values()) {
      value(node, limit).ifPresent(value -> limits.put(limit, value));
      if (node.has(limit.toString())) {
        if (limit.needsTeacher() && !taught) {
          node.mistake(
              "asks for '"
                  + limit
                  + "', which compares with a teacher, but this run has none; leave it out");
        }
        if (limit == Limit.LATENCY_P95_MS && !timed) {
          node.mistake(
              "asks for '"
                  + limit
                  + "', but with 'latency: false' no time is measured; leave one of them out");
        }
      }
    }
    return limits;
  }

  private static Optional<Double> value(MapNode node, Limit limit) {
    String key = limit.toString();
    return switch (limit) {
      case ACCURACY_LOSS, WORST_CLASS_LOSS ->
          node.optionalNumber(key, Rule.between(0, MOST_POINTS));
      case AGREEMENT, ECE -> node.optionalNumber(key, Rule.above(0), Rule.below(1));
      case LATENCY_P95_MS -> node.optionalNumber(key, Rule.above(0));
      case BYTES -> node.optional(key).map(AcceptReader::bytes);
    };
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
