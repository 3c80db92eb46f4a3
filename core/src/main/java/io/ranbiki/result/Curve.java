package io.ranbiki.result;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The compression curve: how much accuracy is left at several sizes of the student, each of which
 * learnt in the same way in a run of its own.
 *
 * @param points in the order in which they were asked for, one or more
 */
public record Curve(List<Point> points) {

  /** Copies the list. */
  public Curve {
    points = List.copyOf(Check.present("points", points));
    if (points.isEmpty()) {
      throw new IllegalArgumentException("points must hold at least one point");
    }
  }

  /**
   * A student of one size.
   *
   * @param title its options, such as {@code hidden 64}
   * @param run folder of its own run, which lies beside that of the curve
   * @param parameters number of trained values; {@code null} if not known
   * @param bytes size of its weights
   * @param compression parameters of the teacher over its own; {@code null} if not known
   * @param accuracy over the seeds
   * @param samples accuracy of the first seed, with the interval for other test samples; {@code
   *     null} if no test sample has a label
   * @param change accuracy of the first seed minus that of the teacher on the same test samples,
   *     with the interval for others; {@code null} without a teacher
   * @param latency of a call with one sample and one thread; {@code null} if it was not measured
   */
  public record Point(
      String title,
      String run,
      @Nullable Long parameters,
      long bytes,
      @Nullable Double compression,
      Figure accuracy,
      @Nullable Interval samples,
      @Nullable Interval change,
      Cost.@Nullable Latency latency) {

    /** Checks the texts and ranges. */
    public Point {
      Check.text("title", title);
      Check.text("run", run);
      Check.notNegative("bytes", bytes);
      Check.positive("compression", compression);
      Check.present("accuracy", accuracy);
    }

    /**
     * What a finished run says about its student.
     *
     * @throws IllegalArgumentException if it does not say how accurate the student is
     */
    @SuppressWarnings("NullAway") // it does not see that a nested type may be missing
    public static Point of(String title, String run, Result result) {
      ModelFigures student = Check.present("models.student", result.models().get(Result.STUDENT));
      SeedFigures seeds = result.seeds();
      Figure accuracy = seeds == null ? null : seeds.accuracy().get(Result.STUDENT);
      Evidence evidence = result.evidence();
      Quality quality = evidence == null ? null : evidence.models().get(Result.STUDENT);
      Cost cost = result.cost() == null ? null : result.cost().get(Result.STUDENT);
      return new Point(
          title,
          run,
          student.parameters(),
          student.bytes(),
          result.compression(),
          accuracy == null ? one(student.accuracy()) : accuracy,
          quality == null ? null : quality.accuracy(),
          evidence == null ? null : change(evidence),
          cost == null ? null : cost.deployment().orElse(null));
    }

    private static Figure one(@Nullable Double accuracy) {
      double only = Check.present("models.student.accuracy", accuracy);
      return new Figure(only, null, null, List.of(only));
    }

    private static @Nullable Interval change(Evidence evidence) {
      return evidence.changes().stream()
          .filter(change -> change.from().equals(Result.TEACHER))
          .filter(change -> change.to().equals(Result.STUDENT))
          .map(Changes::accuracy)
          .findFirst()
          .orElse(null);
    }
  }
}
