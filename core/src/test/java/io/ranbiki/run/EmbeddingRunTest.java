package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.data.Task;
import io.ranbiki.result.EpochRecord;
import io.ranbiki.result.Figure;
import io.ranbiki.result.MethodComparison;
import io.ranbiki.result.Result;
import io.ranbiki.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A student that gives the vectors of an encoder. */
class EmbeddingRunTest {

  private static final String RUN =
      """
      name: vectors
      data: {format: csv, folder: "${FOLDER}", text: question, label: topic}
      teacher: {model: "${ENCODER}", kind: embedding}
      student:
        architecture: static-embedding
        width: 8
        dropout: 0
        prepare: {tokenizer: "${TOKENIZER}", at-most: 16}
      objective: [embedding: {}]
      train: {epochs: 20, batch: 8, threads: 1, optimizer: {adam: {learning-rate: 0.05}}}
      latency: false
      doctor: false
      """;

  @TempDir Path folder;
  private final List<String> notes = new ArrayList<>();

  @BeforeEach
  void writeTexts() throws IOException {
    TinyTexts.write(folder);
  }

  private RunConfig config(String... overrides) {
    return TinyTexts.config(folder, RUN, overrides);
  }

  private Result run(String... overrides) {
    RunListener listener =
        new RunListener() {
          @Override
          public void note(String sentence) {
            notes.add(sentence);
          }
        };
    return TinyTexts.run(folder, config(overrides), listener);
  }

  private static double of(Result result, String role, String metric) {
    Figure figure = result.scores().models().get(role).get(metric);
    return figure.mean();
  }

  @Test
  void student_givesTheVectorsOfItsTeacher() throws IOException {
    long before = Tensor.live();
    Result result = run("doctor=true");

    assertThat(Tensor.live()).isEqualTo(before);
    assertThat(result.scores().task()).isEqualTo("embedding");
    assertThat(result.scores().decides()).isEqualTo("cosine");
    assertThat(result.scores().models()).containsOnlyKeys("teacher", "untrained", "student");
    assertThat(of(result, Result.TEACHER, "cosine")).isGreaterThan(0.99999);
    assertThat(of(result, Result.STUDENT, "cosine"))
        .isGreaterThan(0.9)
        .isGreaterThan(of(result, Result.UNTRAINED, "cosine") + 0.3);
    assertThat(of(result, Result.STUDENT, "pair-correlation")).isGreaterThan(0.8);
    assertThat(of(result, Result.STUDENT, "nearest-neighbour")).isGreaterThan(0.9);
    assertThat(result.verdict()).startsWith("One seed: cosine better by ").contains("untrained");
    assertThat(result.history()).extracting(EpochRecord::validationScore).doesNotContainNull();
    assertThat(notes)
        .contains(
            "5 of 48 training samples are held out, and epochs are judged by the mean cosine to the"
                + " teacher's vectors on them; the best one is kept.")
        .noneMatch(note -> note.contains("not known whether the teacher"));

    Path model = folder.resolve("runs/vectors/model");
    assertThat(ModelFolder.readConfig(model).task()).isEqualTo(new Task.Embedding(6));
    assertThat(Files.readString(model.resolve("README.md")))
        .contains("makes a vector of 6 numbers of a text", "sentence-similarity", "| cosine |")
        .doesNotContain("Classes", "classes");

    run("name=twice");
    MethodComparison compared =
        RunComparison.of(
            List.of(
                folder.resolve("runs/vectors"),
                folder.resolve("runs/vectors").resolveSibling("twice")),
            null);
    assertThat(compared.metric()).isEqualTo("cosine");
  }

  @Test
  void textsWithoutLabel_areEnough() {
    Result result = run("train.epochs=1", "data.label=[]");

    assertThat(result.scores().models().get(Result.STUDENT))
        .containsOnlyKeys("cosine", "pair-correlation");
  }

  @Test
  void studentsOfVectors_teachSmallerOnes() {
    run();
    Result next =
        run("name=next", "teacher.model=" + folder.resolve("runs/vectors"), "student.width=4");

    assertThat(of(next, Result.STUDENT, "cosine")).isGreaterThan(0.9);
  }

  @Test
  void whatVectorsDoNotHave_isRefused() {
    assertThatThrownBy(() -> config("compare.scratch=true"))
        .hasMessageContaining(
            "asks for labels alone in 'scratch', but the teacher teaches vectors (kind: embedding),"
                + " of which no label tells");
    assertThatThrownBy(() -> config("teacher.head=x"))
        .hasMessageContaining("teaches vectors (kind: embedding), which one encoder alone gives");
    assertThatThrownBy(() -> run("name=soft", "objective=[{soft-targets: {}}]"))
        .hasMessage(
            "The term soft-targets is for classes of which one is right, but the task of the data"
                + " is embedding. Take embedding instead.");
    assertThatThrownBy(() -> run("name=limit", "accept={agreement: 0.9}"))
        .hasMessageStartingWith(
            "The limit 'agreement' is for classes, but the task of the data is");
  }

  /** The student's vectors, too, have as many numbers as the teacher's were narrowed to. */
  @Test
  void vectorsNarrowedByPrincipalComponents_areTaught_andFoundOnce() throws IOException {
    Result result = run("teacher.pca=3");
    assertThat(result.history().get(19).terms().get("embedding"))
        .isLessThan(0.5 * result.history().get(0).terms().get("embedding"));
    try (ModelFolder.Loaded student =
        ModelFolder.read(folder.resolve("runs").resolve("vectors").resolve("model"))) {
      assertThat(student.config().task()).isEqualTo(new Task.Embedding(3));
    }
    Path answers = folder.resolve("runs/answers");
    List<Path> kept = components(answers);
    assertThat(kept).hasSize(1);
    byte[] components = Files.readAllBytes(kept.get(0));
    notes.clear();
    run("teacher.pca=3", "name=again");
    assertThat(notes).noneMatch(note -> note.startsWith("Asking the teacher"));
    assertThat(components(answers)).isEqualTo(kept);
    assertThat(Files.readAllBytes(kept.get(0))).isEqualTo(components);
    assertThat(weights("again")).isEqualTo(weights("vectors"));
    assertThatThrownBy(() -> config("teacher.pca=3", "teacher.kind=logits"))
        .hasMessageContaining("gives 'pca', which is about vectors, but no 'kind: embedding'.");
  }

  private static List<Path> components(Path answers) throws IOException {
    try (Stream<Path> all = Files.list(answers)) {
      return all.filter(file -> file.toString().endsWith(".pca")).toList();
    }
  }

  private byte[] weights(String run) throws IOException {
    return Files.readAllBytes(
        folder.resolve("runs").resolve(run).resolve("model/model.safetensors"));
  }
}
