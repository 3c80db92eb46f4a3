package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.evaluate.Finding;
import io.ranbiki.model.Model;
import io.ranbiki.result.Result;
import io.ranbiki.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Students that begin with the vectors of an encoder, whose weights are random. */
class TeacherVectorsTest {

  private static final String RUN =
      """
      name: vectors
      data: {format: csv, folder: "${FOLDER}", text: question, label: topic}
      teacher: {model: "${ENCODER}", kind: embedding, prepare: {tokenizer: "${TOKENIZER}"}}
      student:
        architecture: static-embedding
        width: 6
        dropout: 0
        vectors: teacher
        prepare: {tokenizer: "${TOKENIZER}", vocabulary: 60, at-most: 16}
      objective: [embedding: {}]
      train: {epochs: 2, batch: 8, threads: 1}
      latency: false
      doctor: false
      """;

  private static final String HEAD =
      """
      name: head
      data: {format: csv, folder: "${FOLDER}", text: question, label: topic}
      model: {architecture: mlp, layers: 0, encoder: "${ENCODER}", prepare: {tokenizer: "${TOKENIZER}"}}
      train: {epochs: 1, batch: 8, threads: 1}
      latency: false
      """;

  private static final String WORDS = "word_embeddings.weight";

  @TempDir Path folder;

  @BeforeEach
  void writeTexts() throws IOException {
    TinyTexts.write(folder);
  }

  private RunConfig config(String text, String... overrides) {
    return TinyTexts.config(folder, text, overrides);
  }

  private Result run(RunConfig config) {
    return TinyTexts.run(folder, config, RunListener.NONE);
  }

  private Map<String, float[]> initial(RunConfig config, long seed) {
    try (RunData data = RunData.open(config);
        Model model = Networks.initial(config.student(), data, seed)) {
      return Map.of(
          WORDS,
          model.module().state().get(WORDS).detach().toFloats(),
          "classifier",
          model.module().state().get("classifier.weight").detach().toFloats());
    }
  }

  private static double untrained(Result result) {
    return result.scores().models().get(Result.UNTRAINED).get("cosine").mean();
  }

  @Test
  void aRun_beginsNearerToItsTeacher_andEndsNearerYet() {
    long before = Tensor.live();
    Result begun = run(config(RUN));
    Result narrow = run(config(RUN, "name=narrow", "student.width=5"));
    Result random = run(config(RUN.replace("  vectors: teacher\n", ""), "name=random"));

    assertThat(Tensor.live()).isEqualTo(before);
    assertThat(untrained(begun)).isGreaterThan(untrained(random) + 0.2);
    assertThat(untrained(narrow)).isGreaterThan(untrained(random) + 0.2);
    assertThat(begun.scores().models().get(Result.STUDENT).get("cosine").mean())
        .isGreaterThan(untrained(begun));
  }

  /** Vectors are no matter of chance: all arms and seeds begin with the same. */
  @Test
  void everySeed_beginsWithTheSameVectors() {
    RunConfig config = config(RUN, "student.width=4");
    Map<String, float[]> first = initial(config, 1);

    assertThat(initial(config, 2).get(WORDS)).containsExactly(first.get(WORDS));
    assertThat(initial(config(RUN, "student.width=4"), 1).get(WORDS))
        .containsExactly(first.get(WORDS));
    assertThat(initial(config(RUN, "student.width=4"), 2).get("classifier"))
        .containsExactly(first.get("classifier"));
  }

  @Test
  void aTeacherOfClasses_givesTheVectorsUnderItsHead() {
    run(config(HEAD));
    RunConfig classes =
        config(
            RUN.replace("kind: embedding", "head: \"" + folder.resolve("runs/head/model") + '"'),
            "name=classes",
            "objective=[{soft-targets: {}}]",
            "student.prepare.vocabulary=60");

    assertThat(initial(classes, 1).get(WORDS)).containsExactly(initial(config(RUN), 1).get(WORDS));
    assertThat(initial(classes, 1).get("classifier"))
        .isNotEqualTo(initial(classes, 2).get("classifier"));
    assertThat(run(classes).models()).containsKey(Result.STUDENT);
  }

  @Test
  void theDoctor_saysWhatASmallerVocabularyCosts_andDoesNotWarn() {
    List<Finding> findings =
        Diagnosis.of(
            config(RUN),
            new RunFolder(folder.resolve("runs/doctor")),
            (step, stop) -> Optional.empty());
    assertThat(findings)
        .filteredOn(finding -> finding.sentence().contains("are kept, those that the training"))
        .singleElement()
        .satisfies(finding -> assertThat(finding.level()).isEqualTo(Finding.Level.OK))
        .satisfies(finding -> assertThat(finding.check()).isEqualTo("vocabulary"));
  }

  @Test
  void whereThereAreNoVectorsToBeginWith_thatIsSaid() {
    String without = "'vectors: teacher' takes those of an encoder of texts, but ";
    String take = " Take a teacher with 'kind: embedding' or a 'head', or leave 'vectors' out.";
    RunConfig labels =
        config(
            RUN.replaceAll("(?m)^(teacher|doctor):.*\n", "").replace("student:", "model:"),
            "objective=[{hard-labels: {}}]",
            "model.prepare={tokenizer: " + TinyTexts.TOKENIZER + "}");
    assertThatThrownBy(() -> run(labels))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(without + "the run has no such teacher." + take);
    RunConfig wide = config(RUN, "student.width=7");
    assertThatThrownBy(() -> initial(wide, 1))
        .hasMessage(
            "'vectors: teacher' gives a piece the 6 numbers of encoder.onnx or fewer, but 'width'"
                + " is 7. Take at most 6.");
    RunConfig hashed =
        config(
            RUN.replaceAll("prepare: \\{tokenizer: \"[^\"]*\", vocab.*", "prepare: {n-grams: {}}"));
    assertThatThrownBy(() -> initial(hashed, 1))
        .hasMessageStartingWith(
            "'vectors: teacher' takes those of the pieces of encoder.onnx, but the student's"
                + " tokenizer, ")
        .hasMessageEndingWith(
            ", has none of them. Take that of the teacher, with 'vocabulary' for fewer pieces.");
    assertThatThrownBy(() -> config(RUN, "student.architecture=text-cnn"))
        .hasMessageContaining(
            "begins with 'vectors', which a static-embedding has, but the architecture is text-cnn;"
                + " leave them out.");
    assertThatThrownBy(() -> config(RUN, "student.weights=x.safetensors"))
        .hasMessageContaining("begins with 'vectors' and with 'weights'; leave one of them out.");
    RunConfig plain = config(RUN, "teacher.kind=logits", "objective=[{soft-targets: {}}]");
    assertThatThrownBy(() -> initial(plain, 1))
        .hasMessageStartingWith(without + "the teacher ")
        .hasMessageEndingWith("encoder.onnx is none." + take);
  }
}
