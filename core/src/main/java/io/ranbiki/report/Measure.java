package io.ranbiki.report;

import io.ranbiki.result.HeldOut;
import io.ranbiki.result.Result;
import io.ranbiki.result.Scores;
import org.jspecify.annotations.Nullable;

/**
 * How a page writes what models are compared by: accuracy in percent, and its differences in
 * points; every other metric in its own unit.
 *
 * @param metric its name, such as {@code rmse}
 */
record Measure(String metric) {

  /** That of a run: accuracy, unless the task has another. */
  static Measure of(Result result) {
    Scores scores = result.scores();
    return new Measure(
        scores == null || scores.task().equals("classes") ? HeldOut.ACCURACY : scores.decides());
  }

  boolean isAccuracy() {
    return metric.equals(HeldOut.ACCURACY);
  }

  /** At the head of a column. */
  String title() {
    return isAccuracy() ? "Right answers" : metric;
  }

  /** Beside an axis. */
  String axis() {
    return isAccuracy() ? "right answers" : metric;
  }

  /** Of a difference. */
  String unit() {
    return isAccuracy() ? "points" : metric;
  }

  String value(@Nullable Double value) {
    return isAccuracy()
        ? Words.percent(value)
        : value == null ? Words.UNKNOWN : Words.figure(value);
  }

  String interval(@Nullable Double low, @Nullable Double high) {
    if (isAccuracy() || low == null || high == null) {
      return Words.percent(low, high);
    }
    return Words.figure(low) + " to " + Words.figure(high);
  }

  String tick(double value) {
    return isAccuracy() ? Words.tickPercent(value) : Words.tickFigure(value);
  }

  String difference(double difference) {
    return isAccuracy()
        ? Words.points(difference)
        : (difference > 0 ? "+" : "") + Words.figure(difference);
  }

  String difference(@Nullable Double low, @Nullable Double high) {
    return low == null || high == null
        ? Words.UNKNOWN
        : difference(low.doubleValue()) + " to " + difference(high.doubleValue());
  }

  String tickDifference(double difference) {
    return isAccuracy()
        ? Words.tickPoints(difference)
        : (difference > 0 ? "+" : "") + Words.tickFigure(difference);
  }
}
