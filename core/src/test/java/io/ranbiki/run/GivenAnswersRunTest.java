package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.evaluate.Finding;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.result.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Distillation from answers that lie in a file. */
class GivenAnswersRunTest {

  private static final String DIGITS =
      """
      name: %s
      latency: false
      doctor: false
      data: {format: digits, size: 300}
      teacher: %s
      student: {architecture: student-cnn}
      objective: [{hard-labels: {weight: 0.5}}, {soft-targets: {weight: 0.5, temperature: 2}}]
      train: {epochs: 1, batch: 32, threads: 1}
      """;

  private static final String ROWS =
      """
      name: rows
      latency: false
      doctor: false
      data: {format: csv, folder: "%s", key: name, label: kind, validation: 0}
      teacher: {from: "%s", key: name, kind: probabilities}
      student: {architecture: mlp, hidden: 4, layers: 1}
      objective: [{hard-labels: {weight: 0.5}}, {soft-targets: {weight: 0.5, temperature: 1}}]
      train: {epochs: 1, batch: 16, threads: 1}
      """;

  @TempDir Path folder;
  private final List<String> notes = new ArrayList<>();

  private final RunListener listener =
      new RunListener() {
        @Override
        public void note(String note) {
          notes.add(note);
        }
      };

  private static RunConfig config(String text, String... overrides) {
    return RunConfigReader.distillation(
        ConfigDocument.parse("c.yaml", text, List.of(overrides), Map.of()));
  }

  private RunFolder runFolder(RunConfig config) {
    return RunFolder.create(folder.resolve("runs/" + config.name()));
  }

  private Result run(RunConfig config) {
    RunFolder run = runFolder(config);
    Result result = new Experiment(config, run, List.of("test"), listener, () -> false).run();
    assertThat(FinishedRuns.read(run.path()).result()).isEqualTo(result);
    return result;
  }

  /** Rows a0 to a59 and b0 to b19 of two classes. */
  private Path rows() throws IOException {
    Path rows = Files.createDirectories(folder.resolve("rows"));
    for (String part : List.of("train", "test")) {
      StringBuilder text = new StringBuilder("name,x,y,kind\n");
      for (int i = 0; i < (part.equals("train") ? 60 : 20); i++) {
        String name = (part.equals("train") ? "a" : "b") + i;
        text.append(
            String.format(Locale.ROOT, "%s,%d,1,%s%n", name, i % 2, i % 2 == 0 ? "p" : "q"));
      }
      Files.writeString(rows.resolve(part + ".csv"), text);
    }
    return rows;
  }

  /** Answers to rows of these names, which are right but for every tenth. */
  private Path answers(Stream<String> names) throws IOException {
    String text =
        names
            .map(
                name -> {
                  int i = Integer.parseInt(name.substring(1));
                  boolean p = i % 2 == 0 ^ i % 10 == 0;
                  return name + (p ? ",0.2,0.8" : ",0.9,0.1");
                })
            .collect(Collectors.joining("\n", "name,q,p\n", "\n"));
    return Files.writeString(folder.resolve("answers.csv"), text);
  }

  private static Stream<String> names(String part, int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> part + i);
  }

  @Test
  void exportedAnswers_teachAsTheTeacherDoes_toTheBit() throws IOException {
    ModelSpec spec = ModelSpec.of("student-cnn", List.of(1, 28, 28), 10, Map.of());
    Path model = folder.resolve("teacher");
    try (Model teacher = Model.create(spec, 1)) {
      ModelFolder.write(model, teacher, new ModelConfig(spec, Normalization.none(), List.of()), "");
    }
    RunConfig asked = config(DIGITS.formatted("asked", "{model: \"" + model + "\"}"));
    Path file = folder.resolve("answers.csv");
    Labelling labelling =
        Labelling.of(asked, runFolder(asked), Optional.of(file), listener, () -> false);
    AnswersExport.Written written = Objects.requireNonNull(labelling.exported());
    assertThat(written.rows()).isEqualTo(270);
    assertThat(written.testRows()).isEqualTo(2000);
    assertThat(Files.readAllLines(file).get(0)).isEqualTo("key,0,1,2,3,4,5,6,7,8,9");

    RunConfig given =
        config(
            DIGITS.formatted(
                "given",
                "{from: \"%s\", test: \"%s\", kind: logits}".formatted(file, written.testFile())));
    Result expected = run(asked);
    Result result = run(given);
    assertThat(result.models().get(Result.TEACHER).accuracy())
        .isEqualTo(expected.models().get(Result.TEACHER).accuracy());
    assertThat(result.models().get(Result.TEACHER).parameters()).isNull();
    Path weights = Path.of("model/model.safetensors");
    assertThat(folder.resolve("runs/given").resolve(weights))
        .hasSameBinaryContentAs(folder.resolve("runs/asked").resolve(weights));
  }

  @Test
  void answersToTheTest_mayLieInTheSameFile() throws IOException {
    Path rows = rows();
    Path answers = answers(Stream.concat(names("a", 0, 60), names("b", 0, 20)));
    Result result = run(config(ROWS.formatted(rows, answers)));
    assertThat(result.models().get(Result.TEACHER).accuracy()).isEqualTo(0.9);
    assertThat(notes).noneMatch(note -> note.contains(answers.toString()));
  }

  @Test
  void withoutAnswersToTheTest_thereIsNoTeacherInTheResult() throws IOException {
    Path rows = rows();
    Path answers =
        answers(Stream.of(names("a", 0, 60), names("b", 4, 20), names("c", 0, 7)).flatMap(s -> s));
    Result result = run(config(ROWS.formatted(rows, answers)));
    assertThat(result.models()).containsOnlyKeys(Result.SCRATCH, Result.DECISIONS, Result.STUDENT);
    assertThat(notes)
        .contains(
            "The teacher is not measured, since "
                + answers
                + " has no answer to 4 of 20 samples of the test: 'b0', 'b1', 'b2', 'b3'. Name a file"
                + " of the answers to the test under 'teacher.test' to see it beside the student.",
            "23 of 83 answers in "
                + answers
                + " belong to no sample and are not used: 'b4', 'b5', 'b6', 'b7', 'b8' and so on.");
  }

  @Test
  void limitAgainstATeacherThatIsNotMeasured_isRefused() throws IOException {
    RunConfig config =
        config(ROWS.formatted(rows(), answers(names("a", 0, 60))), "accept.agreement=0.9");
    assertThatThrownBy(() -> run(config))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "'accept.agreement' compares with the teacher, but the file of its answers has none to"
                + " the test. Name one under 'teacher.test', or leave the limit out.");
  }

  @Test
  void samplesWithoutAnswer_areRefusedBeforeTraining_andTheirKeysWritten() throws IOException {
    Path rows = rows();
    Path answers = answers(names("a", 7, 60));
    RunConfig config = config(ROWS.formatted(rows, answers));
    assertThatThrownBy(() -> run(config))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            answers
                + " has no answer to 7 of 60 training samples: 'a0', 'a1', 'a2', 'a3', 'a4' and so"
                + " on. Add them; all keys that need an answer are written by: ranbiki label CONFIG"
                + " --unanswered FILE");
    assertThat(folder.resolve("runs/rows/checkpoints")).doesNotExist();

    Path keys = folder.resolve("keys.csv");
    AnswersExport.Written written = AnswersExport.unanswered(config, keys);
    assertThat(Files.readAllLines(keys))
        .containsExactly("name", "a0", "a1", "a2", "a3", "a4", "a5", "a6");
    assertThat(written.testRows()).isEqualTo(20);
    assertThat(Files.readAllLines(folder.resolve("keys-test.csv"))).hasSize(21);

    RunConfig none = config(ROWS.formatted(rows, folder.resolve("none.csv")));
    assertThat(AnswersExport.unanswered(none, keys).rows()).isEqualTo(60);
  }

  @Test
  void answersOfWhoeverKnewTheLabels_areWarnedOf() throws IOException {
    Path rows = rows();
    String right =
        names("a", 0, 60)
            .map(
                name ->
                    name + (Integer.parseInt(name.substring(1)) % 2 == 0 ? ",0.3,0.7" : ",0.7,0.3"))
            .collect(Collectors.joining("\n"));
    String test =
        names("b", 0, 20).map(name -> name + ",0.7,0.3").collect(Collectors.joining("\n"));
    Path answers =
        Files.writeString(folder.resolve("answers.csv"), "name,q,p\n" + right + "\n" + test + "\n");
    RunConfig config = config(ROWS.formatted(rows, answers));
    List<Finding> findings =
        Diagnosis.of(config, runFolder(config), (step, stop) -> Optional.empty());
    assertThat(findings)
        .filteredOn(finding -> finding.level() != Finding.Level.OK)
        .extracting(Finding::sentence)
        .containsExactly(
            "The teacher's answers have a mean entropy of 0.611 nats (right on 100.0 % of 60) in the"
                + " training, and of 0.611 (right on 50.0 % of 20) in the test: whoever gave these"
                + " answers had seen the labels of the training samples, so that the answers say"
                + " little beyond them. Take answers of models that had not seen the sample, such as"
                + " out-of-bag or cross-validated ones.");
  }

  @Test
  void labels_teachByTheirDecisionsAlone() throws IOException {
    Path rows = rows();
    String labels =
        names("a", 0, 60).map(name -> name + ",p").collect(Collectors.joining("\n", "", "\n"));
    Path file = Files.writeString(folder.resolve("labels.csv"), "name,label\n" + labels);
    String text = ROWS.formatted(rows, file);
    assertThatThrownBy(() -> config(text, "teacher.kind=labels"))
        .hasMessageContaining(
            "'teacher' gives labels, which do not say how sure they are, but soft-targets compares"
                + " with soft answers; take teacher-decisions instead, or give probabilities");
    Result result =
        run(
            config(
                text,
                "teacher.kind=labels",
                "objective=[teacher-decisions]",
                "train.epochs=10",
                "train.batch=4"));
    assertThat(result.models().get(Result.STUDENT).accuracy()).as("all p").isEqualTo(0.5);
  }

  @Test
  void views_layersAndModels_areRefused() throws IOException {
    String text = ROWS.formatted(rows(), answers(names("a", 0, 60)));
    assertThatThrownBy(() -> config(text, "data.augment=[{noise: {std: 0.1}}]"))
        .hasMessageContaining(
            "'teacher' takes its answers from a file, which hold for a sample as it is, but"
                + " 'data.augment' shows the student other views of it; leave 'augment' out, or give"
                + " labels (kind: labels), which hold for every view");
    assertThatThrownBy(
            () -> config(text, "objective=[{hint: {pairs: [{student: layers.0, teacher: fc}]}}]"))
        .hasMessageContaining(
            "takes its answers from a file, but the objective reads outputs of a teacher's layers"
                + " (fc), which a file does not hold; leave the terms that read layers out");
    assertThatThrownBy(() -> config(text, "teacher.model=x"))
        .hasMessageContaining("it cannot stand beside 'from'; leave one of them out.");
  }

  @Test
  void keyOfTwoSamples_isRefused() throws IOException {
    Path rows = rows();
    Path more = Files.createDirectories(folder.resolve("more"));
    Files.writeString(more.resolve("train.csv"), "name,x,y\na3,1,1\n");
    RunConfig config =
        config(ROWS.formatted(rows, answers(names("a", 0, 60))), "data.unlabelled.folder=" + more);
    assertThatThrownBy(() -> run(config))
        .hasMessageMatching(
            "The key 'a3' names two samples, sample 3 \\(a3, row 4 of .*train.csv\\) and sample .*"
                + " \\(a3, row 1 of .*train.csv\\), so an answer could be meant for either\\. Give every"
                + " sample a key of its own \\(data.key\\)\\.");
  }

  @Test
  void exportOfWhatAFileCannotHold_isRefusedBeforeAnybodyIsAsked() {
    RunConfig config = config(DIGITS.formatted("views", "{model: nowhere}"), "data.augment=[flip]");
    try (RunData data = RunData.open(config)) {
      assertThatThrownBy(() -> AnswersExport.requirePossible(config, data, folder.resolve("a.csv")))
          .hasMessage(
              "The answers of this configuration are to views (data.augment), and a file holds one"
                  + " answer to a sample as it is. Say data.augment=[] to export these.");
      RunConfig few =
          config(DIGITS.formatted("views", "{model: nowhere, encoding: top-k, top-k: 3}"));
      assertThatThrownBy(() -> AnswersExport.requirePossible(few, data, folder.resolve("a.csv")))
          .hasMessage(
              "A file holds an answer for every class, but teacher.encoding 'top-3' keeps some"
                  + " alone. Say float32.");
      assertThatThrownBy(() -> AnswersExport.requirePossible(few, data, folder.resolve("no/a.csv")))
          .hasMessage(
              "Cannot write "
                  + folder.resolve("no/a.csv")
                  + ": its folder is not there. Make it, or name another file.");
    }
  }
}
