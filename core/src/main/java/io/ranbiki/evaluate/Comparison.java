package io.ranbiki.evaluate;

import java.util.List;
import java.util.Locale;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.descriptive.DescriptiveStatistics;

/**
 * The same figure of two ways of training, measured with the same seeds, and what their paired
 * difference shows.
 *
 * @param differences figure of the second way minus that of the first, one per seed
 */
public record Comparison(List<Double> differences) {

  private static final double CONFIDENCE = 0.95;

  /** What the seeds can show. */
  public enum Verdict {
    /** The second way is better. */
    GAINED,
    /** The second way is worse. */
    LOST,
    /** No difference that the seeds can show. */
    UNCLEAR
  }

  /** Copies the differences. */
  public Comparison {
    differences = List.copyOf(differences);
    if (differences.isEmpty()) {
      throw new IllegalArgumentException("a comparison needs at least one seed");
    }
  }

  /** Mean difference over the seeds. */
  public double mean() {
    return statistics().getMean();
  }

  /** Half the width of the 95 % interval of the mean (Student's t); infinite with one seed. */
  public double halfWidth() {
    return halfWidth(differences);
  }

  /** Half the width of the 95 % interval of the mean of some values; infinite with one value. */
  public static double halfWidth(List<Double> values) {
    int n = values.size();
    if (n < 2) {
      return Double.POSITIVE_INFINITY;
    }
    DescriptiveStatistics statistics = new DescriptiveStatistics();
    values.forEach(statistics::addValue);
    double quantile = new TDistribution(n - 1).inverseCumulativeProbability((1 + CONFIDENCE) / 2);
    return quantile * statistics.getStandardDeviation() / Math.sqrt(n);
  }

  /** Whether the 95 % interval of the mean difference lies above, below or around 0. */
  public Verdict verdict() {
    if (mean() - halfWidth() > 0) {
      return Verdict.GAINED;
    }
    return mean() + halfWidth() < 0 ? Verdict.LOST : Verdict.UNCLEAR;
  }

  /**
   * The verdict in words, for a difference of accuracies.
   *
   * @param what the way that was compared, such as {@code distillation}
   * @param against the other way, such as {@code labels alone}
   */
  public String sentence(String what, String against) {
    double points = 100 * mean();
    if (differences.size() == 1) {
      return String.format(
          Locale.ROOT,
          "%s: %+.2f points against %s with one seed, which cannot tell a gain from chance; run several seeds to know",
          what,
          points,
          against);
    }
    String interval =
        String.format(
            Locale.ROOT,
            "%+.2f ± %.2f points against %s (95 %% interval, %d seeds)",
            points,
            100 * halfWidth(),
            against,
            differences.size());
    return switch (verdict()) {
      case GAINED -> what + " gained: " + interval;
      case LOST -> what + " lost: " + interval;
      case UNCLEAR -> what + " made no difference that the seeds can show: " + interval;
    };
  }

  private DescriptiveStatistics statistics() {
    DescriptiveStatistics statistics = new DescriptiveStatistics();
    differences.forEach(statistics::addValue);
    return statistics;
  }
}
