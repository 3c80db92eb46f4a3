package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Normalization;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code doctor} and {@code label} with a teacher that was never trained. */
class DoctorCommandTest {

  private static final String YAML =
      """
      name: small
      data: {format: digits, size: 300, validation: 0}
      teacher: {model: "%s"}
      student: {architecture: intermediate-cnn, hidden: 8}
      objective: [soft-targets: {weight: 1, temperature: 4}]
      train: {epochs: 1, threads: 1}
      """;

  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void writeFiles() throws IOException {
    Path teacher = folder.resolve("teacher");
    ModelSpec spec = ModelSpec.of("intermediate-cnn", List.of(1, 28, 28), 10, Map.of("hidden", 16));
    try (Model model = Model.create(spec, 1)) {
      ModelConfig config = new ModelConfig(spec, Normalization.none(), List.of());
      ModelFolder.write(teacher, model, config, "");
    }
    Files.writeString(folder.resolve("small.yaml"), YAML.formatted(teacher));
  }

  private int execute(String command) {
    return Main.execute(
        Main.commandLine(),
        new PrintWriter(out, true),
        new PrintWriter(err, true),
        command,
        folder.resolve("small.yaml").toString(),
        "--run-dir",
        folder.resolve("runs/small").toString());
  }

  @Test
  void doctor_showsEveryCheckAndEndsWith3AtAFault() {
    assertThat(execute("doctor")).isEqualTo(3);
    assertThat(out.toString())
        .contains(
            "ok       teacher frozen: The teacher is in evaluation mode, and none of its parameters is trained.")
        .contains("fault    teacher accuracy: The teacher is right on ")
        .contains("ok       stored answers: No answer is there yet.")
        .contains("ok       training step: Steps on a batch of ");
    assertThat(folder.resolve("runs")).doesNotExist();
  }

  @Test
  void distill_endsWith3AtAFaultBeforeItAsksForAnswers() {
    assertThat(execute("distill")).isEqualTo(3);
    assertThat(err.toString())
        .contains("doctor: 12 of 13 checks are well")
        .contains("error: The doctor stops this distillation: The teacher is right on ");
    assertThat(folder.resolve("runs/answers")).doesNotExist();
  }

  @Test
  void label_saysWhereTheAnswersAre() {
    assertThat(execute("label")).isZero();
    assertThat(err.toString())
        .contains("note: Asking the teacher for 300 answers (0 are stored); they take ");
    assertThat(out.toString())
        .contains("300 answers were asked in ")
        .contains(", 0 were there before; ")
        .contains(folder.resolve("runs/answers").toString());
    out.getBuffer().setLength(0);
    assertThat(execute("label")).isZero();
    assertThat(out.toString()).startsWith("0 answers were asked in ");
  }
}
