package io.ranbiki.run;

import io.ranbiki.config.Words;
import io.ranbiki.evaluate.Finding;
import io.ranbiki.evaluate.Finding.Level;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Carries the first steps of a training out in a process of its own, since a fault of a native
 * library ends the process that meets it.
 *
 * <p>The process has the Java, the flags and the class path of this one, writes no file, and ends
 * with this one, however that ends.
 */
final class StepTrial implements AutoCloseable {

  private static final String CHECK = "training step";
  private static final int LONGEST_SECONDS = 120;
  private static final int POLL_MILLIS = 20;
  private static final int MOST_LINES = 400; // the beginning of a crash report says enough

  /** Flags that are for one process only: ports, agents, files that it writes. */
  private static final List<String> NOT_INHERITED =
      List.of(
          "-agentlib:",
          "-agentpath:",
          "-javaagent:",
          "-Xrunjdwp",
          "-Xlog",
          "-Dcom.sun.management.",
          "-XX:StartFlightRecording",
          "-XX:ArchiveClassesAtExit",
          "-XX:ErrorFile",
          "-XX:OnError",
          "-XX:OnOutOfMemoryError",
          "-XX:+HeapDumpOnOutOfMemoryError");

  /** Of Linux and macOS, which agree on these. */
  private static final Map<Integer, String> SIGNALS =
      Map.of(4, "SIGILL", 6, "SIGABRT", 8, "SIGFPE", 9, "SIGKILL", 11, "SIGSEGV");

  private static final int AFTER_SIGNAL = 128;
  private static final int KILLED = AFTER_SIGNAL + 9;

  /** The signal and the library, as HotSpot's crash report names them. */
  private static final Pattern REPORTED_SIGNAL = Pattern.compile("#\\s+(SIG[A-Z]+) \\(0x.*");

  private static final Pattern REPORTED_LIBRARY = Pattern.compile("# C +\\[([^\\]+]+)\\+0x.*");

  private final Process process;
  private final List<String> said = new ArrayList<>();
  private final Thread reader;

  private StepTrial(Process process) {
    this.process = process;
    reader = daemon("read what a tried step says", this::read);
  }

  /**
   * Tries the steps.
   *
   * @param stop asked again and again: whether to give up
   * @return what was found; empty if it was asked to stop
   */
  static Optional<Finding> of(TriedStep step, BooleanSupplier stop) {
    try (StepTrial trial = start()) {
      return trial.carryOut(step, stop);
    } catch (IOException e) {
      return Optional.of(notTried(String.valueOf(e.getMessage())));
    }
  }

  /** Whether a finding says that a step ends the process: whoever goes on all the same dies. */
  static boolean isFatal(Finding finding) {
    return finding.check().equals(CHECK) && finding.level() == Level.FAULT;
  }

  private static StepTrial start() throws IOException {
    List<String> command = new ArrayList<>();
    if (Files.isExecutable(Path.of("/bin/sh"))) {
      // No memory is dumped into the user's folder, and Ctrl-C is for the process that is waited
      // for.
      command.addAll(
          List.of("/bin/sh", "-c", "ulimit -c 0; trap '' HUP INT TERM; exec \"$0\" \"$@\""));
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> NOT_INHERITED.stream().noneMatch(flag::startsWith))
        .forEach(command::add);
    command.addAll(List.of("-XX:-CreateCoredumpOnCrash", "-XX:+ErrorFileToStdout"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(StepProcess.class.getName());
    return new StepTrial(new ProcessBuilder(command).redirectErrorStream(true).start());
  }

  private Optional<Finding> carryOut(TriedStep step, BooleanSupplier stop) throws IOException {
    daemon("hand over a step", () -> give(step));
    try {
      for (int waited = 0; !process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS); waited++) {
        if (stop.getAsBoolean()) {
          return Optional.empty();
        }
        if (waited > LONGEST_SECONDS * 1000 / POLL_MILLIS) {
          return Optional.of(
              warning(
                  "A step on a batch of %s samples did not end within %d s in a process of its own; the training may stand still.",
                  sizes(step), LONGEST_SECONDS));
        }
      }
      reader.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
    return Optional.of(judge(step, stop));
  }

  private Finding judge(TriedStep step, BooleanSupplier stop) {
    if (process.exitValue() == 0 && said.contains(StepProcess.ENDED)) {
      return new Finding(
          CHECK,
          Level.OK,
          String.format(
              Locale.ROOT,
              "Steps on a batch of %s samples leave a process of its own alive.",
              sizes(step)));
    }
    if (!said.contains(StepProcess.BEGUN)) {
      return notTried(end());
    }
    if (process.exitValue() == KILLED) {
      return warning(
          "A process of its own was ended from outside (SIGKILL) in a step on a batch of %s samples, as the system does when memory runs out; a smaller train.batch needs less.",
          sizes(step));
    }
    return new Finding(
        CHECK,
        Level.FAULT,
        String.format(
            Locale.ROOT,
            "A step on a batch of %s samples with %d thread%s ends the process (%s), as a fault of a native library does; %s.",
            sizes(step),
            step.threads(),
            step.threads() == 1 ? "" : "s",
            end(),
            wayOut(step, stop)));
  }

  /** Something to do that was seen to help. */
  private static String wayOut(TriedStep step, BooleanSupplier stop) {
    boolean helps =
        step.threads() > 1
            && of(step.withThreads(1), stop)
                .filter(finding -> finding.level() == Level.OK)
                .isPresent();
    return helps
        ? "with train.threads=1 it does not"
        : "leave terms of your own out, or take another architecture or width";
  }

  /** How the process ended, in a few words. */
  private String end() {
    int code = process.exitValue();
    String signal =
        code > AFTER_SIGNAL
            ? SIGNALS.getOrDefault(code - AFTER_SIGNAL, "signal " + (code - AFTER_SIGNAL))
            : "exit code " + code;
    Optional<String> reported = reported(REPORTED_SIGNAL);
    String what =
        reported.orElse(signal) + reported(REPORTED_LIBRARY).map(" in "::concat).orElse("");
    return reported.isPresent() ? what : what + lastWords().map(": "::concat).orElse("");
  }

  private Optional<String> reported(Pattern pattern) {
    return said.stream()
        .map(pattern::matcher)
        .filter(Matcher::matches)
        .map(m -> m.group(1))
        .findFirst();
  }

  /** What was said at the end, such as "double free or corruption". */
  private Optional<String> lastWords() {
    return said.subList(said.indexOf(StepProcess.BEGUN) + 1, said.size()).stream()
        .filter(line -> !line.isBlank())
        .reduce((before, line) -> line)
        .map(Words::shorten);
  }

  private static String sizes(TriedStep step) {
    return step.batchSizes().stream()
        .map(String::valueOf)
        .collect(Collectors.joining(" and one of "));
  }

  private static Finding notTried(String why) {
    return warning("A step could not be tried in a process of its own (%s).", why);
  }

  private static Finding warning(String format, Object... values) {
    return new Finding(CHECK, Level.WARNING, String.format(Locale.ROOT, format, values));
  }

  private void give(TriedStep step) {
    try {
      ObjectOutputStream out = new ObjectOutputStream(process.getOutputStream());
      out.writeObject(step);
      out.flush();
    } catch (IOException e) {
      // It ended early; how is judged from its end.
    }
  }

  private void read() {
    try (BufferedReader lines = process.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (said.size() < MOST_LINES || line.equals(StepProcess.ENDED)) {
          said.add(line);
        }
      }
    } catch (IOException e) {
      // It was ended.
    }
  }

  private static Thread daemon(String name, Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
