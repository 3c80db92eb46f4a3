package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.run.MetricsLog;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Objectives that do not fit teacher, student or data are refused before anything is trained. */
class ObjectiveRefusalsTest {

  @TempDir static Path shared;
  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeAll
  static void teacher() {
    ModelSpec spec = ModelSpec.of("teacher-cnn", List.of(1, 28, 28), 10);
    List<String> classes = IntStream.range(0, 10).mapToObj(Integer::toString).toList();
    try (Model teacher = Model.create(spec, 1)) {
      ModelFolder.write(
          shared.resolve("teacher"),
          teacher,
          new ModelConfig(spec, Normalization.none(), classes),
          "a teacher for tests");
    }
  }

  private int distill(String term, String... overrides) throws IOException {
    Path config =
        Files.writeString(
            folder.resolve("run.yaml"),
            """
            name: refused
            data: {format: digits, size: 64}
            teacher: {model: "%s"}
            student: {architecture: student-cnn}
            objective:
              - hard-labels: {weight: 0.3}
              - %s
            train: {epochs: 1, batch: 16, threads: 1}
            doctor: false
            latency: false
            """
                .formatted(shared.resolve("teacher"), term));
    String[] arguments = new String[4 + overrides.length];
    arguments[0] = "distill";
    arguments[1] = config.toString();
    System.arraycopy(overrides, 0, arguments, 2, overrides.length);
    arguments[arguments.length - 2] = "--run-dir";
    arguments[arguments.length - 1] = folder.resolve("run").toString();
    return Main.execute(
        Main.commandLine(), new PrintWriter(out, true), new PrintWriter(err, true), arguments);
  }

  private void assertNothingWasTrained() {
    assertThat(folder.resolve("run/metrics.jsonl")).doesNotExist();
    assertThat(folder.resolve("run/model")).doesNotExist();
    assertThat(err.toString()).doesNotContain("epoch 1").doesNotContain("\tat ");
  }

  /**
   * Without the doctor, who would be the first to meet it; BadInputTest has one with the doctor.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hint: {pairs: [{teacher: features.22, student: features.1}]} | The teacher teacher-cnn has no module 'features.22'; the nearest paths are 'features.2', 'features.0', 'features.1'.",
        "hint: {pairs: [{teacher: features.2, student: feature.1}]} | The student student-cnn has no module 'feature.1'; the nearest paths are 'features.1', 'features', 'features.0'.",
        "hint: {pairs: [{teacher: features.2, student: classifier.0}]} | hint compares maps with maps and vectors with vectors, but the teacher layer 'features.2' gives [16, 64, 28, 28] and the student layer 'classifier.0' gives [16, 64]",
        "attention-transfer: {pairs: [{teacher: classifier.1, student: classifier.0}]} | attention-transfer compares maps [batch, channels, height, width], but the teacher layer 'classifier.1' gives [16, 512] and the student layer 'classifier.0' gives [16, 64]; name convolutional layers.",
        "contrastive-representation: {samples: 10, negatives: 4, pairs: [{teacher: classifier.1, student: classifier.0}]} | contrastive-representation has samples 10, but there is a sample",
        "soft-targets: {weight: -0.5} | weight' must be at least 0, but is -0.5.",
        "soft-targets: {temperature: 0} | temperature' must be above 0, but is 0.",
        "hint: {weight: .inf, pairs: [{teacher: features.2, student: features.1}]} | must be a finite number, but is '.inf'",
        "hint: {pairs: [{teacher: features.2}]} | The key 'student' is missing in 'objective.1.hint.pairs.0'",
      })
  void anObjectiveThatDoesNotFit_endsWithCode3BeforeTraining(String term, String message)
      throws IOException {
    assertThat(distill(term)).isEqualTo(3);
    assertThat(err.toString()).startsWith("error: ").contains(message);
    assertNothingWasTrained();
  }

  @Test
  void aFeatureTermWithoutATeacher_isRefused() throws IOException {
    Path config =
        Files.writeString(
            folder.resolve("run.yaml"),
            """
            name: refused
            data: {format: digits, size: 64}
            model: {architecture: student-cnn}
            objective:
              - hint: {pairs: [{teacher: features.2, student: features.1}]}
            """);
    int code =
        Main.execute(
            Main.commandLine(),
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            "train",
            config.toString(),
            "--run-dir",
            folder.resolve("run").toString());
    assertThat(code).isEqualTo(3);
    assertThat(err.toString())
        .isEqualToIgnoringNewLines(
            "error: The objective compares with a teacher, but none was given; give a teacher, or"
                + " use hard-labels alone.");
    assertNothingWasTrained();
  }

  @Test
  void theSameObjectiveWithLayersThatFit_isTrained() throws IOException {
    int code =
        distill(
            "hint: {pairs: [{teacher: features.2, student: features.1}]}",
            "compare.scratch=false",
            "train.log-gradients=2");
    assertThat(err.toString()).doesNotContain("error");
    assertThat(code).isZero();
    assertThat(folder.resolve("run/result.json")).exists();
    List<Map<String, Object>> lines = MetricsLog.read(folder.resolve("run/metrics.jsonl"));
    assertThat(lines).extracting(line -> line.get("type")).containsExactly("step", "step", "epoch");
    assertThat(lines.get(1)).containsEntry("step", 4).containsEntry("stage", "student");
    assertThat(lines.get(1).get("gradient-norms"))
        .asInstanceOf(InstanceOfAssertFactories.MAP)
        .containsOnlyKeys("hard-labels", "hint");
  }
}
