package io.ranbiki.evaluate;

import io.ranbiki.result.GoodEnough;
import io.ranbiki.result.Judgement;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.DoubleUnaryOperator;
import org.apache.commons.numbers.rootfinder.BrentSolver;

/**
 * Two models on the same labelled samples: is the second one's accuracy as good as the first one's?
 * Here samples are the unit, so that the answer is about these two files and new data of the same
 * kind; about a way of training only several seeds can tell.
 *
 * <p>Source of the interval: Tango 1998, "Equivalence test and confidence interval for the
 * difference in proportions for the paired-sample design", Statistics in Medicine 17, 891-908. Its
 * score test is inverted numerically.
 *
 * @param samples how many were asked, 1 or more
 * @param gained samples that the second alone has right
 * @param lost samples that the first alone has right
 */
public record PairedAccuracy(int samples, int gained, int lost) {

  private static final double EXACT = 1e-12;

  /** Checks the counts. */
  public PairedAccuracy {
    if (samples < 1 || gained < 0 || lost < 0 || gained + lost > samples) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "%d samples cannot hold %d gained and %d lost", samples, gained, lost));
    }
  }

  /**
   * Counts over the samples that have a label.
   *
   * @param first predictions of both must be of the same samples in the same order
   */
  public static PairedAccuracy of(Predictions first, Predictions second) {
    return byClass(first, second).values().stream()
        .reduce(PairedAccuracy::plus)
        .orElseThrow(() -> new IllegalArgumentException("no sample has a label"));
  }

  /** The same counts for each class that has labelled samples, by class. */
  static SortedMap<Integer, PairedAccuracy> byClass(Predictions first, Predictions second) {
    first.requireSameSamples(second);
    SortedMap<Integer, PairedAccuracy> classes = new TreeMap<>();
    for (int i = 0; i < first.size(); i++) {
      if (first.isLabelled(i)) {
        boolean before = first.isRight(i);
        boolean after = second.isRight(i);
        classes.merge(
            first.label(i),
            new PairedAccuracy(1, after && !before ? 1 : 0, before && !after ? 1 : 0),
            PairedAccuracy::plus);
      }
    }
    return classes;
  }

  private PairedAccuracy plus(PairedAccuracy more) {
    return new PairedAccuracy(samples + more.samples, gained + more.gained, lost + more.lost);
  }

  /** Accuracy of the second minus that of the first, -1 to 1. */
  public double difference() {
    return (double) (gained - lost) / samples;
  }

  /** The difference and its 95 % interval. */
  public ConfidenceInterval interval() {
    return interval(ConfidenceInterval.ERROR_RATE);
  }

  /**
   * The difference and its interval.
   *
   * @param errorRate how often the interval may miss the true difference, above 0 and below 1
   */
  ConfidenceInterval interval(double errorRate) {
    double z = ConfidenceInterval.quantile(errorRate);
    double low = root(difference -> score(difference) - z, -1, difference());
    double high = root(difference -> score(difference) + z, difference(), 1);
    return new ConfidenceInterval(difference(), low, high);
  }

  /** The score falls as the assumed difference grows; at an end it may not reach its target. */
  private static double root(DoubleUnaryOperator function, double from, double to) {
    double atFrom = function.applyAsDouble(from);
    double atTo = function.applyAsDouble(to);
    if (atFrom <= 0) {
      return from;
    }
    if (atTo >= 0) {
      return to;
    }
    return new BrentSolver(EXACT, EXACT, EXACT).findRoot(function, from, to);
  }

  /** Tango's statistic of an assumed true difference: standard normal if that one is true. */
  private double score(double assumed) {
    double a = 2.0 * samples;
    double b = -gained - lost + (2.0 * samples - (gained - lost)) * assumed;
    double c = -lost * assumed * (1 - assumed);
    double likeliestLost = (Math.sqrt(Math.max(0, b * b - 4 * a * c)) - b) / (2 * a);
    double variance = samples * (2 * likeliestLost + assumed * (1 - assumed));
    double distance = gained - lost - samples * assumed;
    if (variance <= 0) {
      return distance == 0 ? 0 : Math.copySign(Double.POSITIVE_INFINITY, distance);
    }
    return distance / Math.sqrt(variance);
  }

  /**
   * How many samples would decide whether the second loses less than a margin, if it goes on to win
   * and lose as often as here: then the score grows with the root of the samples.
   *
   * @param margin largest loss of accuracy that is good enough, 0 to 1
   * @return number of samples, at least those that were asked; {@code Long.MAX_VALUE} where the
   *     difference lies on the margin
   */
  public long samplesToSettle(double margin) {
    return samplesToSettle(margin, ConfidenceInterval.ERROR_RATE);
  }

  /** The same for the interval of another error rate. */
  long samplesToSettle(double margin, double errorRate) {
    double times = ConfidenceInterval.quantile(errorRate) / score(-margin);
    double needed = samples * times * times;
    return needed >= Long.MAX_VALUE ? Long.MAX_VALUE : Math.max(samples, (long) Math.ceil(needed));
  }

  /**
   * Whether the second loses less than a margin: non-inferiority by the interval.
   *
   * @param reference name of the first model
   * @param margin largest loss of accuracy that is good enough, 0 to 1
   */
  public GoodEnough judge(String reference, double margin) {
    ConfidenceInterval interval = interval();
    Judgement judgement =
        interval.low() >= -margin
            ? Judgement.MET
            : interval.high() < -margin ? Judgement.FAILED : Judgement.OPEN;
    long needed = samplesToSettle(margin);
    return new GoodEnough(
        reference,
        margin,
        interval.result(),
        judgement,
        judgement != Judgement.OPEN || needed == Long.MAX_VALUE ? null : (Long) needed);
  }
}
