package io.ranbiki.evaluate;

import java.util.List;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.descriptive.DescriptiveStatistics;

/**
 * The mean of some values and where the true mean lies with 95 % confidence, by Student's t. For
 * the difference of two ways of training, give one paired difference a seed.
 *
 * @param mean of the values
 * @param low lower end; equal to the mean for a single value, which has no interval
 * @param high upper end
 */
public record ConfidenceInterval(double mean, double low, double high) {

  private static final double CONFIDENCE = 0.95;

  /** The interval of one or more values. */
  public static ConfidenceInterval of(List<Double> values) {
    DescriptiveStatistics statistics = new DescriptiveStatistics();
    values.forEach(statistics::addValue);
    double mean = statistics.getMean();
    int n = values.size();
    if (n < 2) {
      return new ConfidenceInterval(mean, mean, mean);
    }
    double quantile = new TDistribution(n - 1).inverseCumulativeProbability((1 + CONFIDENCE) / 2);
    double half = quantile * statistics.getStandardDeviation() / Math.sqrt(n);
    return new ConfidenceInterval(mean, mean - half, mean + half);
  }
}
