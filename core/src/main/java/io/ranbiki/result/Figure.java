package io.ranbiki.result;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One measured quantity over several seeds.
 *
 * @param mean arithmetic mean of the values
 * @param low lower end of the 95 % confidence interval of the mean, at most the mean; {@code null}
 *     for a single value, which has no interval
 * @param high upper end of the same interval, at least the mean; {@code null} together with low
 * @param values the value of each seed, in the order of the seeds, at least one, all finite
 */
public record Figure(
    double mean, @Nullable Double low, @Nullable Double high, List<Double> values) {

  /** Copies the values and checks that mean and interval can belong to them. */
  public Figure {
    values = List.copyOf(Check.present("values", values));
    if (values.isEmpty()) {
      throw new IllegalArgumentException("values must hold at least one value");
    }
    double sum = 0;
    double largest = 0;
    for (double value : values) {
      sum += Check.finite("values", value);
      largest = Math.max(largest, Math.abs(value));
    }
    Check.finite("mean", mean);
    if (Math.abs(mean - sum / values.size()) > 1e-6 * largest) {
      throw new IllegalArgumentException(
          "mean must be the mean of values, but is " + mean + " and not " + sum / values.size());
    }
    if ((low == null) != (high == null)) {
      throw new IllegalArgumentException("low and high must be given together");
    }
    if (low != null && high != null) {
      if (values.size() == 1) {
        throw new IllegalArgumentException("low and high must be left out for a single value");
      }
      if (!(low <= mean && mean <= high)) {
        throw new IllegalArgumentException(
            "mean must lie between low and high, but "
                + mean
                + " is not in "
                + low
                + " to "
                + high);
      }
      Check.finite("low", low);
      Check.finite("high", high);
    }
  }
}
