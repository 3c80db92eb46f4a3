package io.ranbiki.cli;

import io.ranbiki.run.PlainProgress;
import io.ranbiki.run.Progress;
import java.io.PrintStream;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A bar with rate and time left, for a person who watches. */
final class TerminalProgress implements Progress {

  private static final Duration PLAIN_INTERVAL = Duration.ofSeconds(5);
  private static final int UPDATE_MILLIS = 200;
  private static final int WIDTH = 100;

  private final PrintStream out;
  private @Nullable ProgressBar bar;
  private @Nullable BarLine line;

  TerminalProgress(PrintStream out) {
    this.out = out;
  }

  /** A bar where a person watches, plain lines every few seconds anywhere else. */
  static Progress create(PrintStream out) {
    return isTerminal()
        ? new TerminalProgress(out)
        : new PlainProgress(out, System::nanoTime, PLAIN_INTERVAL);
  }

  /** Java 17 has a console only on a terminal; from 22 on it has one always, and says which. */
  private static boolean isTerminal() {
    Object console = System.console();
    if (console == null) {
      return false;
    }
    try {
      return (boolean) console.getClass().getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException e) {
      return Runtime.version().feature() < 22;
    }
  }

  @Override
  public void start(String label, long total, String unit) {
    close();
    DecimalFormat rate = new DecimalFormat("#,##0.#' " + unit.replace("'", "") + "'", symbols());
    BarLine drawn = new BarLine(out);
    line = drawn;
    bar =
        new ProgressBarBuilder()
            .setTaskName(label)
            .setInitialMax(total > 0 ? total : -1)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(UPDATE_MILLIS)
            .showSpeed(rate)
            .setConsumer(drawn)
            .build();
  }

  private static DecimalFormatSymbols symbols() {
    return DecimalFormatSymbols.getInstance(Locale.ROOT);
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
  private static final class BarLine extends ConsoleProgressBarConsumer {

    private final PrintStream out;
    private String drawn = "";
    private boolean closed;

    BarLine(PrintStream out) {
      super(out, WIDTH);
      this.out = out;
    }

    @Override
    public synchronized void accept(String text) {
      if (!closed) {
        drawn = text;
        super.accept(text);
      }
    }

    @Override
    public synchronized void close() {
      if (!closed) {
        closed = true;
        super.close();
      }
    }

    /** Wipes the bar away, lets others print, and draws it again below. */
    synchronized void giveWay(Runnable print) {
      out.print("\r" + " ".repeat(WIDTH) + "\r");
      out.flush();
      print.run();
      super.accept(drawn);
    }
  }
}
