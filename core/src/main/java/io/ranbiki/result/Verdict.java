package io.ranbiki.result;

import java.util.Locale;

/** What the seeds say about distillation against labels alone. */
public enum Verdict {
  /** The 95 % interval of the gain lies above zero. */
  GAINED,
  /** The 95 % interval of the gain lies below zero. */
  LOST,
  /** The interval holds zero, or one seed alone ran and there is no interval. */
  NO_DIFFERENCE;

  /** The verdict on a paired gain in accuracy. */
  public static Verdict of(Figure gain) {
    Double low = gain.low();
    Double high = gain.high();
    if (low != null && low > 0) {
      return GAINED;
    }
    return high != null && high < 0 ? LOST : NO_DIFFERENCE;
  }

  /**
   * The verdict as one sentence with its figures in percentage points.
   *
   * @param gain accuracy of the distilled student minus that of the student from labels alone
   */
  public static String sentence(Figure gain) {
    Double low = gain.low();
    Double high = gain.high();
    if (low == null || high == null) {
      return String.format(
          Locale.ROOT,
          "One seed: %+.2f points against labels alone; several seeds tell a gain from chance.",
          100 * gain.mean());
    }
    String begin =
        switch (of(gain)) {
          case GAINED -> "Gained";
          case LOST -> "Lost";
          case NO_DIFFERENCE -> "No difference that the seeds can show";
        };
    return String.format(
        Locale.ROOT,
        "%s: %+.2f points against labels alone (95 %% interval %+.2f to %+.2f, %d seeds).",
        begin,
        100 * gain.mean(),
        100 * low,
        100 * high,
        gain.values().size());
  }
}
