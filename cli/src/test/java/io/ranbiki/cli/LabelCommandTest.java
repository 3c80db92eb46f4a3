package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Normalization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers leave into a file, teach from there, and those that are missing are listed. */
class LabelCommandTest {

  private static final int ROWS = 40;
  private static final int OF_TEST = 12;

  private static final String YAML =
      """
      name: rows
      latency: false
      doctor: false
      data: {format: csv, train: "%1$s/train.csv", test: "%1$s/test.csv", key: id, label: kind, validation: 0}
      teacher: {model: "%1$s/teacher"}
      student: {architecture: mlp, hidden: 4, layers: 1}
      objective: [{hard-labels: {weight: 0.5}}, {soft-targets: {weight: 0.5, temperature: 2}}]
      compare: {scratch: false, decisions: false}
      train: {epochs: 2, batch: 8, threads: 1}
      """;

  @TempDir Path folder;
  private Path config;

  @BeforeEach
  void write() throws IOException {
    Random random = new Random(1);
    for (String part : List.of("train", "test")) {
      StringBuilder text = new StringBuilder("id,x,y,kind\n");
      for (int i = 0; i < (part.equals("train") ? ROWS : OF_TEST); i++) {
        text.append(part.charAt(1)).append(i).append(",").append(random.nextFloat()).append(",");
        text.append(random.nextFloat()).append(i % 2 == 0 ? ",p\n" : ",q\n");
      }
      Files.writeString(folder.resolve(part + ".csv"), text);
    }
    ModelSpec spec = ModelSpec.of("mlp", List.of(2), 2, Map.of("hidden", 6, "layers", 1));
    try (Model model = Model.create(spec, 1)) {
      ModelConfig teacher = new ModelConfig(spec, Normalization.none(), List.of("p", "q"));
      ModelFolder.write(folder.resolve("teacher"), model, teacher, "a teacher for tests");
    }
    config = Files.writeString(folder.resolve("rows.yaml"), YAML.formatted(folder));
  }

  private Typed typed(String verb, String run, String... more) {
    List<String> words = new ArrayList<>(List.of(verb, config.toString()));
    words.addAll(List.of("--run-dir", folder.resolve(run).toString()));
    words.addAll(List.of(more));
    return Typed.run(words.toArray(String[]::new));
  }

  private Typed succeeded(String verb, String run, String... more) {
    Typed typed = typed(verb, run, more);
    assertThat(typed.exitCode()).as(typed.err()).isZero();
    return typed;
  }

  private Path weights(String run) {
    return folder.resolve(run).resolve("model/model.safetensors");
  }

  @ParameterizedTest
  @ValueSource(strings = {"csv", "jsonl"})
  void exportedAnswers_teachAStudentOfTheSameBits(String ending) throws IOException {
    Path file = folder.resolve("answers." + ending);
    Typed exported = succeeded("label", "asked", "--export", file.toString());
    Path ofTest = folder.resolve("answers-test." + ending);
    assertThat(exported.out())
        .contains(
            "%d of them are also in %s, and %d to the test in %s"
                .formatted(ROWS, file, OF_TEST, ofTest));
    int header = ending.equals("csv") ? 1 : 0;
    assertThat(Files.readAllLines(file)).hasSize(ROWS + header);
    assertThat(Files.readAllLines(ofTest)).hasSize(OF_TEST + header);

    succeeded("distill", "asked");
    String said =
        exported.out().lines().filter(line -> line.startsWith("To teach")).findFirst().get();
    succeeded("distill", "given", said.replaceFirst(".*: teacher: ", "teacher="));
    assertThat(weights("given")).hasSameBinaryContentAs(weights("asked"));
  }

  @Test
  void unansweredSamples_areListedByTheirKeys_untilThereAreNone() throws IOException {
    Path answers = folder.resolve("answers.csv");
    Path keys = folder.resolve("keys.csv");
    String teacher = "teacher={from: '%s', key: id, kind: labels}".formatted(answers);
    String[] ask = {teacher, "objective=[teacher-decisions]", "--unanswered", keys.toString()};

    Typed all = succeeded("label", "none", ask);
    assertThat(all.out())
        .isEqualToIgnoringNewLines(
            ROWS
                + " training samples have no answer; their keys are in "
                + keys
                + OF_TEST
                + " samples of the test have none; their keys are in "
                + folder.resolve("keys-test.csv"));
    List<String> listed = Files.readAllLines(keys);
    assertThat(listed).hasSize(ROWS + 1).startsWith("id", "r0", "r1");

    StringBuilder given = new StringBuilder("id,label\n");
    listed.stream().skip(8).forEach(key -> given.append(key).append(",p\n"));
    Files.writeString(answers, given);
    Typed some = succeeded("label", "none", ask);
    assertThat(some.out()).startsWith("7 training samples have no answer; their keys are in");
    assertThat(Files.readAllLines(keys))
        .containsExactly("id", "r0", "r1", "r2", "r3", "r4", "r5", "r6");

    for (String key : Files.readAllLines(keys).subList(1, 8)) {
      given.append(key).append(",q\n");
    }
    for (String key : Files.readAllLines(folder.resolve("keys-test.csv")).subList(1, OF_TEST + 1)) {
      given.append(key).append(",q\n");
    }
    Files.writeString(answers, given);
    assertThat(succeeded("label", "none", ask).out())
        .isEqualToIgnoringNewLines("0 training samples have no answer; their keys are in " + keys);
    assertThat(folder.resolve("none")).doesNotExist();
  }

  @Test
  void optionsThatCannotBe_areRefused() {
    Path file = folder.resolve("a.csv");
    Typed both = typed("label", "x", "--export", file.toString(), "--unanswered", file.toString());
    assertThat(both.exitCode()).isEqualTo(2);
    assertThat(both.err())
        .contains("--export writes answers, --unanswered the keys without one. Give one of them.");
    Typed asked = typed("label", "x", "--unanswered", file.toString());
    assertThat(asked.exitCode()).isEqualTo(3);
    assertThat(asked.err())
        .contains(
            "The teacher of this configuration is asked by Ranbiki itself, so no answer is missing"
                + " from a file. --unanswered is for answers of a file (teacher.from).");
    assertThat(file).doesNotExist();
  }
}
