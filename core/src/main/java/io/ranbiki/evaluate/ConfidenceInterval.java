package io.ranbiki.evaluate;

import java.util.Collection;
import java.util.List;
import org.apache.commons.statistics.descriptive.Mean;
import org.apache.commons.statistics.descriptive.Variance;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.apache.commons.statistics.inference.TTest;
import org.apache.commons.statistics.interval.BinomialConfidenceInterval;
import org.apache.commons.statistics.interval.Interval;
import org.apache.commons.statistics.interval.NormalConfidenceInterval;

/**
 * A figure and where its true value lies with 95 % confidence.
 *
 * @param mean the figure
 * @param low lower end; equal to the mean where one value alone is known, which has no interval
 * @param high upper end
 */
public record ConfidenceInterval(double mean, double low, double high) {

  /** How often an interval may miss the true value. */
  static final double ERROR_RATE = 0.05;

  /**
   * The mean of one or more values, by Student's t. For the difference of two ways of training,
   * give one paired difference a seed.
   */
  public static ConfidenceInterval of(Collection<Double> values) {
    double[] numbers = values.stream().mapToDouble(Double::doubleValue).toArray();
    double mean = Mean.of(numbers).getAsDouble();
    if (numbers.length < 2) {
      return new ConfidenceInterval(mean, mean, mean);
    }
    double variance = Variance.of(numbers).getAsDouble();
    Interval interval =
        NormalConfidenceInterval.MEAN.fromErrorRate(mean, variance, numbers.length, ERROR_RATE);
    return new ConfidenceInterval(mean, interval.getLowerBound(), interval.getUpperBound());
  }

  /**
   * A share of independent samples, by Wilson's score (Wilson 1927, doi:10.2307/2276774).
   *
   * @param hits samples that count, 0 to {@code samples}
   * @param samples all of them, 1 or more
   */
  public static ConfidenceInterval ofShare(int hits, int samples) {
    Interval interval =
        BinomialConfidenceInterval.WILSON_SCORE.fromErrorRate(samples, hits, ERROR_RATE);
    return new ConfidenceInterval(
        (double) hits / samples, interval.getLowerBound(), interval.getUpperBound());
  }

  /** As results keep it: rounding never leaves the figure outside of its interval. */
  io.ranbiki.result.Interval result() {
    return new io.ranbiki.result.Interval(mean, Math.min(low, mean), Math.max(high, mean));
  }

  /**
   * How many standard deviations a two-sided interval of a normal figure reaches.
   *
   * @param errorRate how often it may miss the true value, above 0 and below 1
   */
  static double quantile(double errorRate) {
    return NormalDistribution.of(0, 1).inverseCumulativeProbability(1 - errorRate / 2);
  }

  /**
   * How probable a mean as far from zero as this would be if the true one were zero: the two-sided
   * p-value of Student's t, 0 to 1; 1 for a single value, which can show nothing.
   */
  public static double probabilityOfChance(List<Double> values) {
    double[] numbers = values.stream().mapToDouble(Double::doubleValue).toArray();
    if (numbers.length < 2) {
      return 1;
    }
    if (Variance.of(numbers).getAsDouble() == 0) {
      return numbers[0] == 0 ? 1 : 0;
    }
    return TTest.withDefaults().test(numbers).getPValue();
  }

  /**
   * This interval widened by what another source of chance adds: half widths add as squares. Each
   * side is widened by its own.
   */
  public ConfidenceInterval and(ConfidenceInterval other) {
    double down = Math.hypot(mean - low, other.mean - other.low);
    double up = Math.hypot(high - mean, other.high - other.mean);
    return new ConfidenceInterval(mean, mean - down, mean + up);
  }
}
