package io.ranbiki.report;

import io.ranbiki.result.Interval;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How figures are written; what is not known is {@link #UNKNOWN}. */
final class Words {

  static final String UNKNOWN = "–";

  private Words() {}

  /** A share of 1, in percent with two decimals. */
  static String percent(@Nullable Double share) {
    return share == null ? UNKNOWN : format("%.2f\u00a0%%", 100 * share);
  }

  /** A share of 1 in percent, as an axis has it. */
  static String tickPercent(double share) {
    return Svg.number(100 * share) + "\u00a0%";
  }

  /** A difference of shares, in points. */
  static String points(double difference) {
    return signed(format("%+.2f", 100 * difference));
  }

  /** A difference in points as an axis has it. */
  static String tickPoints(double difference) {
    double points = 100 * difference;
    return Math.abs(points) < 1e-9 ? "0" : signed((points > 0 ? "+" : "") + Svg.number(points));
  }

  /** An interval of differences, in points. */
  static String points(@Nullable Double low, @Nullable Double high) {
    return low == null || high == null ? UNKNOWN : points(low) + " to " + points(high);
  }

  /** An interval of shares, in percent. */
  static String percent(@Nullable Double low, @Nullable Double high) {
    return low == null || high == null ? "" : format("%.2f to %.2f\u00a0%%", 100 * low, 100 * high);
  }

  static String percent(Interval interval) {
    return percent(interval.low(), interval.high());
  }

  static String count(@Nullable Long count) {
    return count == null ? UNKNOWN : format("%,d", count);
  }

  static String count(int count) {
    return format("%,d", count);
  }

  /** A large number as an axis has it. */
  static String tickCount(double count) {
    if (count >= 1e9) {
      return Svg.number(count / 1e9) + " G";
    }
    if (count >= 1e6) {
      return Svg.number(count / 1e6) + " M";
    }
    return count >= 1e3 ? Svg.number(count / 1e3) + " k" : Svg.number(count);
  }

  static String bytes(long bytes) {
    if (bytes < 1_000) {
      return bytes + " B";
    }
    return bytes < 1_000_000 ? format("%.0f kB", bytes / 1e3) : format("%.1f MB", bytes / 1e6);
  }

  /** How many times; with a decimal below 10. */
  static String times(@Nullable Double ratio) {
    return ratio == null ? UNKNOWN : format(ratio < 9.95 ? "%.1f×" : "%,.0f×", ratio);
  }

  /** Milliseconds with three significant digits. */
  static String milliseconds(@Nullable Double time) {
    return time == null ? UNKNOWN : significant(time) + "\u00a0ms";
  }

  /** Three significant digits, without exponent. */
  static String significant(double value) {
    double size = Math.abs(value);
    int places = size == 0 || size >= 100 ? 0 : Math.min(6, 2 - (int) Math.floor(Math.log10(size)));
    return signed(format("%." + places + "f", value));
  }

  /** A figure that may have any unit: four decimals below 10, else five digits. */
  static String figure(double value) {
    int digits = (int) Math.floor(Math.log10(Math.max(1, Math.abs(value)))) + 1;
    return signed(format("%." + Math.max(0, 5 - digits) + "f", value));
  }

  /** Such a figure as an axis has it. */
  static String tickFigure(double value) {
    if (Math.abs(value) >= 1e3) {
      return signed((value < 0 ? "-" : "") + tickCount(Math.abs(value)));
    }
    String text = format("%.4f", value).replaceAll("\\.?0+$", "");
    return text.equals("-0") ? "0" : signed(text);
  }

  /** A number with three decimals. */
  static String decimal(@Nullable Double value) {
    return value == null ? UNKNOWN : format("%.3f", value);
  }

  /** With a true minus. */
  static String signed(String number) {
    return number.replace('-', '−');
  }

  static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
