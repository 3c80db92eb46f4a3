package io.ranbiki.result;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Several runs side by side; the first one is what the others are held against.
 *
 * @param methods in the order in which they were given, at least one
 */
public record MethodComparison(List<Method> methods) {

  /** Copies. */
  public MethodComparison {
    methods = List.copyOf(Check.present("methods", methods));
  }

  /**
   * One run.
   *
   * @param name of the run folder
   * @param seeds that it was made with
   * @param accuracy of its student on the test samples, one value for each seed
   * @param difference to the first run over the seeds that both have, its verdict corrected for the
   *     number of runs; {@code null} for the first
   * @param goodEnough whether its first student is good enough beside its teacher; {@code null}
   *     without a margin or a teacher
   */
  public record Method(
      String name,
      List<Long> seeds,
      Figure accuracy,
      @Nullable Gain difference,
      @Nullable GoodEnough goodEnough) {

    /** Copies the seeds. */
    public Method {
      Check.text("name", name);
      seeds = List.copyOf(Check.present("seeds", seeds));
      Check.present("accuracy", accuracy);
    }
  }
}
