package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.result.Result;
import io.ranbiki.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs with teachers that others wrote. */
class ForeignTeacherIT {

  private static final String DISTILL =
      """
      name: foreign
      latency: false
      doctor: false
      data: {format: digits, size: 96, validation: 0}
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
    return run("foreign", teacher);
  }

  private Result run(String name, String teacher) {
    RunConfig config =
        RunConfigReader.distillation(
            ConfigDocument.parse("a.yaml", DISTILL.formatted(teacher), List.of(), Map.of()));
    RunFolder run = RunFolder.create(folder.resolve("runs").resolve(name));
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
      // to the training samples and to the test set
      assertThat(answers).filteredOn(file -> file.toString().endsWith(".store")).hasSize(2);
    }
  }

  @Test
  void outputAndLayoutOfAnOnnxFile_canBeSaid() {
    Result result = run("{model: " + file("two-outputs.onnx") + ", output: fine, layout: nchw}");
    assertThat(result.models().get(Result.TEACHER).accuracy()).isBetween(0.0, 1.0);
    refused("two-outputs.onnx", "output: coarse")
        .hasMessage(
            "two-outputs.onnx answers with 3 classes, but the data has 10; use a teacher that was"
                + " trained on these classes.");
    refused("dynamic.onnx", "layout: nhwc")
        .hasMessageContaining("read as NHWC, but the data has samples of shape [1, 28, 28]");
    refused("traced.pt", "trusted: true, output: fine")
        .hasMessage(
            "'teacher' gives 'output' or 'layout', which only ONNX files use, but no model is one;"
                + " leave it out.");
  }

  @Test
  void bfloat16OfAnOnnxFile_isRefused() {
    refused("dynamic.onnx", "precision: bfloat16")
        .hasMessage(
            "'teacher' gives precision 'bfloat16', but an ONNX file computes as it was exported;"
                + " take float32, or export the network in the other precision.");
  }

  private AbstractThrowableAssert<?, ? extends Throwable> refused(String model, String options) {
    return assertThatThrownBy(() -> run("refused", "{model: " + file(model) + ", " + options + "}"))
        .isInstanceOf(RanbikiException.class);
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
