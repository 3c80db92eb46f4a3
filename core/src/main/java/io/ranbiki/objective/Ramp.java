package io.ranbiki.objective;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.ConfigNode;
import io.ranbiki.config.Options;
import io.ranbiki.config.Provider;
import io.ranbiki.config.Rule;
import java.util.List;
import java.util.Optional;

/**
 * A number that may change while training runs: a weight or a temperature.
 *
 * @param shape how it goes from {@code start} to {@code end}
 * @param start value at the beginning
 * @param end value after {@code epochs}
 * @param epochs over how many epochs it changes, finite, above 0; it is updated every step
 */
public record Ramp(Shape shape, double start, double end, double epochs) {

  /** How a number changes. */
  public enum Shape {
    /** Always {@code end}. */
    CONSTANT,
    /** In a straight line. */
    LINEAR,
    /** Along half a cosine wave: slowly at both ends. */
    COSINE
  }

  /** Checks the number of epochs; what the number stands for checks its values, by name. */
  public Ramp {
    if (!(epochs > 0) || Double.isInfinite(epochs)) {
      throw RanbikiException.configuration(
          "A change over %s epochs must take a finite number of them, above 0.", epochs);
    }
  }

  /** Reads the key {@code weight} of a term. */
  public static Ramp weight(Options options, double standard) {
    return read(options, "weight", standard, "Weight in the objective", Rule.atLeast(0));
  }

  /** Reads the key {@code temperature} of a term. */
  public static Ramp temperature(Options options, double standard) {
    return read(options, "temperature", standard, "Softening temperature", Rule.above(0));
  }

  /** Reads a number, or one that changes: {@code {linear: {from: 0, to: 1, epochs: 5}}}. */
  public static Ramp read(
      Options options, String key, double standard, String sentence, Rule... rules) {
    return options.value(key, standard, sentence, node -> read(node, rules));
  }

  /** Reads a number, or one that changes, which may be left out. */
  static Optional<Ramp> optional(Options options, String key, String sentence, Rule... rules) {
    return options.optionalValue(key, sentence, node -> read(node, rules));
  }

  private static Ramp read(ConfigNode node, Rule... rules) {
    List<Provider<Ramp>> shapes =
        List.of(
            Provider.of(
                Ramp.class,
                "constant",
                "Always the same.",
                constant -> {
                  constant.shorthand("value");
                  return constant(constant.number("value", "The number", rules));
                }),
            Provider.of(
                Ramp.class,
                "linear",
                "In a straight line, then constant.",
                line -> change(Shape.LINEAR, line, rules)),
            Provider.of(
                Ramp.class,
                "cosine",
                "Along half a cosine wave, slowly at both ends, then constant.",
                wave -> change(Shape.COSINE, wave, rules)));
    return node.choiceOr(shapes, number -> constant(number.number(rules)));
  }

  private static Ramp change(Shape shape, Options options, Rule... rules) {
    double start = options.number("from", 0, "Value at the beginning", rules);
    double end = options.number("to", "Value at the end", rules);
    return new Ramp(
        shape, start, end, options.number("epochs", "Epochs that it takes", Rule.above(0)));
  }

  /** A number that does not change. */
  public static Ramp constant(double value) {
    return new Ramp(Shape.CONSTANT, value, value, 1);
  }

  /** A straight line. */
  public static Ramp linear(double start, double end, double epochs) {
    return new Ramp(Shape.LINEAR, start, end, epochs);
  }

  /** Half a cosine wave. */
  public static Ramp cosine(double start, double end, double epochs) {
    return new Ramp(Shape.COSINE, start, end, epochs);
  }

  /** From 0 to a value in a straight line, then constant. */
  public static Ramp warmUp(double value, double epochs) {
    return linear(0, value, epochs);
  }

  /** The value at a point of training. */
  public double at(Progress progress) {
    double done = Math.min(progress.epochsDone() / epochs, 1);
    return switch (shape) {
      case CONSTANT -> end;
      case LINEAR -> start + (end - start) * done;
      case COSINE -> start + (end - start) * (1 - Math.cos(Math.PI * done)) / 2;
    };
  }

  /** Whether it is 0 all the time. */
  boolean isZero() {
    return start == 0 && end == 0;
  }

  /**
   * Returns this if it is above 0 and at most 1e9 all the time.
   *
   * @param name what it is, for the message, such as {@code temperature of soft-targets}
   */
  public Ramp requirePositive(String name) {
    Require.positive(name, start);
    Require.positive(name, end);
    return this;
  }

  /**
   * Returns this if it is from 0 to 1e9 all the time.
   *
   * @param name what it is, for the message, such as {@code 'weight' of soft-targets}
   */
  public Ramp requireNonNegative(String name) {
    Require.nonNegative(name, start);
    Require.nonNegative(name, end);
    return this;
  }
}
