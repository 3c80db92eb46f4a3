package io.ranbiki.config;

import java.util.Locale;
import java.util.function.DoublePredicate;

/**
 * What a number has to satisfy.
 *
 * @param text the rule as it follows "must be", such as {@code above 0}
 * @param holds whether a number satisfies it
 */
public record Rule(String text, DoublePredicate holds) {

  /** The number is {@code least} or more. */
  public static Rule atLeast(double least) {
    return new Rule("at least " + show(least), value -> value >= least);
  }

  /** The number is {@code most} or less. */
  public static Rule atMost(double most) {
    return new Rule("at most " + show(most), value -> value <= most);
  }

  /** The number is more than {@code limit}. */
  public static Rule above(double limit) {
    return new Rule("above " + show(limit), value -> value > limit);
  }

  /** The number is less than {@code limit}. */
  public static Rule below(double limit) {
    return new Rule("below " + show(limit), value -> value < limit);
  }

  /** The number lies between both ends, which are allowed. */
  public static Rule between(double least, double most) {
    return new Rule(
        "between " + show(least) + " and " + show(most), value -> value >= least && value <= most);
  }

  private static String show(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? String.format(Locale.ROOT, "%.0f", value)
        : Double.toString(value);
  }
}
