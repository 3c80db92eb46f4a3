package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What signals and kills do to a run that is a process of its own. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "Windows has no signals")
class InterruptionIT {

  private static final String SMALL =
      """
      name: small
      latency: false
      seed: 7
      data: {format: digits, size: 1500, validation: 0.2, augment: [{crop: {padding: 2}}]}
      model: {architecture: student-cnn}
      train: {epochs: 4, batch: 4, threads: 1, schedule: {cosine: {}}}
      """;

  /** A step that takes seconds, so that a second signal comes before its end. */
  private static final String SLOW =
      """
      name: slow
      latency: false
      data: {format: digits, size: 2000}
      model: {architecture: teacher-cnn}
      train: {epochs: 1, batch: 2000, threads: 1}
      """;

  private static final String TEACHER =
      """
      name: teacher
      latency: false
      data: {format: digits, size: 32}
      model: {architecture: teacher-cnn}
      train: {epochs: 1, batch: 32, threads: 1}
      """;

  /** Answers that take their time. */
  private static final String MANY_ANSWERS =
      """
      name: many
      latency: false
      data: {format: digits, size: 3000, validation: 0}
      doctor: false
      teacher: {model: teacher/model}
      student: {architecture: student-cnn}
      objective: [{soft-targets: {temperature: 4}}]
      train: {epochs: 1, batch: 64, threads: 1}
      compare: {scratch: false, decisions: false}
      """;

  @TempDir static Path folder;
  private static byte[] straight;

  @BeforeAll
  static void trainWithoutInterruption() throws Exception {
    Files.writeString(folder.resolve("small.yaml"), SMALL);
    Files.writeString(folder.resolve("slow.yaml"), SLOW);
    Launched.succeedFirst(folder, "train", "small.yaml", "--run-dir", "straight");
    straight = weights("straight");
  }

  private static byte[] weights(String run) throws Exception {
    return Files.readAllBytes(folder.resolve(run).resolve("model/model.safetensors"));
  }

  private static Launched train(String config, String run) throws Exception {
    Launched launched = Launched.start(folder, "train", config, "--run-dir", run);
    launched.await(() -> Files.exists(folder.resolve(run).resolve("metrics.jsonl")));
    return launched;
  }

  private static long checkpoints(String run) throws Exception {
    Path saved = folder.resolve(run).resolve("checkpoints");
    if (!Files.exists(saved)) {
      return 0;
    }
    try (Stream<Path> files = Files.walk(saved)) {
      return files.filter(file -> file.toString().endsWith(".safetensors")).count();
    }
  }

  @ParameterizedTest
  @CsvSource({"TERM, 15, 143", "INT, 2, 130"})
  void signal_savesACheckpointAndSaysHowToGoOn(String name, int number, int exitCode)
      throws Exception {
    String run = "signal-" + name;
    try (Launched training = train("small.yaml", run)) {
      assumeFalse(training.ignores(number), "whoever started this test ignores the signal");
      Thread.sleep(200);
      training.signal(name);

      assertThat(training.exitCode()).as(training::output).isEqualTo(exitCode);
      assertThat(training.output())
          .containsPattern(
              "Interrupted at step \\d+; a checkpoint was saved\\."
                  + " Go on with: ranbiki resume "
                  + run
                  + "\n$");
      assertThat(checkpoints(run)).isPositive();
      assertThat(folder.resolve(run).resolve("result.json")).doesNotExist();
    }
    Launched.succeed(folder, "resume", run);
    assertThat(weights(run)).isEqualTo(straight);
    assertThat(epochs(run)).isEqualTo(epochs("straight"));
  }

  /** The epochs of a run's log, without the figures of time. */
  private static String epochs(String run) throws Exception {
    return Files.readString(folder.resolve(run).resolve("metrics.jsonl"))
        .replaceAll("\"(seconds|samples-per-second)\":[^,}]*", "");
  }

  @Test
  void secondSignal_quitsAtOnce() throws Exception {
    try (Launched training = train("slow.yaml", "impatient")) {
      training.signal("TERM");
      Thread.sleep(300);
      assertThat(training.isAlive()).as(training::output).isTrue();
      training.signal("TERM");

      assertThat(training.exitCode()).as(training::output).isEqualTo(143);
      assertThat(training.output()).endsWith("interrupted.\n").doesNotContain("was saved");
      assertThat(checkpoints("impatient")).isZero();
    }
  }

  /**
   * No work is saved there; libraries load, or a step is tried in a process of its own, which is
   * waited for: how soon it begins, and the doctor ends, differs from machine to machine.
   */
  @ParameterizedTest
  @CsvSource({
    "HUP, 1, 129, false, 400",
    "INT, 2, 130, false, 700",
    "TERM, 15, 143, true, 0",
    "TERM, 15, 143, true, 300"
  })
  void signalToTheDoctor_endsItWithOneLine(
      String name, int number, int exitCode, boolean whileItTriesAStep, long after)
      throws Exception {
    Files.copy(
        Path.of("../core/src/test/resources/foreign/dynamic.onnx"),
        folder.resolve("teacher.onnx"),
        StandardCopyOption.REPLACE_EXISTING);
    Files.writeString(
        folder.resolve("doctor.yaml"), MANY_ANSWERS.replace("teacher/model", "teacher.onnx"));
    try (Launched doctor = Launched.start(folder, "doctor", "doctor.yaml")) {
      assumeFalse(doctor.ignores(number), "whoever started this test ignores the signal");
      if (whileItTriesAStep) {
        doctor.await(doctor::hasAChild);
      }
      Thread.sleep(after);
      doctor.signal(name);
      assertThat(doctor.exitCode()).as(doctor::output).isEqualTo(exitCode);
      assertThat(doctor.output()).matches("(interrupted\\.\n)?"); // nothing before Java started
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .noneMatch(file -> file.startsWith("hs_err"));
    }
  }

  @Test
  void signalWhileTheTeacherAnswers_keepsItsAnswers() throws Exception {
    Files.writeString(folder.resolve("teacher.yaml"), TEACHER);
    Files.writeString(folder.resolve("many.yaml"), MANY_ANSWERS);
    Launched.succeed(folder, "train", "teacher.yaml", "--run-dir", "teacher");
    try (Launched distilling =
        Launched.start(folder, "distill", "many.yaml", "--run-dir", "labelling/run")) {
      distilling.await(() -> someAnswersAreWritten(distilling.output()));
      distilling.signal("TERM");

      assertThat(distilling.exitCode()).as(distilling::output).isEqualTo(143);
      assertThat(distilling.output())
          .containsPattern(
              "Labelling was interrupted after \\d+ of 3000 answers, which are kept\\. Asked again,"
                  + " it goes on from there\\. Go on with: ranbiki resume labelling/run\n$");
    }
    try (Launched resumed = Launched.start(folder, "resume", "labelling/run")) {
      assertThat(resumed.exitCode()).as(resumed::output).isZero();
      assertThat(resumed.output())
          .containsPattern("Asking the teacher for .* answers \\([1-9][0-9,]* are");
    }
  }

  /** Whether a block of 1,024 answers, of 53 kB, is whole in the store that the note names. */
  private static boolean someAnswersAreWritten(String said) {
    Matcher store =
        Pattern.compile("Asking the teacher for 3,000 answers .* in (.*\\.store)\\.").matcher(said);
    if (!store.find()) {
      return false;
    }
    try (Stream<Path> files = Files.list(Path.of(store.group(1)))) {
      return files.anyMatch(file -> file.toFile().length() > 65_000);
    } catch (IOException | UncheckedIOException e) {
      return false; // it comes into being just now
    }
  }

  @Test
  void signalWhileSamplesArePacked_leavesNothing() throws Exception {
    Path data = Files.createDirectories(folder.resolve("rows"));
    Files.writeString(data.resolve("train.csv"), "0.25,0.5,a\n0.75,0.125,b\n".repeat(4_000_000));
    Files.writeString(data.resolve("test.csv"), "1,2,a\n");
    Files.writeString(
        folder.resolve("rows.yaml"),
        "{name: rows, data: {format: csv, folder: rows}, model: {architecture: mlp}}");
    try (Launched packing = Launched.start(folder, "pack", "rows.yaml")) {
      packing.await(() -> Files.exists(folder.resolve("packs")));
      packing.signal("TERM");

      assertThat(packing.exitCode()).as(packing::output).isEqualTo(143);
      assertThat(packing.output())
          .endsWith("interrupted; no pack was made, and nothing is left of it.\n");
      assertThat(folder.resolve("packs")).isEmptyDirectory();
    }
  }

  @ParameterizedTest
  @CsvSource({"1", "2"})
  void killedAtTwoRandomInstants_resumesToTheSameBits(long seed) throws Exception {
    String run = "killed-" + seed;
    Random random = new Random(seed);
    try (Launched training = train("small.yaml", run)) {
      Thread.sleep(random.nextInt(900));
      training.kill();
    }
    try (Launched resumed = Launched.start(folder, "resume", run)) {
      Thread.sleep(500 + random.nextInt(1_500));
      resumed.kill();
    }
    Launched.succeed(folder, "resume", run);
    assertThat(weights(run)).isEqualTo(straight);
    assertThat(epochs(run)).isEqualTo(epochs("straight"));
  }
}
