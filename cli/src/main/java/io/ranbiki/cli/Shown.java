package io.ranbiki.cli;

import io.ranbiki.result.Figure;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Figures as they stand in tables; what is not known or makes no sense is {@link #UNKNOWN}. */
final class Shown {

  /** Stands for every figure that is not known. */
  static final String UNKNOWN = "-";

  private Shown() {}

  /** A share of 1 in percent with some decimal places. */
  static String percent(@Nullable Double share, int places) {
    return share != null && known(share)
        ? String.format(Locale.ROOT, "%." + places + "f %%", 100 * share)
        : UNKNOWN;
  }

  /** A share over seeds in percent, with half of its 95 % interval where there are several. */
  static String percent(Figure figure) {
    Double high = figure.high();
    String mean = percent(figure.mean(), 2);
    return high == null
        ? mean
        : mean + String.format(Locale.ROOT, " ± %.2f", 100 * (high - figure.mean()));
  }

  /** A figure that may have any unit: four decimal places below 10, else five digits. */
  static String figure(double value) {
    if (!known(value)) {
      return UNKNOWN;
    }
    int digits = (int) Math.floor(Math.log10(Math.max(1, Math.abs(value)))) + 1;
    return String.format(Locale.ROOT, "%." + Math.max(0, 5 - digits) + "f", value);
  }

  /** The same over seeds, with half of its 95 % interval where there are several. */
  static String figure(Figure figure) {
    Double low = figure.low();
    String mean = figure(figure.mean());
    return low == null ? mean : mean + " ± " + figure(figure.mean() - low);
  }

  /** A difference of shares in percentage points. */
  static String points(double difference) {
    return String.format(Locale.ROOT, "%+.2f", 100 * difference);
  }

  /** A difference of figures that may have any unit. */
  static String difference(double difference) {
    return (difference > 0 ? "+" : "") + figure(difference);
  }

  /** An interval of such differences. */
  static String points(@Nullable Double low, @Nullable Double high) {
    return low == null || high == null ? UNKNOWN : points(low) + " to " + points(high);
  }

  /** How many times; below 1 with two significant digits. */
  static String times(@Nullable Double ratio) {
    if (ratio == null || !known(ratio)) {
      return UNKNOWN;
    }
    return ratio >= 0.95 ? String.format(Locale.ROOT, "%.1fx", ratio) : small(ratio) + "x";
  }

  /** A number of parameters. */
  static String count(@Nullable Long count) {
    return count == null || count == 0 ? UNKNOWN : String.format(Locale.ROOT, "%,d", count);
  }

  /** Milliseconds; two decimal places, below a tenth two significant digits. */
  static String milliseconds(@Nullable Double time) {
    if (time == null || !known(time)) {
      return UNKNOWN;
    }
    return time >= 0.0995 ? String.format(Locale.ROOT, "%.2f", time) : small(time);
  }

  /** Below 1, with two digits after the zeros, without exponent. */
  private static String small(double number) {
    int places = 2;
    for (double left = number; left > 0 && left < 0.0995 && places < 6; left *= 10) {
      places++;
    }
    return String.format(Locale.ROOT, "%." + places + "f", number);
  }

  /** A size in bytes; 0 if it is not known. */
  static String bytes(long bytes) {
    if (bytes == 0) {
      return UNKNOWN;
    }
    if (bytes < 1_000) {
      return bytes + " B";
    }
    return bytes < 1_000_000
        ? String.format(Locale.ROOT, "%.0f kB", bytes / 1e3)
        : String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
  }

  private static boolean known(@Nullable Double number) {
    return number != null && Double.isFinite(number);
  }
}
