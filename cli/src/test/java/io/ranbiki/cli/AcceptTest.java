package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.evaluate.Latency;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.result.Judgement;
import io.ranbiki.run.ResultJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Limits on the command line: what is printed, and how the command ends. */
class AcceptTest {

  @TempDir Path folder;

  @BeforeEach
  void run() throws IOException {
    Files.writeString(folder.resolve("train.csv"), "0.1,a\n0.2,a\n0.8,b\n0.9,b\n");
    Files.writeString(folder.resolve("test.csv"), "0.1,a\n0.2,a\n0.8,b\n0.9,b\n");
    ModelSpec spec = ModelSpec.of("mlp", List.of(1), 2, Map.of("hidden", 8, "layers", 1));
    try (Model teacher = Model.create(spec, 1)) {
      ModelConfig config = new ModelConfig(spec, Normalization.none(), List.of("a", "b"));
      ModelFolder.write(folder.resolve("teacher"), teacher, config, "a teacher");
    }
    Files.writeString(
        folder.resolve("student.yaml"),
        """
        name: judged
        latency: false
        doctor: false
        data: {format: csv, folder: "%s"}
        teacher: {model: "%s"}
        student: {architecture: mlp, hidden: 2, layers: 1}
        objective: [soft-targets]
        compare: {scratch: false, decisions: false}
        train: {epochs: 1, batch: 4, threads: 1}
        """
            .formatted(folder, folder.resolve("teacher")));
  }

  private Typed distilled(String... limits) {
    String[] words = new String[limits.length + 4];
    words[0] = "distill";
    words[1] = folder.resolve("student.yaml").toString();
    words[2] = "--run-dir";
    words[3] = folder.resolve("run").toString();
    System.arraycopy(limits, 0, words, 4, limits.length);
    return Typed.run(words);
  }

  /** Bytes are exact, and four test samples show nothing of an accuracy. */
  @ParameterizedTest
  @CsvSource({
    "accept.bytes=1MB,, 0",
    "accept.accuracy-loss=1, accept.bytes=10, 7",
    "accept.accuracy-loss=1, accept.bytes=1MB, 8"
  })
  void exitCode_isThatOfTheWorstLimit(String one, String other, int code) {
    Typed typed = other == null ? distilled(one) : distilled(one, other);

    assertThat(typed.exitCode()).isEqualTo(code);
    assertThat(folder.resolve("run/result.json")).exists();
    assertThat(folder.resolve("run/model/model.safetensors")).exists();
  }

  @Test
  void limits_arePrintedInWordsBehindTheTable() {
    Typed typed = distilled("accept.accuracy-loss=1.5", "accept.bytes=10");

    assertThat(typed.out())
        .containsPattern(
            "Is the student, seed 1, good enough\\?\\R"
                + "- Cannot be shown with these data: accuracy-loss is .* points \\(95 % interval .*;"
                + " at most 1.50 points is allowed, and about .* test samples would settle it\\.\\R"
                + "- Failed: bytes is [\\d,]+, the size of its ONNX file; at most 10 is allowed\\.");
    assertThat(ResultJson.read(folder.resolve("run/result.json")).acceptance().overall())
        .isEqualTo(Judgement.FAILED);
  }

  @Test
  void finishedRun_isJudgedByOtherLimits() {
    String run = folder.resolve("run").toString();
    assertThat(distilled().exitCode()).isZero();

    Typed failed =
        Typed.run("compare", run, "--accept", "bytes=10", "--accept", "worst-class-loss=50");
    assertThat(failed.exitCode()).isEqualTo(7);
    assertThat(failed.out())
        .contains(
            "Is " + run + ", seed 1, good enough?",
            "- Failed: bytes is ",
            "- Cannot be shown with these data: worst-class-loss needs a class with 20 test samples");
    Typed open = Typed.run("compare", run, "--accept", "accuracy-loss=1", "--json");
    assertThat(open.exitCode()).isEqualTo(8);
    assertThat(open.out()).contains("\"acceptance\" : [", "\"judgement\" : \"open\"");
    assertThat(Typed.run("compare", run, "--accept", "bytes=1MB").exitCode()).isZero();
    assertThat(Typed.run("compare", run, "--accept", "bites=1MB").err())
        .isEqualTo(
            "error: override 'accept.bites=1MB': Unknown key 'bites' in 'accept'; did you mean"
                + " 'bytes'?"
                + System.lineSeparator());
  }

  @Test
  void models_areMeasuredAndHeldAgainstTheFirst() {
    distilled();
    CompareCommand command = new CompareCommand();
    command.protocol =
        new Latency.Protocol(1, Duration.ZERO, 4, Duration.ZERO, Duration.ofSeconds(1));
    StringWriter out = new StringWriter();
    int code =
        new CommandLine(command)
            .setOut(new PrintWriter(out))
            .execute(
                folder.resolve("teacher").toString(),
                folder.resolve("run").toString(),
                "--data",
                folder.resolve("student.yaml").toString(),
                "--latency",
                "--accept",
                "bytes=10");

    assertThat(code).isEqualTo(7);
    String text = out.toString();
    assertThat(text)
        .contains("multiply-adds", "p95 ms", "Times are of a call with its whole batch.")
        .contains("Is " + folder.resolve("run") + " good enough?");
    // Eight hidden values: 1 * 8 + 8 * 2 multiply-adds.
    assertThat(text.lines()).anyMatch(line -> line.matches(".* 24 +8 +.* B"));
    assertThat(text.lines().filter(line -> line.contains("ONNX Runtime")).count())
        .isEqualTo(text.lines().filter(line -> line.contains("libtorch")).count())
        .isGreaterThanOrEqualTo(4);
  }

  @Test
  void latency_hasNoPlaceInCsv() {
    assertThat(Typed.run("compare", "a", "--latency", "--csv").err())
        .isEqualTo(
            "error: --latency gives tables of its own, which --csv has no place for; use --json or"
                + " --markdown."
                + System.lineSeparator());
  }
}
