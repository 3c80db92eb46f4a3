package io.ranbiki.result;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What the seeds say about one way of training against another. */
public enum Verdict {
  /** Better: chance alone would do this in fewer than 5 % of comparisons. */
  GAINED,
  /** Worse, in the same way. */
  LOST,
  /** The seeds show no difference; there may be one that more seeds would show. */
  NO_DIFFERENCE,
  /** Fewer than {@value #FEWEST_SEEDS} seeds: no verdict. */
  OPEN;

  /** With fewer, an interval is so wide, or by chance so narrow, that nothing is said. */
  public static final int FEWEST_SEEDS = 5;

  private static final double SIGNIFICANT = 0.05;

  /**
   * The verdict on a paired gain in accuracy.
   *
   * @param gain one difference for each seed
   * @param chance how probable such a difference is if there is none, corrected for the number of
   *     differences in the same table
   */
  public static Verdict of(Figure gain, double chance) {
    if (gain.values().size() < FEWEST_SEEDS) {
      return OPEN;
    }
    if (chance >= SIGNIFICANT || gain.mean() == 0) {
      return NO_DIFFERENCE;
    }
    return gain.mean() > 0 ? GAINED : LOST;
  }

  /**
   * The verdict as one sentence with its figures in percentage points.
   *
   * @param against what the arm is compared with, such as {@code labels alone}
   */
  public static String sentence(Gain gain, String against) {
    Figure seeds = gain.seeds();
    Double low = seeds.low();
    Double high = seeds.high();
    if (low == null || high == null) {
      return String.format(
          Locale.ROOT,
          "One seed: %+.2f points against %s; several seeds tell a gain from chance.",
          100 * seeds.mean(),
          against);
    }
    int count = seeds.values().size();
    String figures =
        String.format(
            Locale.ROOT,
            "%+.2f points against %s (95 %% interval over %d seeds %+.2f to %+.2f%s)",
            100 * seeds.mean(),
            against,
            count,
            100 * low,
            100 * high,
            newData(gain.newData()));
    return switch (gain.verdict()) {
      case GAINED -> "Gained: " + figures + ".";
      case LOST -> "Lost: " + figures + ".";
      case NO_DIFFERENCE -> "No difference that the seeds can show: " + figures + ".";
      case OPEN -> figures + "; fewer than " + FEWEST_SEEDS + " seeds, so no verdict.";
    };
  }

  /**
   * The same by another metric than accuracy.
   *
   * @param gain in the unit of the metric, above 0 where it is better
   * @param metric its name, such as {@code rmse}
   */
  static String sentence(Gain gain, String metric, String against) {
    Figure seeds = gain.seeds();
    Double low = seeds.low();
    Double high = seeds.high();
    String better =
        String.format(
            Locale.ROOT,
            "%s %s by %.4g than %s",
            metric,
            seeds.mean() < 0 ? "worse" : "better",
            Math.abs(seeds.mean()),
            against);
    if (low == null || high == null) {
      return "One seed: " + better + "; several seeds tell a gain from chance.";
    }
    String figures =
        String.format(
            Locale.ROOT,
            "%s (95 %% interval over %d seeds %+.4g to %+.4g, above 0 being better)",
            better,
            seeds.values().size(),
            low,
            high);
    return switch (gain.verdict()) {
      case GAINED -> "Gained: " + figures + ".";
      case LOST -> "Lost: " + figures + ".";
      case NO_DIFFERENCE -> "No difference that the seeds can show: " + figures + ".";
      case OPEN -> "No verdict with fewer than " + FEWEST_SEEDS + " seeds: " + figures + ".";
    };
  }

  /** The word in files: {@code gained}, {@code lost}, {@code no-difference}, {@code open}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String newData(@Nullable Interval interval) {
    return interval == null
        ? ""
        : String.format(
            Locale.ROOT,
            "; for new data %+.2f to %+.2f",
            100 * interval.low(),
            100 * interval.high());
  }
}
