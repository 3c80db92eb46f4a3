package io.ranbiki.evaluate;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.statistics.descriptive.Mean;
import org.apache.commons.statistics.descriptive.Variance;
import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * How far confidence and accuracy lie apart, without the part that chance alone brings. The
 * expected calibration error takes the gap of every bin as it is, so that a perfectly calibrated
 * model of 3,080 samples reads 0.012 to 0.029; here each bin's squared gap is reduced by what its
 * samples' spread explains, and its mean is right on average, down to zero.
 *
 * <p>Source: Kumar, Liang and Ma 2019, "Verified Uncertainty Calibration", arXiv:1909.10155,
 * section 5: the debiased estimate of the squared error of the top class, in {@value #BINS} bins of
 * equal numbers of samples. Deviations: the spread within a bin is measured (sample variance of
 * confidence minus rightness), not derived from its accuracy alone; the interval is ours. It holds
 * every true value that the estimate does not contradict, with the variance {@code 2 s^4 + 4 g^2
 * s^2} of a squared normal gap and a gap of the same size in every bin.
 */
final class CalibrationError {

  /** Number of bins. */
  static final int BINS = 15;

  private CalibrationError() {}

  /**
   * The root of the mean squared gap, 0 to 1, with its 95 % interval; NaN below {@code 2 * BINS}
   * labelled samples.
   */
  static ConfidenceInterval of(Predictions predictions) {
    double[] logP = new double[predictions.classes()];
    List<double[]> sorted =
        IntStream.range(0, predictions.size())
            .filter(predictions::isLabelled)
            .mapToObj(
                i -> {
                  predictions.logProbabilities(i, 1, logP);
                  double confidence = Math.exp(logP[predictions.prediction(i)]);
                  return new double[] {confidence, predictions.isRight(i) ? 1 : 0};
                })
            .sorted(Comparator.comparingDouble(sample -> sample[0]))
            .toList();
    int samples = sorted.size();
    if (samples < 2 * BINS) {
      return new ConfidenceInterval(Double.NaN, Double.NaN, Double.NaN);
    }
    double squared = 0;
    double still = 0; // variance of the estimate where there is no gap at all
    double slope = 0; // how much it grows with the true mean squared gap
    for (int bin = 0; bin < BINS; bin++) {
      List<double[]> held =
          sorted.subList(
              (int) ((long) samples * bin / BINS), (int) ((long) samples * (bin + 1) / BINS));
      double[] gaps = held.stream().mapToDouble(s -> s[0] - s[1]).toArray();
      double gap = Mean.of(gaps).getAsDouble();
      double spread = Variance.of(gaps).getAsDouble() / gaps.length;
      double weight = (double) gaps.length / samples;
      squared += weight * (gap * gap - spread);
      still += 2 * weight * weight * spread * spread;
      slope += 4 * weight * weight * spread;
    }
    double z =
        NormalDistribution.of(0, 1)
            .inverseCumulativeProbability(1 - ConfidenceInterval.ERROR_RATE / 2);
    double middle = squared + z * z * slope / 2;
    double half = z * Math.sqrt(Math.max(0, still + slope * squared + z * z * slope * slope / 4));
    return new ConfidenceInterval(root(squared), root(middle - half), root(middle + half));
  }

  private static double root(double squared) {
    return Math.sqrt(Math.max(0, squared));
  }
}
