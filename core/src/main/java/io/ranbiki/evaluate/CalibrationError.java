package io.ranbiki.evaluate;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.commons.statistics.descriptive.Mean;
import org.apache.commons.statistics.descriptive.Variance;

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
 *
 * @param samples labelled ones that were asked
 * @param squared mean squared gap without what chance brings; below 0 by chance
 * @param still variance of that if there is no gap at all
 * @param slope how much the variance grows with the true mean squared gap
 */
record CalibrationError(int samples, double squared, double still, double slope) {

  /** Number of bins. */
  static final int BINS = 15;

  /** With fewer labelled samples nothing is said. */
  static final int FEWEST_SAMPLES = 2 * BINS;

  /** The error of the labelled samples; empty below {@link #FEWEST_SAMPLES} of them. */
  static Optional<CalibrationError> of(Predictions predictions) {
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
    if (samples < FEWEST_SAMPLES) {
      return Optional.empty();
    }
    double squared = 0;
    double still = 0;
    double slope = 0;
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
    return Optional.of(new CalibrationError(samples, squared, still, slope));
  }

  /** The root of the mean squared gap, 0 to 1, with its 95 % interval. */
  ConfidenceInterval interval() {
    double z = ConfidenceInterval.quantile(ConfidenceInterval.ERROR_RATE);
    double middle = squared + z * z * slope / 2;
    double half = z * Math.sqrt(Math.max(0, still + slope * squared + z * z * slope * slope / 4));
    return new ConfidenceInterval(root(squared), root(middle - half), root(middle + half));
  }

  /**
   * How many labelled samples would show on which side of a limit the true error lies, if it is as
   * here; at least those that were asked, {@code Long.MAX_VALUE} where it lies on the limit.
   *
   * @param limit 0 to 1
   */
  long samplesToSettle(double limit) {
    double gap = limit * limit;
    double distance = Math.max(0, squared) - gap;
    // The interval ends at the limit where distance^2 = z^2 (still / f^2 + slope gap / f).
    double z = ConfidenceInterval.quantile(ConfidenceInterval.ERROR_RATE);
    double linear = z * z * slope * gap;
    double squares = distance * distance;
    double factor =
        (linear + Math.sqrt(linear * linear + 4 * squares * z * z * still)) / (2 * squares);
    double needed = factor * samples;
    return needed >= Long.MAX_VALUE || Double.isNaN(needed)
        ? Long.MAX_VALUE
        : Math.max(samples, (long) Math.ceil(needed));
  }

  private static double root(double squared) {
    return Math.sqrt(Math.max(0, squared));
  }
}
