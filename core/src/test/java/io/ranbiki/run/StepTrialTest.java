package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.config.ConfigDocument;
import io.ranbiki.evaluate.Finding;
import io.ranbiki.evaluate.Finding.Level;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A training step in a process of its own, which a term of the test's own ends. */
class StepTrialTest {

  private static final String YAML =
      """
      name: small
      data: {format: digits, size: 100}
      model: {architecture: student-cnn}
      objective:
        - hard-labels: {weight: 1}
        - deadly: {end: %s}
      train: {epochs: 2, batch: 64, threads: %d}
      """;

  private static Optional<Finding> tried(String end, int threads, BooleanSupplier stop) {
    RunConfig config =
        RunConfigReader.training(
            ConfigDocument.parse("small.yaml", YAML.formatted(end, threads), List.of(), Map.of()));
    try (RunData data = RunData.open(config)) {
      var loader = data.trainLoader(data.split(1), config.train().batch(), 1);
      return StepTrial.of(TriedStep.of(config, data, loader, null, false), stop);
    }
  }

  @Test
  void stepThatEndsWell_isWell() {
    assertThat(tried("never", 2, () -> false))
        .contains(
            new Finding(
                "training step",
                Level.OK,
                "Steps on a batch of 64 and one of 36 samples leave a process of its own alive."));
  }

  @Test
  void refusalInTheStep_isLeftToTheRun() {
    assertThat(tried("refusal", 1, () -> false).orElseThrow().level()).isEqualTo(Level.OK);
  }

  @Test
  void stepThatEndsTheProcessAtTheLastBatch_isAFaultWithItsExitCode() {
    assertThat(tried("exit-at-last", 1, () -> false))
        .contains(
            new Finding(
                "training step",
                Level.FAULT,
                "A step on a batch of 64 and one of 36 samples with 1 thread ends the process (exit code 7),"
                    + " as a fault of a native library does; leave terms of your own out, or take"
                    + " another architecture or width."));
  }

  @Test
  void segmentationFault_isNamedWithWhatHelpsAndLeavesNoFile() throws IOException {
    List<Path> before = files();
    Finding finding = tried("segmentation-fault-on-two-threads", 2, () -> false).orElseThrow();
    assertThat(finding.level()).isEqualTo(Level.FAULT);
    assertThat(finding.sentence())
        .matches(
            "A step on a batch of 64 and one of 36 samples with 2 threads ends the process"
                + " \\(SIGSEGV( in \\S+)?\\), as a fault of a native library does;"
                + " with train.threads=1 it does not\\.");
    assertThat(files()).isEqualTo(before);
  }

  private static List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(""))) {
      return files.sorted().toList();
    }
  }

  @Test
  void stop_endsTheProcess() throws Exception {
    Set<Long> before =
        ProcessHandle.current().children().map(ProcessHandle::pid).collect(Collectors.toSet());
    assertThat(tried("never", 1, () -> true)).isEmpty();
    List<ProcessHandle> started =
        ProcessHandle.current().children().filter(p -> !before.contains(p.pid())).toList();
    for (ProcessHandle process : started) {
      process.onExit().get(10, TimeUnit.SECONDS);
    }
  }
}
