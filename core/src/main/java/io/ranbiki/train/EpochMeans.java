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

  /** These means as text, exactly, for a checkpoint in the middle of an epoch. */
  String save() {
    StringBuilder text = new StringBuilder(samples + " " + totalSum);
    sums.forEach((name, sum) -> text.append(' ').append(name).append('=').append(sum));
    return text.toString();
  }

  /** Goes on from saved means. */
  static EpochMeans restore(String text) {
    EpochMeans means = new EpochMeans();
    String[] parts = text.split(" ");
    means.samples = Long.parseLong(parts[0]);
    means.totalSum = Double.parseDouble(parts[1]);
    for (int i = 2; i < parts.length; i++) {
      int equals = parts[i].indexOf('=');
      means.sums.put(
          parts[i].substring(0, equals), Double.parseDouble(parts[i].substring(equals + 1)));
    }
    return means;
  }

  /** Samples so far. */
  long samples() {
    return samples;
  }

  /** The means, and the speed since {@code samplesBefore}. */
  EpochStats stats(
      int epoch, double learningRate, double validation, double seconds, long samplesBefore) {
    Map<String, Double> means = new LinkedHashMap<>(sums);
    means.replaceAll((name, sum) -> sum / samples);
    return new EpochStats(
        epoch,
        means,
        totalSum / samples,
        learningRate,
        validation,
        seconds,
        (samples - samplesBefore) / seconds);
  }
}
