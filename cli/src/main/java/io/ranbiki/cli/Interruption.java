package io.ranbiki.cli;

import io.ranbiki.tensor.Engine;
import java.io.PrintStream;
import java.util.Map;
import org.jline.utils.Signals;

/**
 * What Ctrl-C and its like do. Work that can save asks {@link #asked}; where there is none, and at
 * a second signal, the process ends at once, with a line and the signal's exit code. The virtual
 * machine must not end it in its own way: it would run the destructors of libtorch while threads
 * compute, and libraries that load meanwhile fail.
 */
final class Interruption {

  private static final Map<String, Integer> SIGNALS = Map.of("HUP", 129, "INT", 130, "TERM", 143);
  private static final long LONGEST_SAVE_MILLISECONDS = 60_000;
  private static final long LONGEST_PRINT_MILLISECONDS = 1_000;

  private static int exitCode;
  private static boolean saving;
  private static boolean said;

  private Interruption() {}

  /** From here on signals are handled so; those that the caller of the process ignores stay so. */
  static void listen() {
    SIGNALS.forEach((name, code) -> Signals.register(name, () -> received(code)));
  }

  /** Whether a signal came. */
  static synchronized boolean asked() {
    return exitCode != 0;
  }

  /** Whether to say how it ended; true once, so that one line is printed. */
  static synchronized boolean mayBeSaid() {
    boolean first = !said;
    said = true;
    return first;
  }

  /** Work that will stop soon after a signal and save what it has; it says where it stopped. */
  static synchronized Saving saving() {
    saving = true;
    return Interruption::saved;
  }

  /** Until this is closed, the first signal only asks to stop. */
  interface Saving extends AutoCloseable {
    @Override
    void close();
  }

  private static synchronized void saved() {
    saving = false;
  }

  /** Ends the process if a signal asked for it. */
  static void endIfAsked() {
    if (asked()) {
      Engine.exitNow(exitCode);
    }
  }

  private static void received(int code) {
    if (!waitForSaving(code)) {
      end("interrupted.", code);
    }
    try {
      Thread.sleep(LONGEST_SAVE_MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    end("interrupted; nothing could be saved within a minute.", code);
  }

  private static synchronized boolean waitForSaving(int code) {
    boolean first = exitCode == 0;
    exitCode = code;
    return first && saving;
  }

  private static void end(String line, int code) {
    if (!mayBeSaid()) {
      Engine.exitNow(code);
    }
    Thread printing = new Thread(() -> print(line, System.err), "say that it was interrupted");
    printing.setDaemon(true);
    printing.start();
    try {
      printing.join(
          LONGEST_PRINT_MILLISECONDS); // a full pipe that nobody reads must not hold it up
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Engine.exitNow(code);
  }

  private static void print(String line, PrintStream err) {
    err.println(line);
    err.flush();
  }
}
