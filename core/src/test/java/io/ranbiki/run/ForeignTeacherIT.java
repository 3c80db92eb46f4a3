package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.result.Result;
import io.ranbiki.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs with teachers that others wrote. */
class ForeignTeacherIT {

  private static final String DISTILL =
      """
      name: foreign
      doctor: false
      data: {format: digits, size: 96}
      teacher: %s
      student: {architecture: student-cnn}
      objective: [{hard-labels: {weight: 0.5}}, {soft-targets: {weight: 0.5}}]
      train: {epochs: 1, batch: 16, threads: 1}
      """;

  @TempDir Path folder;

  private static String file(String name) {
    return Path.of("src/test/resources/foreign", name).toAbsolutePath().toString();
  }

  private Result run(String teacher) {
    RunConfig config =
        RunConfigReader.distillation(
            ConfigDocument.parse("a.yaml", DISTILL.formatted(teacher), List.of(), Map.of()));
    RunFolder run = RunFolder.create(folder.resolve("runs/foreign"));
    return new Experiment(config, run, List.of("test"), RunListener.NONE, () -> false).run();
  }

  @Test
  void onnxTeacher_teachesThroughStoredAnswers() throws Exception {
    long before = Tensor.live();
    Result result = run("{model: " + file("dynamic.onnx") + "}");
    assertThat(Tensor.live()).isEqualTo(before);
    assertThat(result.models().get(Result.TEACHER).parameters()).isPositive();
    assertThat(result.history().get(0).terms()).containsKey("soft-targets");
    try (var answers = Files.list(folder.resolve("runs/answers"))) {
      assertThat(answers).hasSize(2); // to the training samples and to the test set
    }
  }

  @Test
  void torchScriptTeacher_teachesWhenTrusted() {
    Result result = run("{model: " + file("traced.pt") + ", trusted: true}");
    assertThat(result.models().get(Result.TEACHER).accuracy()).isBetween(0.0, 1.0);
  }

  @Test
  void torchScriptTeacher_isRefusedUntilTrusted() {
    assertThatThrownBy(() -> run("{model: " + file("traced.pt") + "}"))
        .isInstanceOf(RanbikiException.class)
        .hasMessageContaining("trusted");
  }

  @Test
  void severalTeachers_answerAsOne() {
    String both = "[" + file("dynamic.onnx") + ", " + file("scripted.pt") + "]";
    Result result =
        run("{model: " + both + ", trusted: true, weights: [3, 1], combine: probabilities}");
    assertThat(result.models().get(Result.TEACHER).parameters())
        .isGreaterThan(result.models().get(Result.STUDENT).parameters() / 100);
    assertThat(result.history()).hasSize(1);
  }
}
