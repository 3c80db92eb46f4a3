package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.prepare.Tokenizer;
import io.ranbiki.result.Result;
import io.ranbiki.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Texts from a table to a student: an encoder with a head, stored answers, a transformer. The
 * encoder's weights are random, made by {@code texts/make.py}; the tokenizer is that of the module
 * {@code prepare}.
 */
class TextRunTest {

  private static final String DATA =
      """
      data: {format: csv, folder: "${FOLDER}", text: question, label: topic, validation: 0}
      """;

  private static final String HEAD =
      """
      name: head
      model:
        architecture: mlp
        layers: 0
        encoder: "${ENCODER}"
        prepare: {tokenizer: "${TOKENIZER}", at-most: 16}
      train: {epochs: 12, batch: 8, threads: 1, optimizer: {adam: {learning-rate: 0.05}}}
      latency: false
      """
          + DATA;

  private static final String STUDENT =
      """
      name: student
      teacher: {model: "${ENCODER}", head: "${FOLDER}/runs/head/model"}
      student:
        architecture: bert
        layers: 1
        width: 16
        heads: 2
        positions: 32
        dropout: 0
        prepare: {tokenizer: "${TOKENIZER}", at-most: 12}
      objective: [soft-targets: {weight: 1, temperature: 1}]
      train: {epochs: 6, batch: 8, threads: 1, optimizer: {adam: {learning-rate: 0.01}}}
      compare: {scratch: false, decisions: false}
      doctor: false
      latency: false
      """
          + DATA;

  @TempDir Path folder;
  private final List<String> notes = new ArrayList<>();

  @BeforeEach
  void writeTexts() throws IOException {
    TinyTexts.write(folder);
  }

  private RunConfig config(String yaml, String... overrides) {
    return TinyTexts.config(folder, yaml, overrides);
  }

  private Result run(String yaml, String... overrides) {
    RunListener listener =
        new RunListener() {
          @Override
          public void note(String sentence) {
            notes.add(sentence);
          }
        };
    return TinyTexts.run(folder, config(yaml, overrides), listener);
  }

  @Test
  void studentOfTexts_learnsFromAnEncoderWithAHead() {
    Result head = run(HEAD);
    assertThat(head.models().values().iterator().next().accuracy()).isGreaterThan(0.9);
    ModelConfig written = ModelFolder.readConfig(folder.resolve("runs/head/model"));
    assertThat(written.spec().input()).containsExactly(6);
    assertThat(written.encoder().pool()).isNull();

    long before = Tensor.live();
    Result student = run(STUDENT, "doctor=true");
    assertThat(Tensor.live()).isEqualTo(before);
    assertThat(student.models().get(Result.STUDENT).accuracy()).isGreaterThan(0.9);
    ModelConfig kept = ModelFolder.readConfig(folder.resolve("runs/student/model"));
    assertThat(kept.prepare().tokenize().get().atMost()).isEqualTo(12);
    assertThat(kept.spec().options()).containsEntry("vocabulary", 610);
    assertThat(folder.resolve("runs/student/model/tokenizer.json"))
        .hasSameTextualContentAs(TinyTexts.TOKENIZER);
    assertThat(notes).noneMatch(note -> note.contains("gets them so"));
    assertThat(notes).noneMatch(note -> note.contains("cut there"));

    // Asked for every batch, each sees the view with its own ids.
    run(STUDENT, "name=live", "teacher.answers=live", "train.epochs=1");

    assertThatThrownBy(
            () -> run(STUDENT, "name=other", "teacher.model=" + folder.resolve("x.onnx")))
        .hasMessageContaining("x.onnx");
  }

  @Test
  void mistakes_areNamedBeforeAnythingIsTrained() {
    String without = HEAD.replaceFirst("prepare: .*", "");
    assertThatThrownBy(() -> run(without, "name=without"))
        .hasMessageStartingWith("The encoder encoder.onnx takes texts through a tokenizer, but")
        .hasMessageEndingWith("in 'model' prepare: {tokenizer: tokenizer.json}.");
    assertThatThrownBy(() -> run(HEAD, "name=long", "model.prepare.at-most=100"))
        .hasMessage(
            "With "
                + TinyTexts.TOKENIZER
                + " a text may have at most 100 ids, but the tokenizer takes a limit of 3 to 64."
                + " Correct prepare.at-most.");
    assertThatThrownBy(
            () -> run(HEAD, "name=none", "model.prepare.tokenizer=" + folder.resolve("t.json")))
        .hasMessage(
            "There is no tokenizer "
                + folder.resolve("t.json")
                + ". Give the path of a tokenizer.json.");
  }

  @Test
  void textsBehindTheLimit_areCountedBeforeTraining() {
    run(
        HEAD,
        "model={architecture: bert, layers: 1, width: 8, heads: 2, positions: 8, prepare:"
            + " {tokenizer: '"
            + TinyTexts.TOKENIZER
            + "', at-most: 6}}",
        "train.epochs=1");
    List<Integer> lengths =
        TinyTexts.TEXTS.stream()
            .map(text -> Tokenizer.read(TinyTexts.TOKENIZER).encode(text, 100).ids().length)
            .toList();
    long longer = lengths.stream().filter(length -> length > 6).count();
    int most = lengths.stream().mapToInt(length -> length - 6).max().orElseThrow();
    assertThat(notes)
        .contains(
            longer
                + " of 48 training texts are longer than 6 ids and cut there, the longest by "
                + most
                + "; 'prepare.at-most' says where.");
  }

  @Test
  void moreIdsThanPositions_areRefusedBeforeTraining() {
    assertThatThrownBy(
            () ->
                run(
                    HEAD,
                    "model={architecture: bert, layers: 1, width: 8, heads: 2, positions: 8,"
                        + " prepare: {tokenizer: '"
                        + TinyTexts.TOKENIZER
                        + "', at-most: 9}}"))
        .hasMessage(
            "The tokenizer makes up to 9 ids of a text, but the network has positions for 8. Say"
                + " prepare.at-most: 8, or choose more positions.");
  }

  private static final String TEACHER =
      """
      name: teacher
      model:
        architecture: bert
        layers: 2
        width: 16
        heads: 2
        positions: 32
        prepare: {tokenizer: "${TOKENIZER}", at-most: 16}
      train: {epochs: 6, batch: 8, threads: 1, optimizer: {adam: {learning-rate: 0.01}}}
      latency: false
      """
          + DATA;

  private static final String LAYERS =
      """
      name: layers
      teacher: {model: "${FOLDER}/runs/teacher/model", answers: stored}
      student:
        architecture: bert
        layers: 1
        width: 8
        heads: 2
        positions: 32
        prepare: {tokenizer: "${TOKENIZER}", at-most: 16}
      objective:
        - hard-labels: {}
        - tinybert: {layers: [1]}
        - minilm: {}
        - hidden-cosine: {}
      train: {epochs: 3, batch: 8, threads: 1, optimizer: {adam: {learning-rate: 0.01}}}
      compare: {scratch: false}
      doctor: false
      latency: false
      """
          + DATA;

  /** Layers of texts of every length are stored; a store is asked nothing twice. */
  @Test
  void layersOfAnEncoder_teachASmallerOne() {
    run(TEACHER);
    Result live = run(LAYERS, "teacher.answers=live", "name=live", "doctor=true");
    Result stored = run(LAYERS);
    assertThat(notes)
        .anyMatch(note -> note.startsWith("Asking the teacher for 48 answers "))
        .anyMatch(
            note ->
                note.startsWith(
                    "minilm: layer 0 of the student follows the teacher's layer 1, from 0"));
    for (String term : List.of("tinybert", "minilm", "hidden-cosine")) {
      double first = stored.history().get(0).terms().get(term);
      double last = stored.history().get(2).terms().get(term);
      assertThat(last).as(term).isLessThan(first);
      assertThat(last).isCloseTo(live.history().get(2).terms().get(term), within(0.01));
    }
  }

  @Test
  void otherTokensThanTheTeachers_areRefusedBeforeTraining() {
    run(TEACHER);
    assertThatThrownBy(() -> run(LAYERS, "student.prepare.at-most=12"))
        .hasMessage(
            "The term tinybert compares token by token, but the teacher reads at most 16 tokens of"
                + " a text and the student at most 12. Set prepare.at-most of both to the same"
                + " number.");
  }

  @Test
  void aPrefix_isKeptWithTheNetwork() {
    run(HEAD, "model.prepare.prefix=\"query: \"", "model.pool=max", "train.epochs=1");
    ModelConfig head = ModelFolder.readConfig(folder.resolve("runs/head/model"));
    assertThat(head.prepare().tokenize().orElseThrow().prefix()).isEqualTo("query: ");
    assertThat(head.encoder().pool()).isEqualTo("max");
  }

  private static String bert(String prepare) {
    return "model={architecture: bert, layers: 1, width: 8, heads: 2, prepare: {" + prepare + "}}";
  }

  @Test
  void vocabulary_isPrunedToWhatTrainingUses_andSavedSo() {
    run(
        HEAD,
        bert("tokenizer: '" + TinyTexts.TOKENIZER + "', vocabulary: 20, at-most: 12"),
        "train.epochs=1");
    Tokenizer kept = Tokenizer.read(folder.resolve("runs/head/model/tokenizer.json"));
    assertThat(kept.size()).isEqualTo(20);
    ModelConfig written = ModelFolder.readConfig(folder.resolve("runs/head/model"));
    assertThat(written.spec().options()).containsEntry("vocabulary", 20);
    assertThat(notes)
        .anyMatch(
            note ->
                note.matches(
                    "Of the 610 pieces of the tokenizer, 20 are kept, those that the training texts"
                        + " use most\\. Of the pieces of the test texts [\\d.]+ % are unknown"
                        + " \\([\\d.]+ % before\\), and there are -?[\\d.]+ % more of them\\."));
  }

  @Test
  void vocabularyOfANetworkThatIsThere_isNotPruned() {
    assertThatThrownBy(() -> run(HEAD, "model.prepare.vocabulary=20"))
        .hasMessageContaining(
            "gives a 'vocabulary', but this network was trained with all pieces of its tokenizer;"
                + " leave it out.");
    assertThatThrownBy(() -> run(HEAD, bert("n-grams: {rows: 64}, vocabulary: 20")))
        .hasMessageContaining(
            "gives a 'vocabulary', which is that of a tokenizer, but no 'tokenizer'.");
  }

  @Test
  void tokenizerOfOtherTexts_isRefused_andALittleIsNoted() throws IOException {
    Path train = folder.resolve("train.csv");
    String rows = Files.readString(train);
    Files.writeString(train, rows + "\u2603 \u2603,card\n");
    run(HEAD, bert("tokenizer: '" + TinyTexts.TOKENIZER + "', at-most: 12"), "train.epochs=1");
    assertThat(notes)
        .contains(
            "Of 1 of 49 training texts nothing is known to the tokenizer, such as of sample 48 (row"
                + " 49 of "
                + train
                + "); they are all alike for the network.");
    Files.writeString(train, rows.replaceAll("(my|card|the|hello|is) ", "\u2603 "));
    assertThatThrownBy(
            () ->
                run(HEAD, "name=x", bert("tokenizer: '" + TinyTexts.TOKENIZER + "', at-most: 12")))
        .hasMessageMatching(
            "Of the pieces of the training texts \\d+ % are unknown to the tokenizer \\(WordPiece"
                + " of 610 pieces\\), which was made for other texts\\. Take one that was made for"
                + " such texts, or train one: ranbiki tokenizer train\\.");
  }

  @Test
  void tokenizerOfAnotherModel_isRefused() throws IOException {
    Path other =
        Files.writeString(
            folder.resolve("small.json"),
            Tokenizer.read(TinyTexts.TOKENIZER).pruned(List.of("my card is"), 100).json());
    assertThatThrownBy(() -> run(HEAD, "model.prepare.tokenizer=" + other))
        .hasMessage(
            "The encoder "
                + TinyTexts.encoder()
                + " has vectors for 610 ids, but its tokenizer (WordPiece of "
                + Tokenizer.read(other).size()
                + " pieces) makes "
                + Tokenizer.read(other).size()
                + ", so it was not trained with this tokenizer. Name the tokenizer.json that came"
                + " with it (prepare.tokenizer).");
  }

  @Test
  void emptyText_isRefusedWithItsLine() throws IOException {
    Path train = folder.resolve("train.csv");
    Files.writeString(train, Files.readString(train) + "\" \",card\n");
    assertThatThrownBy(() -> run(HEAD))
        .hasMessage(
            "Line 50 of "
                + train
                + " has nothing in the column 'question'. Fill it, or remove the"
                + " line.");
  }

  @Test
  void bagOfNgrams_learnsAndKeepsItsHashing() {
    String bag =
        "student={architecture: static-embedding, width: 8, prepare: {n-grams: {rows: 512}}}";
    run(HEAD);
    Result student = run(STUDENT, "name=bag", bag, "train.optimizer={adam: {learning-rate: 0.05}}");
    assertThat(student.models().get(Result.STUDENT).accuracy()).isGreaterThan(0.9);
    assertThat(Tokenizer.read(folder.resolve("runs/bag/model/tokenizer.json")))
        .isEqualTo(Tokenizer.hashedNgrams(512, 2, 3, 5));
  }
}
