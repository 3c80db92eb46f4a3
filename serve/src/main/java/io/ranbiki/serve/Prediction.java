package io.ranbiki.serve;

import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What a student says about one sample. The probabilities are the softmax of its logits; they are
 * as well calibrated as the student is, which its report shows.
 */
public final class Prediction {

  private final List<String> classes;
  private final float[] logits;
  private final double[] probabilities;

  /**
   * A class and how likely it is.
   *
   * @param name of the class
   * @param probability 0 to 1
   */
  public record Scored(String name, double probability) {
    /** Such as {@code sandal (0.93)}. */
    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%s (%.2f)", name, probability);
    }
  }

  private Prediction(List<String> classes, float[] logits) {
    this.classes = classes;
    this.logits = logits;
    this.probabilities = softmax(logits);
  }

  /**
   * Makes a prediction of the answer of a network.
   *
   * @param classes their different names
   * @param logits as many
   */
  public static Prediction of(List<String> classes, float[] logits) {
    if (classes.isEmpty() || classes.size() != logits.length) {
      throw new IllegalArgumentException(logits.length + " logits for the classes " + classes);
    }
    return new Prediction(List.copyOf(classes), logits.clone());
  }

  private static double[] softmax(float[] logits) {
    double largest = IntStream.range(0, logits.length).mapToDouble(i -> logits[i]).max().orElse(0);
    double[] shares = new double[logits.length];
    double sum = 0;
    for (int i = 0; i < logits.length; i++) {
      shares[i] = Math.exp(logits[i] - largest);
      sum += shares[i];
    }
    for (int i = 0; i < logits.length; i++) {
      shares[i] /= sum;
    }
    return shares;
  }

  /** The name of the likeliest class; of equally likely ones the first. */
  public String name() {
    return top(1).get(0).name();
  }

  /** How likely the likeliest class is, 0 to 1. */
  public double probability() {
    return top(1).get(0).probability();
  }

  /** The likeliest classes, likeliest first: as many as asked for, or all if there are fewer. */
  public List<Scored> top(int count) {
    return IntStream.range(0, classes.size())
        .mapToObj(i -> new Scored(classes.get(i), probabilities[i]))
        .sorted(Comparator.comparingDouble(Scored::probability).reversed())
        .limit(count)
        .toList();
  }

  /** How likely each class is, 0 to 1, in the order of the student's classes. */
  public Map<String, Double> probabilities() {
    Map<String, Double> byClass = new LinkedHashMap<>();
    for (int i = 0; i < probabilities.length; i++) {
      byClass.put(classes.get(i), probabilities[i]);
    }
    return Collections.unmodifiableMap(byClass);
  }

  /** The network's answer itself, in the order of the student's classes. */
  public float[] logits() {
    return logits.clone();
  }

  /** The likeliest class and its probability, such as {@code sandal (0.93)}. */
  @Override
  public String toString() {
    return top(1).get(0).toString();
  }
}
