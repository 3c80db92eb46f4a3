package io.ranbiki.evaluate;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How often a sample of one class was answered with another. Holds the pairs that occurred alone:
 * there are at most as many as samples, where a table would have the square of the classes.
 */
final class Confusion {

  /** So many samples of a class were answered with a class, perhaps the same. */
  record Cell(int label, int prediction, int count) {
    boolean isRight() {
      return label == prediction;
    }
  }

  private record Pair(int label, int prediction) {}

  private final Map<Pair, Integer> counts = new HashMap<>();
  private final Map<Integer, Integer> ofLabel = new HashMap<>();
  private final Map<Integer, Integer> ofPrediction = new HashMap<>();
  private int samples;
  private int right;

  void add(int label, int prediction) {
    counts.merge(new Pair(label, prediction), 1, Integer::sum);
    ofLabel.merge(label, 1, Integer::sum);
    ofPrediction.merge(prediction, 1, Integer::sum);
    samples++;
    right += label == prediction ? 1 : 0;
  }

  void addAll(Confusion other) {
    other.counts.forEach(
        (pair, count) -> {
          for (int i = 0; i < count; i++) {
            add(pair.label, pair.prediction);
          }
        });
  }

  /** Every pair that occurred, in no order. */
  List<Cell> cells() {
    return counts.entrySet().stream()
        .map(entry -> new Cell(entry.getKey().label, entry.getKey().prediction, entry.getValue()))
        .toList();
  }

  int count(int label, int prediction) {
    return counts.getOrDefault(new Pair(label, prediction), 0);
  }

  int ofLabel(int label) {
    return ofLabel.getOrDefault(label, 0);
  }

  int ofPrediction(int prediction) {
    return ofPrediction.getOrDefault(prediction, 0);
  }

  int samples() {
    return samples;
  }

  int right() {
    return right;
  }

  /** Number of classes of which there are samples. */
  int classes() {
    return ofLabel.size();
  }

  /** Samples of the most frequent class. */
  int mostFrequent() {
    return ofLabel.values().stream().mapToInt(Integer::intValue).max().orElse(0);
  }
}
