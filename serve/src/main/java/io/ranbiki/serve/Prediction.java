package io.ranbiki.serve;

import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What a student says about one sample. Probabilities are as well calibrated as the student is,
 * which its report shows.
 */
public final class Prediction {

  /** From this probability on a label is said to hold. */
  private static final double HOLDS = 0.5;

  /** Numbers of a vector that are shown. */
  private static final int SHOWN = 6;

  private final Task task;
  private final List<String> names;
  private final float[] logits;
  private final double[] values;

  /** What the answer of a student means. */
  public enum Task {
    /** One of several classes: probabilities are the softmax of the logits, and add up to 1. */
    CLASSES,
    /** Labels that do not exclude each other: each probability is the sigmoid of its own logit. */
    LABELS,
    /** Numbers, in the units of the data that the student was trained on. */
    NUMBERS,
    /** A vector of length 1, which points where those of samples of like meaning do. */
    EMBEDDING;

    /** The name in files. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A class or label and how likely it is.
   *
   * @param name of the class or label
   * @param probability 0 to 1
   */
  public record Scored(String name, double probability) {
    /** Such as {@code sandal (0.93)}. */
    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%s (%.2f)", name, probability);
    }
  }

  private Prediction(Task task, List<String> names, float[] logits) {
    this.task = task;
    this.names = names;
    this.logits = logits;
    this.values =
        switch (task) {
          case CLASSES -> softmax(logits);
          case LABELS -> sigmoid(logits);
          case NUMBERS, EMBEDDING -> doubles(logits);
        };
  }

  /**
   * Makes a prediction of the answer of a network.
   *
   * @param names different names of the classes, labels or numbers; none for a vector
   * @param logits as many; of a vector one or more
   */
  public static Prediction of(Task task, List<String> names, float[] logits) {
    boolean isNamed = task != Task.EMBEDDING;
    if (logits.length == 0 || names.size() != (isNamed ? logits.length : 0)) {
      throw new IllegalArgumentException(logits.length + " answers for " + names);
    }
    return new Prediction(task, List.copyOf(names), logits.clone());
  }

  private static double[] doubles(float[] numbers) {
    return IntStream.range(0, numbers.length).mapToDouble(i -> numbers[i]).toArray();
  }

  private static double[] sigmoid(float[] logits) {
    return IntStream.range(0, logits.length)
        .mapToDouble(i -> 1 / (1 + Math.exp(-(double) logits[i])))
        .toArray();
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

  /** What it means. */
  public Task task() {
    return task;
  }

  /**
   * The name of the likeliest class or label; of equally likely ones the first.
   *
   * @throws IllegalStateException if the student answers numbers
   */
  public String name() {
    return top(1).get(0).name();
  }

  /**
   * How likely the likeliest class or label is, 0 to 1.
   *
   * @throws IllegalStateException if the student answers numbers
   */
  public double probability() {
    return top(1).get(0).probability();
  }

  /**
   * The likeliest classes or labels, likeliest first: as many as asked for, or all if there are
   * fewer.
   *
   * @throws IllegalStateException if the student answers numbers
   */
  public List<Scored> top(int count) {
    requireProbabilities();
    return IntStream.range(0, names.size())
        .mapToObj(i -> new Scored(names.get(i), values[i]))
        .sorted(Comparator.comparingDouble(Scored::probability).reversed())
        .limit(count)
        .toList();
  }

  /**
   * The labels that hold more likely than not, likeliest first; perhaps none. For another limit
   * than one half, take {@link #probabilities}.
   *
   * @throws IllegalStateException if the student does not answer labels
   */
  public List<Scored> labels() {
    if (task != Task.LABELS) {
      throw new IllegalStateException("the student answers " + task.word() + ", not labels");
    }
    return top(names.size()).stream().filter(each -> each.probability() >= HOLDS).toList();
  }

  /**
   * How likely each class or label is, 0 to 1, in the order of the student's names.
   *
   * @throws IllegalStateException if the student answers numbers
   */
  public Map<String, Double> probabilities() {
    requireProbabilities();
    return byName();
  }

  /**
   * The numbers, in the units of the data, in the order of the student's names.
   *
   * @throws IllegalStateException if the student does not answer numbers
   */
  public Map<String, Double> numbers() {
    if (task != Task.NUMBERS) {
      throw new IllegalStateException("the student answers " + task.word() + ", not numbers");
    }
    return byName();
  }

  /**
   * The vector.
   *
   * @throws IllegalStateException if the student does not answer vectors
   */
  public float[] vector() {
    if (task != Task.EMBEDDING) {
      throw new IllegalStateException("the student answers " + task.word() + ", not vectors");
    }
    return logits.clone();
  }

  private void requireProbabilities() {
    if (task == Task.NUMBERS || task == Task.EMBEDDING) {
      throw new IllegalStateException(
          "the student answers "
              + (task == Task.NUMBERS ? "numbers" : "vectors")
              + ", which have no probabilities");
    }
  }

  private Map<String, Double> byName() {
    Map<String, Double> byName = new LinkedHashMap<>();
    for (int i = 0; i < values.length; i++) {
      byName.put(names.get(i), values[i]);
    }
    return Collections.unmodifiableMap(byName);
  }

  /** The network's answer itself, in the order of the student's names. */
  public float[] logits() {
    return logits.clone();
  }

  /**
   * Such as {@code sandal (0.93)}, {@code red (0.97), small (0.61)}, {@code price 12.5} or, of a
   * vector, {@code 384 numbers, 0.0132 -0.0471 0.0025 ...}.
   */
  @Override
  public String toString() {
    return switch (task) {
      case CLASSES -> top(1).get(0).toString();
      case LABELS -> labels().stream().map(Scored::toString).collect(Collectors.joining(", "));
      case NUMBERS ->
          IntStream.range(0, values.length)
              .mapToObj(i -> names.get(i) + " " + logits[i])
              .collect(Collectors.joining(", "));
      case EMBEDDING ->
          IntStream.range(0, Math.min(SHOWN, values.length))
              .mapToObj(i -> String.format(Locale.ROOT, "%.4f", values[i]))
              .collect(
                  Collectors.joining(
                      " ", values.length + " numbers, ", values.length > SHOWN ? " ..." : ""));
    };
  }
}
