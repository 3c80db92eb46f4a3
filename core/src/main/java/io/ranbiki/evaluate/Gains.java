package io.ranbiki.evaluate;

import io.ranbiki.result.Figure;
import io.ranbiki.result.Gain;
import io.ranbiki.result.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.statistics.descriptive.Variance;

/**
 * Differences between ways of training, from the predictions of every seed. Seeds are the unit: the
 * question is what the method does, not what one file does.
 */
public final class Gains {

  private Gains() {}

  /**
   * One difference.
   *
   * @param first predictions of the arm that is compared with, one for each seed
   * @param second those of the arm that is judged, of the same seeds and test samples
   */
  public static Gain of(String from, List<Predictions> first, String to, List<Predictions> second) {
    List<Double> differences = new ArrayList<>();
    for (int seed = 0; seed < first.size(); seed++) {
      first.get(seed).requireSameSamples(second.get(seed));
      differences.add(second.get(seed).accuracy() - first.get(seed).accuracy());
    }
    Figure figure = figure(differences);
    if (differences.size() == 1) {
      return new Gain(from, to, figure, null, Verdict.OPEN, null);
    }
    double chance = ConfidenceInterval.probabilityOfChance(differences);
    ConfidenceInterval bySeeds = ConfidenceInterval.of(differences);
    return new Gain(
        from,
        to,
        figure,
        bySeeds.and(bySamples(bySeeds.mean(), first, second)).result(),
        Verdict.of(figure, chance),
        chance);
  }

  /**
   * One difference by another metric than accuracy, above 0 where the second is better. What new
   * data would change is not told.
   *
   * @param first as in {@link #of(String, List, String, List)}
   */
  public static Gain of(
      Metric metric, String from, List<Predictions> first, String to, List<Predictions> second) {
    List<Double> differences = new ArrayList<>();
    for (int seed = 0; seed < first.size(); seed++) {
      first.get(seed).requireSameSamples(second.get(seed));
      differences.add(metric.score(second.get(seed), null) - metric.score(first.get(seed), null));
    }
    Figure figure = figure(differences);
    if (differences.size() == 1) {
      return new Gain(from, to, figure, null, Verdict.OPEN, null);
    }
    double chance = ConfidenceInterval.probabilityOfChance(differences);
    return new Gain(from, to, figure, null, Verdict.of(figure, chance), chance);
  }

  /**
   * The same differences judged as one table, in which any of them may be a hit of chance: their
   * probabilities are corrected for their number.
   */
  public static List<Gain> together(List<Gain> gains) {
    List<Double> chances =
        gains.stream().map(gain -> gain.chance() == null ? 1.0 : gain.chance()).toList();
    List<Double> corrected = Holm.corrected(chances);
    List<Gain> judged = new ArrayList<>();
    for (int i = 0; i < gains.size(); i++) {
      Gain gain = gains.get(i);
      judged.add(
          gain.chance() == null
              ? gain
              : new Gain(
                  gain.from(),
                  gain.to(),
                  gain.seeds(),
                  gain.newData(),
                  Verdict.of(gain.seeds(), corrected.get(i)),
                  corrected.get(i)));
    }
    return judged;
  }

  /** A figure over seeds, with its interval if there are several. */
  public static Figure figure(List<Double> values) {
    ConfidenceInterval interval = ConfidenceInterval.of(values);
    return values.size() == 1
        ? new Figure(interval.mean(), null, null, values)
        : new Figure(interval.mean(), interval.low(), interval.high(), values);
  }

  /** What other samples would change: the spread over samples of the mean difference over seeds. */
  private static ConfidenceInterval bySamples(
      double mean, List<Predictions> first, List<Predictions> second) {
    Predictions any = first.get(0);
    List<Double> differences = new ArrayList<>();
    for (int sample = 0; sample < any.size(); sample++) {
      if (any.isLabelled(sample)) {
        double difference = 0;
        for (int seed = 0; seed < first.size(); seed++) {
          difference += second.get(seed).isRight(sample) ? 1 : 0;
          difference -= first.get(seed).isRight(sample) ? 1 : 0;
        }
        differences.add(difference / first.size());
      }
    }
    double[] numbers = differences.stream().mapToDouble(Double::doubleValue).toArray();
    double deviation = Math.sqrt(Variance.of(numbers).getAsDouble() / numbers.length);
    double half = deviation * ConfidenceInterval.quantile(ConfidenceInterval.ERROR_RATE);
    return new ConfidenceInterval(mean, mean - half, mean + half);
  }
}
