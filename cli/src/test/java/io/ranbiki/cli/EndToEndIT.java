package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The way of a user: train a teacher, distil a student, compare, inspect. */
class EndToEndIT {

  private static final String TRAIN =
      """
      name: teacher
      latency: false
      seed: 3
      data: {format: digits, size: 1200, validation: 0.1}
      model: {architecture: intermediate-cnn, hidden: 32}
      train: {epochs: 2, batch: 8, threads: 1}
      """;

  private static final String DISTILL =
      """
      name: student
      latency: false
      seed: [1, 2]
      data:
        format: digits
        size: 300
        labelled: 60
        augment: [{crop: {padding: 2}}, {noise: {std: 0.05}}]
        views: 2
      teacher: {model: %s}
      student: {architecture: student-cnn}
      objective:
        - hard-labels: {weight: 0.3}
        - soft-targets: {weight: 0.7, temperature: 4}
      train:
        epochs: 3
        batch: 32
        threads: 1
        optimizer: {adamw: {learning-rate: 0.002}}
        schedule: {cosine: {}}
        clip-norm: 5
      """;

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path folder;
  private static Path teacher;
  private static Path student;
  private static Typed trained;
  private static Typed distilled;

  @BeforeAll
  static void trainAndDistil() throws IOException {
    teacher = folder.resolve("runs/teacher");
    student = folder.resolve("runs/student");
    Path train = Files.writeString(folder.resolve("train.yaml"), TRAIN);
    Path distill =
        Files.writeString(
            folder.resolve("distill.yaml"), DISTILL.formatted(teacher.resolve("model")));
    trained = succeed("train", train.toString(), "--run-dir", teacher.toString());
    distilled = succeed("distill", distill.toString(), "--run-dir", student.toString());
  }

  private static Typed succeed(String... arguments) {
    Typed typed = Typed.run(arguments);
    assertThat(typed.exitCode()).as(typed.err()).isZero();
    return typed;
  }

  private static JsonNode result(Path run) throws IOException {
    return JSON.readTree(run.resolve("result.json").toFile());
  }

  private static List<JsonNode> metrics(Path run) throws IOException {
    try (Stream<String> lines = Files.lines(run.resolve("metrics.jsonl"))) {
      return lines.map(EndToEndIT::json).toList();
    }
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void training_printsATableAndLeavesAWholeRunFolder() throws IOException {
    assertThat(trained.out())
        .contains("accuracy", "parameters", "ms")
        .contains("Everything about this run is in " + teacher + System.lineSeparator())
        .contains("Its report, for any browser: " + teacher.resolve("report.html"))
        .endsWith(
            "Next: ranbiki distill STUDENT.yaml teacher.model="
                + teacher.resolve("model")
                + System.lineSeparator());
    assertThat(trained.err()).contains("epoch 1:", "epoch 2:", "validation");
    for (String file :
        List.of(
            "config.yaml",
            "environment.json",
            "metrics.jsonl",
            "checkpoints",
            "model/config.json",
            "model/model.safetensors",
            "model/README.md",
            "result.json")) {
      assertThat(teacher.resolve(file)).exists();
    }
    try (Stream<Path> files = Files.walk(teacher)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.matches(".*(tmp|saving|writable).*"));
    }
  }

  @Test
  void result_holdsWhatWasFound() throws IOException {
    JsonNode result = result(student);
    assertThat(result.get("schema").asInt()).isEqualTo(2);
    assertThat(result.get("command").asText()).isEqualTo("distill");
    assertThat(result.get("models").fieldNames())
        .toIterable()
        .containsExactly("teacher", "scratch", "decisions", "student");
    result
        .get("models")
        .forEach(model -> assertThat(model.get("accuracy").asDouble()).isBetween(0.0, 1.0));
    JsonNode small = result.get("models").get("student");
    assertThat(small.get("parameters").asLong()).isEqualTo(105_866);
    assertThat(small.get("bytes").asLong()).isEqualTo(423_464);
    double retention =
        small.get("accuracy").asDouble()
            / result.get("models").get("teacher").get("accuracy").asDouble();
    assertThat(result.get("retention").asDouble()).isEqualTo(retention);
    assertThat(result.get("history")).hasSize(3);
    JsonNode accuracies = result.get("seeds").get("accuracy").get("student");
    assertThat(accuracies.get("values")).hasSize(2);
    assertThat(accuracies.get("low").asDouble())
        .isLessThanOrEqualTo(accuracies.get("mean").asDouble());
  }

  @Test
  void metrics_haveALineForEveryEpochOfEveryStage() throws IOException {
    assertThat(metrics(teacher))
        .extracting(line -> line.get("epoch").asInt())
        .containsExactly(1, 2);
    assertThat(metrics(teacher))
        .allSatisfy(
            line -> assertThat(line.get("validation-accuracy").asDouble()).isBetween(0.0, 1.0));
    assertThat(metrics(student))
        .extracting(
            line ->
                line.get("stage").asText()
                    + " "
                    + line.get("seed").asInt()
                    + " "
                    + line.get("epoch").asInt())
        .containsExactly(
            "scratch 1 1",
            "scratch 1 2",
            "scratch 1 3",
            "decisions 1 1",
            "decisions 1 2",
            "decisions 1 3",
            "student 1 1",
            "student 1 2",
            "student 1 3",
            "scratch 2 1",
            "scratch 2 2",
            "scratch 2 3",
            "decisions 2 1",
            "decisions 2 2",
            "decisions 2 3",
            "student 2 1",
            "student 2 2",
            "student 2 3");
    assertThat(metrics(student).get(6).get("terms").fieldNames())
        .toIterable()
        .containsExactly("hard-labels", "soft-targets");
  }

  @Test
  void environment_namesDataTeacherAndVersions() throws IOException {
    JsonNode environment = JSON.readTree(student.resolve("environment.json").toFile());
    assertThat(environment.get("hashes").get("data").asText()).hasSize(64);
    assertThat(environment.get("hashes").get("teacher").asText()).hasSize(64);
    assertThat(environment.get("threads").asInt()).isEqualTo(1);
    assertThat(environment.get("command").get(1).asText()).isEqualTo("distill");
    assertThat(environment.get("java").asText()).startsWith(System.getProperty("java.version"));
  }

  @Test
  void resolvedConfiguration_givesTheSameRunBitForBit() throws IOException {
    repeat("train", teacher);
    repeat("distill", student);
  }

  private static void repeat(String verb, Path run) throws IOException {
    Path again = folder.resolve("again").resolve(verb);
    succeed(verb, run.resolve("config.yaml").toString(), "--run-dir", again.toString());
    assertThat(again.resolve("model/model.safetensors"))
        .hasSameBinaryContentAs(run.resolve("model/model.safetensors"));
    assertThat(again.resolve("config.yaml")).hasSameTextualContentAs(run.resolve("config.yaml"));
    assertThat(result(again).get("seeds")).isEqualTo(result(run).get("seeds"));
    assertThat(result(again).get("models").get("student").get("accuracy"))
        .isEqualTo(result(run).get("models").get("student").get("accuracy"));
  }

  @Test
  void storedAndLiveTeacher_giveTheSameStudent() throws IOException {
    Path live = folder.resolve("live/run");
    succeed(
        "distill",
        student.resolve("config.yaml").toString(),
        "--run-dir",
        live.toString(),
        "teacher.answers=live",
        "seed=1",
        "doctor=false",
        "compare.scratch=false");
    assertThat(result(live).get("models").get("student").get("accuracy").asDouble())
        .isCloseTo(
            result(student).get("models").get("student").get("accuracy").asDouble(),
            org.assertj.core.api.Assertions.within(0.005));
  }

  @Test
  void verdict_saysInWordsWhatTheSeedsShow() {
    assertThat(distilled.out()).contains("labels alone", "distilled");
    assertThat(distilled.out())
        .containsPattern(
            "\n[+-]\\d+\\.\\d\\d points against labels alone \\(95 % interval over 2 seeds .*\\);"
                + " fewer than 5 seeds, so no verdict\\.\n")
        .containsPattern("more answered samples +[+-]\\d+\\.\\d\\d points")
        .containsPattern("what is soft +[+-]\\d+\\.\\d\\d points");
  }

  @Test
  void compare_measuresWhatTheRunFound() throws IOException {
    Typed compared =
        succeed(
            "compare",
            teacher.toString(),
            student.toString(),
            "--data",
            student.resolve("config.yaml").toString());
    double accuracy = result(student).get("models").get("student").get("accuracy").asDouble();
    String row =
        compared
            .out()
            .lines()
            .dropWhile(line -> !line.equals(student.toString()))
            .skip(1)
            .findFirst()
            .orElseThrow();
    assertThat(row).contains(String.format(java.util.Locale.ROOT, "%.2f %%", 100 * accuracy));
    Typed evaluated =
        succeed(
            "evaluate", student.toString(), "--data", student.resolve("config.yaml").toString());
    assertThat(evaluated.out())
        .contains(String.format(java.util.Locale.ROOT, "%.2f %%", 100 * accuracy));
  }

  @Test
  void inspect_showsRunsFoldersAndFiles() {
    assertThat(succeed("inspect", student.toString()).out())
        .contains("run folder " + student, "distilled", "architecture  student-cnn");
    assertThat(succeed("inspect", student.resolve("model").toString()).out())
        .contains("105,866 in 423 kB", "features.1", "classifier.2")
        .contains("classes       10 [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]");
    assertThat(succeed("inspect", student.resolve("model/model.safetensors").toString()).out())
        .containsPattern("features\\.0\\.weight +F32 +\\[16, 1, 3, 3]");
  }

  @Test
  void resumingAFinishedRun_keepsItsModelAndHistory() throws IOException {
    Path run = folder.resolve("finished");
    succeed("train", teacher.resolve("config.yaml").toString(), "--run-dir", run.toString());
    byte[] weights = Files.readAllBytes(run.resolve("model/model.safetensors"));
    JsonNode history = result(run).get("history");
    succeed("resume", run.toString());
    assertThat(run.resolve("model/model.safetensors")).hasBinaryContent(weights);
    assertThat(result(run).get("history")).isEqualTo(history);
  }
}
