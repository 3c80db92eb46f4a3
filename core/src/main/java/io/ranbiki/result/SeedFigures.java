package io.ranbiki.result;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What several seeds found. The figures of {@link Result#models()} are those of the first seed;
 * these are beside them.
 *
 * @param seeds the seeds that ran, all different, at least one
 * @param accuracy test accuracy, 0 to 1, by name of the model
 * @param retention student accuracy over teacher accuracy; {@code null} without both
 * @param gain accuracy of the distilled student minus that of the student from labels alone, seed
 *     by seed (same initial weights and batch order), so that the interval is the paired one;
 *     {@code null} if no student from labels alone was trained
 */
public record SeedFigures(
    List<Long> seeds,
    Map<String, Figure> accuracy,
    @Nullable Figure retention,
    @Nullable Figure gain) {

  /** Copies, and checks that every figure has one value a seed. */
  public SeedFigures {
    seeds = List.copyOf(Check.present("seeds", seeds));
    if (seeds.isEmpty() || new LinkedHashSet<>(seeds).size() != seeds.size()) {
      throw new IllegalArgumentException("seeds must be different and at least one: " + seeds);
    }
    accuracy = Check.ordered("accuracy", accuracy);
    int count = seeds.size();
    accuracy.forEach((name, figure) -> sameCount("accuracy." + name, figure, count));
    sameCount("retention", retention, count);
    sameCount("gain", gain, count);
  }

  private static void sameCount(String name, @Nullable Figure figure, int count) {
    if (figure != null && figure.values().size() != count) {
      throw new IllegalArgumentException(
          name
              + " must have one value for each of the "
              + count
              + " seeds, but has "
              + figure.values().size());
    }
  }
}
