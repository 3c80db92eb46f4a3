package io.ranbiki.objective;

import io.ranbiki.RanbikiException;

/** Checks options of terms. */
final class Range {

  private Range() {}

  /** The value, if it is finite and above 0. */
  static double positive(String name, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw RanbikiException.configuration("%s %s must be finite and above 0", name, value);
    }
    return value;
  }

  /** The value, if it is finite and 0 or more. */
  static double notNegative(String name, double value) {
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw RanbikiException.configuration("%s %s must be finite and 0 or more", name, value);
    }
    return value;
  }

  /** The number, if it is at least {@code fewest}. */
  static long atLeast(String name, long value, long fewest) {
    if (value < fewest) {
      throw RanbikiException.configuration("%s %d must be %d or more", name, value, fewest);
    }
    return value;
  }
}
