package io.ranbiki.config;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoublePredicate;
import java.util.stream.DoubleStream;

/**
 * What a number has to satisfy.
 *
 * @param text the rule as it follows "must be", such as {@code above 0}
 * @param holds whether a number satisfies it
 * @param keywords the same in the words of JSON Schema, as far as these can say it
 */
public record Rule(String text, DoublePredicate holds, Map<String, Double> keywords) {

  private static final String LEAST = "minimum";
  private static final String MOST = "maximum";

  /** Copies the keywords. */
  public Rule {
    keywords = Map.copyOf(keywords);
  }

  /** The number is {@code least} or more. */
  public static Rule atLeast(double least) {
    return new Rule("at least " + show(least), value -> value >= least, Map.of(LEAST, least));
  }

  /** The number is {@code most} or less. */
  public static Rule atMost(double most) {
    return new Rule("at most " + show(most), value -> value <= most, Map.of(MOST, most));
  }

  /** The number is more than {@code limit}. */
  public static Rule above(double limit) {
    return new Rule(
        "above " + show(limit), value -> value > limit, Map.of("exclusiveMinimum", limit));
  }

  /** The number is less than {@code limit}. */
  public static Rule below(double limit) {
    return new Rule(
        "below " + show(limit), value -> value < limit, Map.of("exclusiveMaximum", limit));
  }

  /** The number lies between both ends, which are allowed. */
  public static Rule between(double least, double most) {
    return new Rule(
        "between " + show(least) + " and " + show(most),
        value -> value >= least && value <= most,
        Map.of(LEAST, least, MOST, most));
  }

  /** The number is one of {@code step}, twice that, and so on. */
  public static Rule multipleOf(double step) {
    return new Rule(
        "a multiple of " + show(step), value -> value % step == 0, Map.of("multipleOf", step));
  }

  /** A number that satisfies all rules, so that a reader can go on to what it reads after it. */
  static double example(Rule... rules) {
    return DoubleStream.of(1, 2, 8, 0.5, 0, 20, 0.01, 100, 1000)
        .filter(number -> all(number, rules))
        .findFirst()
        .orElse(1);
  }

  private static boolean all(double value, Rule... rules) {
    return Arrays.stream(rules).allMatch(rule -> rule.holds.test(value));
  }

  static String show(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? String.format(Locale.ROOT, "%.0f", value)
        : Double.toString(value);
  }
}
