package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The command in a process of its own, which can be sent signals and killed. */
final class Launched implements AutoCloseable {

  private static final Duration LONGEST = Duration.ofSeconds(120);
  private static final String TESTS = System.getProperty("java.class.path");

  /** The jars that Maven has built by then; empty where folders of classes are tested. */
  private static final Optional<String> JARS =
      Optional.of(
              Stream.of(TESTS.split(File.pathSeparator))
                  .filter(place -> place.endsWith(".jar"))
                  .collect(Collectors.joining(File.pathSeparator)))
          .filter(jars -> jars.contains("ranbiki.jar"));

  private static final String ARCHIVE = "classes.jsa";

  private final Process process;
  private final Path output;

  private Launched(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  /**
   * Starts the command with the classes of this test.
   *
   * @param folder where it runs, and where its output is kept
   */
  static Launched start(Path folder, String... arguments) throws IOException {
    List<String> flags = new ArrayList<>();
    if (Files.exists(folder.resolve(ARCHIVE))) {
      flags.add("-XX:SharedArchiveFile=" + folder.resolve(ARCHIVE));
    }
    return start(folder, flags, arguments);
  }

  private static Launched start(Path folder, List<String> flags, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(flags);
    command.addAll(List.of("-cp", JARS.orElse(TESTS)));
    command.add(Main.class.getName());
    command.addAll(List.of(arguments));
    Path output = Files.createTempFile(folder, "output", ".txt");
    return new Launched(
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start(),
        output);
  }

  /** Runs the command to its end, which must be a good one. */
  static void succeed(Path folder, String... arguments) throws Exception {
    try (Launched launched = start(folder, arguments)) {
      assertThat(launched.exitCode()).as(launched::output).isZero();
    }
  }

  /**
   * Does the same, and lets all that are started in this folder later take their classes from an
   * archive, as those of the launcher do: they start in half of the time.
   */
  static void succeedFirst(Path folder, String... arguments) throws Exception {
    List<String> flags =
        JARS.map(jars -> List.of("-XX:ArchiveClassesAtExit=" + folder.resolve(ARCHIVE)))
            .orElse(List.of());
    try (Launched launched = start(folder, flags, arguments)) {
      assertThat(launched.exitCode()).as(launched::output).isZero();
    }
  }

  /** What it printed so far, to either stream. */
  String output() {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Whether it has a process of its own at the moment. */
  boolean hasAChild() {
    return process.descendants().findAny().isPresent();
  }

  /** Waits until something is so, or the process has ended. */
  void await(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + LONGEST.toNanos();
    while (process.isAlive() && !condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(this::output).isLessThan(deadline);
      Thread.sleep(10);
    }
  }

  /** Sends a signal such as {@code TERM}. */
  void signal(String name) throws Exception {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
    assertThat(kill.waitFor()).as(this::output).isZero();
  }

  /** Whether it was started by something that lets it ignore a signal, as background jobs do. */
  boolean ignores(int signal) throws IOException {
    Path status = Path.of("/proc", Long.toString(process.pid()), "status");
    if (!Files.exists(status)) {
      return false;
    }
    String mask =
        Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .findFirst()
            .orElseThrow()
            .substring("SigIgn:".length())
            .strip();
    return (Long.parseUnsignedLong(mask, 16) >>> (signal - 1) & 1) == 1;
  }

  /** Ends it as a power cut would. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Waits for its end. */
  int exitCode() throws InterruptedException {
    assertThat(process.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS)).as(this::output).isTrue();
    return process.exitValue();
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }
}
