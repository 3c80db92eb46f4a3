package io.ranbiki.train;

import java.util.LinkedHashMap;
import java.util.Map;

/** Means over the samples of an epoch. */
final class EpochMeans {

  private final Map<String, Double> sums = new LinkedHashMap<>();
  private double totalSum;
  private long samples;

  void add(int batch, double total, Map<String, Double> terms) {
    terms.forEach((name, value) -> sums.merge(name, value * batch, Double::sum));
    totalSum += total * batch;
    samples += batch;
  }

  EpochStats stats(int epoch, double learningRate, double validationAccuracy, double seconds) {
    Map<String, Double> means = new LinkedHashMap<>(sums);
    means.replaceAll((name, sum) -> sum / samples);
    return new EpochStats(
        epoch,
        means,
        totalSum / samples,
        learningRate,
        validationAccuracy,
        seconds,
        samples / seconds);
  }
}
