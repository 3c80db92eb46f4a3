package io.ranbiki.result;

/**
 * A figure of one model with its 95 % confidence interval, samples being the unit.
 *
 * @param value the figure
 * @param low lower end, at most the value
 * @param high upper end, at least the value
 */
public record Interval(double value, double low, double high) {

  /** Checks the order. */
  public Interval {
    Check.finite("value", value);
    Check.finite("low", low);
    Check.finite("high", high);
    if (!(low <= value && value <= high)) {
      throw new IllegalArgumentException(
          "value must lie between low and high, but "
              + value
              + " is not in "
              + low
              + " to "
              + high);
    }
  }
}
