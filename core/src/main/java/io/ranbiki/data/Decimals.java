package io.ranbiki.data;

/**
 * Reads short decimal numbers from bytes, with the result of {@link Float#parseFloat} and in a
 * tenth of its time. What it leaves to others is rare: long numbers, and those that lie so near the
 * middle of two floats that a double cannot tell.
 */
final class Decimals {

  /** Powers of ten that a double holds exactly. */
  private static final double[] POWERS = powers();

  /** Digits of a whole number that a double holds exactly. */
  private static final int MOST_DIGITS = 15;

  /** The bits that a float has fewer than a double. */
  private static final long DROPPED = (1L << 29) - 1;

  private static final long MIDDLE = 1L << 28;

  private Decimals() {}

  private static double[] powers() {
    double[] powers = new double[23];
    powers[0] = 1;
    for (int i = 1; i < powers.length; i++) {
      powers[i] = powers[i - 1] * 10;
    }
    return powers;
  }

  /**
   * A number such as {@code -12.5e3}.
   *
   * @return NaN for what is no number, or is left to others
   */
  static float parse(byte[] text, int from, int to) {
    int at = from;
    boolean negative = at < to && text[at] == '-';
    if (negative || at < to && text[at] == '+') {
      at++;
    }
    long digits = 0;
    int begin = at;
    while (at < to && isDigit(text[at])) {
      digits = 10 * digits + text[at++] - '0';
      if (at - begin > MOST_DIGITS) {
        return Float.NaN;
      }
    }
    int count = at - begin;
    int exponent = 0;
    if (at < to && text[at] == '.') {
      begin = ++at;
      while (at < to && isDigit(text[at])) {
        digits = 10 * digits + text[at++] - '0';
        if (at - begin + count > MOST_DIGITS) {
          return Float.NaN;
        }
      }
      exponent = begin - at;
      count += at - begin;
    }
    if (count == 0) {
      return Float.NaN;
    }
    if (at < to && (text[at] == 'e' || text[at] == 'E')) {
      at++;
      boolean less = at < to && text[at] == '-';
      if (less || at < to && text[at] == '+') {
        at++;
      }
      if (at == to || to - at > 3) {
        return Float.NaN;
      }
      int power = 0;
      while (at < to && isDigit(text[at])) {
        power = 10 * power + text[at++] - '0';
      }
      exponent += less ? -power : power;
    }
    return at == to ? value(negative, digits, exponent) : Float.NaN;
  }

  private static boolean isDigit(byte sign) {
    return sign >= '0' && sign <= '9';
  }

  private static float value(boolean negative, long digits, int exponent) {
    if (digits == 0) {
      return negative ? -0f : 0f;
    }
    if (Math.abs(exponent) >= POWERS.length) {
      return Float.NaN;
    }
    // Both are exact, so that this is rounded once, to the nearest double.
    double value = exponent < 0 ? digits / POWERS[-exponent] : digits * POWERS[exponent];
    boolean inMiddle = (Double.doubleToRawLongBits(value) & DROPPED) == MIDDLE;
    if (inMiddle || value < Float.MIN_NORMAL || value > Float.MAX_VALUE) {
      return Float.NaN;
    }
    return (float) (negative ? -value : value);
  }
}
