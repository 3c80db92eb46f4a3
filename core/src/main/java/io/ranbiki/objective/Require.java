package io.ranbiki.objective;

import io.ranbiki.RanbikiException;

/** Ranges of options. The name that is given stands in the message: {@code 'margin' of ...}. */
final class Require {

  /** Weights, temperatures and margins beyond it overflow gradients of 32 bits. */
  static final double LARGEST = 1e9;

  private Require() {}

  static void positive(String name, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw RanbikiException.configuration(
          "%s is %s, but must be finite and above 0.", name, value);
    }
    notTooLarge(name, value);
  }

  static void nonNegative(String name, double value) {
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw RanbikiException.configuration(
          "%s is %s, but must be finite and 0 or more.", name, value);
    }
    notTooLarge(name, value);
  }

  private static void notTooLarge(String name, double value) {
    if (value > LARGEST) {
      throw RanbikiException.configuration(
          "%s is %s, but must be at most %s: gradients overflow beyond it.", name, value, LARGEST);
    }
  }

  /** For two parts of a term: with both switched off it would teach nothing. */
  static void notBothZero(String names, double first, double second) {
    if (first == 0 && second == 0) {
      throw RanbikiException.configuration("%s are both 0, but one must be above 0.", names);
    }
  }

  static void share(String name, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw RanbikiException.configuration("%s is %s, but must be from 0 to 1.", name, value);
    }
  }

  static void atLeast(String name, long value, long fewest) {
    if (value < fewest) {
      throw RanbikiException.configuration(
          "%s is %d, but must be %d or more.", name, value, fewest);
    }
  }
}
