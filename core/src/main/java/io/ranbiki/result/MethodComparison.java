package io.ranbiki.result;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Several runs side by side; the first one is what the others are held against.
 *
 * @param metric by which they are held against each other: {@code accuracy} where the task is one
 *     of classes, else the one that decided in the first run
 * @param methods in the order in which they were given, at least one
 */
public record MethodComparison(String metric, List<Method> methods) {

  /** Copies. */
  public MethodComparison {
    Check.text("metric", metric);
    methods = List.copyOf(Check.present("methods", methods));
  }

  /** Whether the metric is accuracy, a share of samples; else its unit is that of its figures. */
  public boolean isByAccuracy() {
    return metric.equals(HeldOut.ACCURACY);
  }

  /**
   * One run.
   *
   * @param name of the run folder
   * @param seeds that it was made with
   * @param score of its student on the test samples by the metric, one value for each seed
   * @param difference to the first run over the seeds that both have, its verdict corrected for the
   *     number of runs, above 0 where it is better; {@code null} for the first
   * @param goodEnough whether its first student is good enough beside its teacher; {@code null}
   *     without a margin or a teacher
   */
  public record Method(
      String name,
      List<Long> seeds,
      Figure score,
      @Nullable Gain difference,
      @Nullable GoodEnough goodEnough) {

    /** Copies the seeds. */
    public Method {
      Check.text("name", name);
      seeds = List.copyOf(Check.present("seeds", seeds));
      Check.present("score", score);
    }
  }
}
