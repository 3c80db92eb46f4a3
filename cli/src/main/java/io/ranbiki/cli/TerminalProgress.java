package io.ranbiki.cli;

import java.io.PrintStream;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.time.Duration;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jline.utils.Signals;
import org.jspecify.annotations.Nullable;

/** A bar with rate and time left, for a person who watches. */
final class TerminalProgress implements Progress {

  private static final Duration PLAIN_INTERVAL = Duration.ofSeconds(5);
  private static final int UPDATE_MILLIS = 200;

  private final PrintStream out;
  private final IntSupplier columns;
  private @Nullable ProgressBar bar;
  private @Nullable BarLine line;

  /**
   * Makes a bar.
   *
   * @param columns of the screen, which may change
   */
  TerminalProgress(PrintStream out, IntSupplier columns) {
    this.out = out;
    this.columns = columns;
  }

  /**
   * A bar where a person watches, a few plain lines anywhere else.
   *
   * @param now columns of the screen of standard error; empty if it is none
   */
  static Progress create(OptionalInt now) {
    if (now.isEmpty()) {
      return new PlainProgress(System.err, System::nanoTime, PLAIN_INTERVAL);
    }
    AtomicInteger columns = new AtomicInteger(now.getAsInt());
    Signals.register("WINCH", () -> Screen.errors().columns().ifPresent(columns::set));
    return new TerminalProgress(System.err, columns::get);
  }

  @Override
  public void start(String label, long total, String unit) {
    close();
    BarLine drawn = new BarLine(out, columns);
    line = drawn;
    bar =
        new ProgressBarBuilder()
            .setTaskName(label)
            .setInitialMax(total > 0 ? total : -1)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(UPDATE_MILLIS)
            .showSpeed(rate(unit))
            .setConsumer(drawn)
            .build();
  }

  /** How a rate is written, to which the bar adds "/s". */
  static DecimalFormat rate(String unit) {
    return new DecimalFormat(
        "#,##0.#' " + unit.replace("'", "") + "'", DecimalFormatSymbols.getInstance(Locale.ROOT));
  }

  @Override
  public void step(long n) {
    if (bar != null) {
      bar.stepBy(n);
    }
  }

  @Override
  public void aside(Runnable print) {
    if (line == null) {
      print.run();
    } else {
      line.giveWay(print);
    }
  }

  @Override
  public void done() {
    close();
  }

  private void close() {
    if (bar != null && line != null) {
      bar.close();
      line.close(); // the bar's own thread may be late, and others print below
      bar = null;
      line = null;
    }
  }

  /** The line that a bar is drawn on, over and over, by a thread of its own. */
  private static final class BarLine implements ProgressBarConsumer {

    private final PrintStream out;
    private final IntSupplier columns;
    private String drawn = "";
    private boolean closed;

    BarLine(PrintStream out, IntSupplier columns) {
      this.out = out;
      this.columns = columns;
    }

    /** The last column stays free: some terminals begin a new line behind it. */
    @Override
    public int getMaxRenderedLength() {
      return columns.getAsInt() - 1;
    }

    @Override
    public synchronized void accept(String text) {
      if (!closed) {
        String fits = text.substring(0, Math.min(text.length(), getMaxRenderedLength()));
        int left = Math.min(drawn.length(), getMaxRenderedLength()) - fits.length();
        out.print("\r" + fits + " ".repeat(Math.max(0, left)));
        out.flush();
        drawn = fits;
      }
    }

    @Override
    public synchronized void close() {
      if (!closed) {
        closed = true;
        out.println();
        out.flush();
      }
    }

    /** Wipes the bar away, lets others print, and draws it again below. */
    synchronized void giveWay(Runnable print) {
      out.print("\r" + " ".repeat(Math.min(drawn.length(), getMaxRenderedLength())) + "\r");
      out.flush();
      print.run();
      accept(drawn);
    }
  }
}
