package io.ranbiki.objective;

import io.ranbiki.RanbikiException;

/** Ranges of options. The name that is given stands in the message: {@code margin of ...}. */
final class Require {

  private Require() {}

  static void positive(String name, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw RanbikiException.configuration("%s is %s and must be finite and above 0", name, value);
    }
  }

  static void nonNegative(String name, double value) {
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw RanbikiException.configuration(
          "%s is %s and must be finite and 0 or more", name, value);
    }
  }

  static void share(String name, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw RanbikiException.configuration("%s is %s and must be from 0 to 1", name, value);
    }
  }

  static void atLeast(String name, long value, long fewest) {
    if (value < fewest) {
      throw RanbikiException.configuration("%s is %d and must be %d or more", name, value, fewest);
    }
  }
}
