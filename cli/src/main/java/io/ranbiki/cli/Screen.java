package io.ranbiki.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether a person watches an output of this process, and how wide their screen is. */
final class Screen {

  /** Of a screen that does not say. */
  static final int USUAL_WIDTH = 80;

  /** Below this a width is taken for a mistake. */
  private static final int LEAST_WIDTH = 20;

  /** Of a mode of stat(2). */
  private static final int FILE_TYPE = 0170000;

  private static final int CHARACTER_DEVICE = 0020000;
  private static final int PIPE = 0010000;

  private static final Pattern SIZE = Pattern.compile("\\d+ (\\d+)\\s*");
  private static final int PATIENCE_SECONDS = 2;

  private final Path device;

  private Screen(String device) {
    this.device = Path.of(device);
  }

  /** Of standard output. */
  static Screen output() {
    return new Screen("/dev/fd/1");
  }

  /** Of standard error. */
  static Screen errors() {
    return new Screen("/dev/fd/2");
  }

  /** Whether the output goes to another program. */
  boolean isPipe() {
    return fileType() == PIPE;
  }

  /**
   * Columns of the screen; empty if the output goes to a file, a pipe, or a screen that cannot go
   * back on a line. What {@code COLUMNS} says counts more than what the screen says.
   */
  OptionalInt columns() {
    if ("dumb".equals(System.getenv("TERM"))) {
      return OptionalInt.empty();
    }
    if (File.separatorChar == '\\') {
      return isConsole() ? OptionalInt.of(told(USUAL_WIDTH)) : OptionalInt.empty();
    }
    if (fileType() != CHARACTER_DEVICE) {
      return OptionalInt.empty(); // most of the time, and it costs no process
    }
    try {
      Process stty = new ProcessBuilder("stty", "size").redirectInput(device.toFile()).start();
      String size = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      Matcher matcher = SIZE.matcher(size);
      return stty.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) && matcher.matches()
          ? OptionalInt.of(told(Integer.parseInt(matcher.group(1))))
          : OptionalInt.empty();
    } catch (IOException | NumberFormatException e) {
      return OptionalInt.empty(); // no terminal, or none that can be asked
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return OptionalInt.empty();
    }
  }

  /** Java 17 has a console only on a terminal; from 22 on it has one always, and says which. */
  private static boolean isConsole() {
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

  private static int told(int columns) {
    String told = System.getenv("COLUMNS");
    if (told != null && told.matches("\\d{1,4}") && Integer.parseInt(told) >= LEAST_WIDTH) {
      return Integer.parseInt(told);
    }
    return columns >= LEAST_WIDTH ? columns : USUAL_WIDTH;
  }

  private int fileType() {
    try {
      return (int) Files.getAttribute(device, "unix:mode") & FILE_TYPE;
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      return 0; // no Unix
    }
  }
}
