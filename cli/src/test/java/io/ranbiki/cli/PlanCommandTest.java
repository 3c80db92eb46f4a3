package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.run.ProgressiveStrategy;
import io.ranbiki.run.RunConfigReader;
import io.ranbiki.run.StrategyConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanCommandTest {

  private static final String YAML =
      """
      name: planned
      data: {format: digits, size: 64}
      teacher: {model: "%s"}
      student: {architecture: intermediate-cnn, hidden: 32}
      objective: [soft-targets]
      """;

  @TempDir Path folder;

  private Path config;

  @BeforeEach
  void configuration() throws IOException {
    ModelSpec spec =
        ModelSpec.of("intermediate-cnn", List.of(1, 28, 28), 10, Map.of("hidden", 256));
    try (Model model = Model.create(spec, 1)) {
      ModelConfig described = new ModelConfig(spec, Normalization.none(), List.of());
      ModelFolder.write(folder.resolve("teacher"), model, described, "a model for tests");
    }
    config =
        Files.writeString(folder.resolve("run.yaml"), YAML.formatted(folder.resolve("teacher")));
  }

  private Typed plan(String... options) {
    String[] arguments = new String[2 + options.length];
    arguments[0] = "plan";
    arguments[1] = config.toString();
    System.arraycopy(options, 0, arguments, 2, options.length);
    return Typed.run(arguments);
  }

  private Typed planned(String... options) {
    Typed typed = plan(options);
    assertThat(typed.exitCode()).as(typed.err()).isZero();
    assertThat(typed.err()).isEmpty();
    return typed;
  }

  @Test
  void assistants_divideTheWayIntoEqualRatios() {
    assertThat(planned().out().replace(System.lineSeparator(), "\n"))
        .isEqualTo(
            """
            role       architecture                         parameters   to the one above
            teacher    intermediate-cnn(hidden=256)          1,682,954                  -
            assistant  intermediate-cnn(hidden=128)            421,642           1 : 3.99
            assistant  intermediate-cnn(hidden=64)             105,866           1 : 3.98
            student    intermediate-cnn(hidden=32)              26,698           1 : 3.97

            To paste into the configuration:

            strategy:
              progressive:
                assistants:
                  - {architecture: intermediate-cnn, hidden: 128}
                  - {architecture: intermediate-cnn, hidden: 64}

            Next: ranbiki doctor %s
            """
                .formatted(config));
  }

  @Test
  void whatIsToBePasted_canBePasted() throws IOException {
    String out = planned("--assistants", "3").out();
    Files.writeString(
        config,
        Files.readString(config) + out.substring(out.indexOf("strategy:"), out.indexOf("Next:")));
    StrategyConfig strategy =
        RunConfigReader.distillation(ConfigDocument.read(config, List.of(), Map.of())).strategy();
    assertThat(((ProgressiveStrategy) strategy).assistants()).hasSize(3);
  }

  @Test
  void aStrategyThatWaitsForAPlan_isNoMistake() throws IOException {
    Files.writeString(config, Files.readString(config) + "strategy: {progressive: {}}\n");
    assertThat(planned().out()).contains("hidden=128");
  }

  @Test
  void overrides_changeTeacherAndStudent() {
    assertThat(planned("student.hidden=16", "--assistants", "1").out())
        .contains("student    intermediate-cnn(hidden=16) ");
  }

  @Test
  void teachersOfOtherSoftware_arePlannedForByWhatTheirFilesSay() {
    String small = "student.hidden=4";
    assertThat(planned("teacher.model=" + ForeignFiles.of("dynamic.onnx"), small).out())
        .contains("teacher    ONNX                                      3,510 ");
    assertThat(
            planned("teacher.model=" + ForeignFiles.of("traced.pt"), "teacher.trusted=true", small)
                .out())
        .contains("teacher    TorchScript                               3,518 ");
  }

  @Test
  void aTeacherThatDoesNotSayItsSize_isAskedFor() {
    String frozen = "teacher.model=" + ForeignFiles.of("frozen.pt");
    Typed refused = plan(frozen, "teacher.trusted=true");
    assertThat(refused.err())
        .isEqualTo(
            "error: The files of teacher "
                + ForeignFiles.of("frozen.pt")
                + " do not say how many parameters it has; give their number with"
                + " --teacher-parameters."
                + System.lineSeparator());
    assertThat(refused.exitCode()).isEqualTo(3);
    assertThat(planned(frozen, "teacher.trusted=true", "--teacher-parameters", "1682954").out())
        .contains("hidden=128");
  }

  @Test
  void fewerAssistantsThanAskedFor_areSaidSo() {
    assertThat(planned("student.hidden=248", "--assistants", "9").out())
        .contains("Only 1 of 9 assistants differ from each other, the teacher and the student.");
  }

  @Test
  void whatCannotBePlanned_isRefused() {
    Typed none = plan("--assistants", "0");
    assertThat(none.exitCode()).isEqualTo(2);
    assertThat(none.err()).startsWith("error: --assistants is 0, but must be 1 or more.");

    Typed upward = plan("student={architecture: teacher-cnn}");
    assertThat(upward.exitCode()).isEqualTo(3);
    assertThat(upward.err())
        .isEqualTo(
            "error: The teacher has 1,682,954 parameters and the student 3,604,682; there is no"
                + " room for assistants between them."
                + System.lineSeparator());

    Typed alone = plan("teacher=null", "strategy={self: {}}");
    assertThat(alone.exitCode()).isEqualTo(3);
    assertThat(alone.err()).contains("'teacher'");
  }
}
