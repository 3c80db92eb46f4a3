package io.ranbiki.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Prints a few plain lines, for logs and pipes: each comes after twice the time of the one before,
 * so that a task of a day has no more than twenty.
 */
final class PlainProgress implements Progress {

  private final PrintStream out;
  private final LongSupplier nanoClock;
  private final long first;
  private String label = "";
  private String unit = "";
  private long total;
  private long count;
  private long begun;
  private long next;

  /**
   * Makes a printer of lines.
   *
   * @param out where the lines go
   * @param nanoClock the time in nanoseconds, usually {@link System#nanoTime}
   * @param first the least time before the first line of a task
   */
  PlainProgress(PrintStream out, LongSupplier nanoClock, Duration first) {
    this.out = out;
    this.nanoClock = nanoClock;
    this.first = first.toNanos();
  }

  @Override
  public void start(String label, long total, String unit) {
    this.label = label;
    this.unit = unit;
    this.total = total;
    count = 0;
    begun = nanoClock.getAsLong();
    next = begun + first;
  }

  @Override
  public void step(long n) {
    count += n;
    long now = nanoClock.getAsLong();
    if (now >= next) {
      next = now + (now - begun);
      double seconds = (now - begun) / 1e9;
      double rate = count / seconds;
      String left =
          total > 0 && count > 0
              ? ", " + duration(Math.max(0, total - count) / rate) + " left"
              : "";
      out.println(label + ": " + amount() + ", " + rate(rate) + left);
    }
  }

  @Override
  public void done() {
    double seconds = (nanoClock.getAsLong() - begun) / 1e9;
    String rate = seconds > 0 ? ", " + rate(count / seconds) : "";
    out.println(label + ": " + number(count) + " " + unit + " in " + duration(seconds) + rate);
  }

  private String amount() {
    return total > 0
        ? number(count)
            + "/"
            + number(total)
            + " "
            + unit
            + " ("
            + Math.round(100.0 * count / total)
            + " %)"
        : number(count) + " " + unit;
  }

  private String rate(double rate) {
    return String.format(Locale.ROOT, rate < 10 ? "%.1f" : "%,.0f", rate) + " " + unit + "/s";
  }

  private static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** Seconds in the two largest units that say something: {@code 3.5 s}, {@code 2 min 5 s}. */
  static String duration(double seconds) {
    if (seconds < 60) {
      return String.format(Locale.ROOT, "%.1f s", seconds);
    }
    long whole = Math.round(seconds);
    return whole < 3600
        ? whole / 60 + " min " + whole % 60 + " s"
        : whole / 3600 + " h " + whole % 3600 / 60 + " min";
  }
}
