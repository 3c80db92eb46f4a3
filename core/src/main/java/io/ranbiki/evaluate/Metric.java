package io.ranbiki.evaluate;

import io.ranbiki.data.Task;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * One figure of how good a model's answers are: a small class. Ours are listed in {@link
 * TaskMetrics}; one of your own comes from a {@link io.ranbiki.config.Catalogue} of yours, with
 * {@code Metric.class} as the kind of its provider, and is shown beside ours for the tasks that it
 * serves.
 */
public interface Metric {

  /** The name in configurations and results, such as {@code macro-f1}. */
  String name();

  /** Whether it can be had of answers to this task. */
  boolean serves(Task task);

  /** Whether more is better; an error is better where it is less. */
  default boolean isLargerBetter() {
    return true;
  }

  /** Whether it lies between 0 and 1 and is shown in percent; else in the unit of the data. */
  default boolean isShare() {
    return true;
  }

  /** Whether it says how alike model and teacher are, so that it cannot decide who is better. */
  default boolean comparesWithTeacher() {
    return false;
  }

  /**
   * The figure.
   *
   * @param model its answers
   * @param teacher the teacher's answers to the same samples; null without a teacher
   * @return empty if these samples do not tell, such as without any label
   */
  OptionalDouble of(Predictions model, @Nullable Predictions teacher);

  /** A share; empty if it is one of nothing. */
  static OptionalDouble share(long hits, long of) {
    return of == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) hits / of);
  }

  /** The figure so that more is better; NaN if these samples do not tell. */
  default double score(Predictions model, @Nullable Predictions teacher) {
    double value = of(model, teacher).orElse(Double.NaN);
    return isLargerBetter() ? value : -value;
  }
}
