package io.ranbiki.objective;

import io.ranbiki.RanbikiException;

/**
 * A number that may change while training runs: a weight or a temperature.
 *
 * @param shape how it goes from {@code start} to {@code end}
 * @param start value at the beginning, finite, 0 or more
 * @param end value after {@code epochs}, finite, 0 or more
 * @param epochs over how many epochs it changes, above 0; it is updated every step
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

  /** Checks the ranges. */
  public Ramp {
    if (!(start >= 0) || !(end >= 0) || Double.isInfinite(start) || Double.isInfinite(end)) {
      throw RanbikiException.configuration(
          "value %s (from %s) must be finite and 0 or more", end, start);
    }
    if (!(epochs > 0)) {
      throw RanbikiException.configuration("a change over %s epochs must take more than 0", epochs);
    }
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

  /**
   * Returns this if it is above 0 all the time.
   *
   * @param name what it is, for the message
   */
  public Ramp requirePositive(String name) {
    if (start <= 0 && shape != Shape.CONSTANT || end <= 0) {
      throw RanbikiException.configuration("%s %s must be above 0", name, end <= 0 ? end : start);
    }
    return this;
  }
}
