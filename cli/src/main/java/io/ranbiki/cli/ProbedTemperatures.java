package io.ranbiki.cli;

import io.ranbiki.evaluate.Calibration;
import io.ranbiki.evaluate.Predictions;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How soft the answers of a teacher of classes are by temperature.
 *
 * @param rows in order
 * @param largest entropy that there can be, in nats
 * @param samples on which errors were measured
 * @param held which these are
 */
record ProbedTemperatures(List<Row> rows, double largest, int samples, String held) {

  private static final int[] TEMPERATURES = {1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20};

  /**
   * Below this share of the largest entropy, answers say little more than labels: a rule of thumb.
   */
  private static final double HARD = 0.1;

  /** Above this share, classes can hardly be told apart: a rule of thumb. */
  private static final double FLAT = 0.7;

  /**
   * At one temperature.
   *
   * @param entropy mean over the training samples, in nats
   * @param ofTheLargest the same as a share
   */
  record Row(
      int temperature,
      double entropy,
      double ofTheLargest,
      double calibrationError,
      double negativeLogLikelihood) {}

  static ProbedTemperatures of(Predictions training, Predictions held, String name) {
    double largest = Math.log(training.classes());
    List<Row> rows = new ArrayList<>();
    for (int temperature : TEMPERATURES) {
      double entropy = Calibration.of(training, temperature).entropy();
      Calibration errors = Calibration.of(held, temperature);
      rows.add(
          new Row(
              temperature,
              entropy,
              entropy / largest,
              errors.expectedError(),
              errors.negativeLogLikelihood()));
    }
    return new ProbedTemperatures(List.copyOf(rows), largest, held.size(), name);
  }

  void print(PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "%nthe teacher's answers by temperature: entropy on the training samples, errors on %,d %s"
            + " samples%n",
        samples,
        held);
    out.printf(
        Locale.ROOT,
        "  %11s %14s %18s %18s %10s%n",
        "temperature",
        "entropy (nats)",
        "of the largest",
        "calibration error",
        "NLL");
    for (Row row : rows) {
      out.printf(
          Locale.ROOT,
          "  %11d %14.3f %16.1f %% %18.4f %10.4f%n",
          row.temperature,
          row.entropy,
          100 * row.ofTheLargest,
          row.calibrationError,
          row.negativeLogLikelihood);
    }
    out.printf(Locale.ROOT, "%n%s%n", hint());
  }

  /** What the entropies mean for the choice, in plain words. */
  private String hint() {
    List<Integer> useful =
        rows.stream()
            .filter(row -> row.ofTheLargest >= HARD && row.ofTheLargest <= FLAT)
            .map(Row::temperature)
            .toList();
    if (!useful.isEmpty()) {
      int from = useful.get(0);
      int to = useful.get(useful.size() - 1);
      return String.format(
          Locale.ROOT,
          "temperatures %s soften usefully: below, the answers say little more than the labels;"
              + " above, they hardly tell classes apart",
          from == to ? "around " + from : from + " to " + to);
    }
    return rows.get(0).ofTheLargest > FLAT
        ? "the teacher hardly tells the classes apart even at temperature 1; is it trained, and is"
            + " this its data?"
        : "no temperature up to 20 softens usefully: the teacher is extremely confident; match"
            + " layers, or standardized-targets, which do not depend on the size of the logits";
  }
}
