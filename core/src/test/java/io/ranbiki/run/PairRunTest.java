package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.artifact.OnnxExport;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Names;
import io.ranbiki.model.Model;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Preparation;
import io.ranbiki.prepare.Step;
import io.ranbiki.prepare.Tokenizer;
import io.ranbiki.result.Result;
import io.ranbiki.teacher.OnnxOptions;
import io.ranbiki.teacher.OnnxTeacher;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pairs of texts from a table to a student: whether two texts say the same word first. */
class PairRunTest {

  private static final Path TOKENIZER =
      Path.of("../prepare/src/test/resources/tokenizers/uncased.json").toAbsolutePath();

  private static final String DATA =
      """
      train: {epochs: 8, batch: 8, threads: 1, optimizer: {adam: {learning-rate: 0.01}}}
      latency: false
      data: {format: csv, folder: "${FOLDER}", text: [question, answer], label: says, validation: 0}
      """;

  private static final String TEACHER =
      """
      name: teacher
      model:
        architecture: bert
        layers: 1
        width: 16
        heads: 2
        positions: 32
        dropout: 0
        prepare: {tokenizer: "${TOKENIZER}", at-most: 14}
      """
          + DATA;

  private static final String STUDENT =
      """
      name: student
      teacher: {model: "${FOLDER}/runs/teacher/model"}
      student:
        architecture: text-cnn
        width: 16
        prepare: {tokenizer: "${TOKENIZER}", at-most: 12}
      objective: [soft-targets: {weight: 1, temperature: 1}]
      compare: {scratch: false, decisions: false}
      doctor: false
      """
          + DATA;

  @TempDir Path folder;
  private final List<String> notes = new ArrayList<>();

  @BeforeEach
  void writePairs() throws IOException {
    List<String> words = List.of("card", "the", "hello");
    for (String part : List.of("train", "test")) {
      StringBuilder rows = new StringBuilder("question,answer,says\n");
      for (int i = 0; i < 48; i++) {
        String word = words.get(i % 3);
        rows.append((word + " ").repeat(1 + i % 4)).append(',');
        rows.append("my ").append("is ".repeat(i % 5)).append(word).append(',').append(word);
        rows.append('\n');
      }
      Files.writeString(folder.resolve(part + ".csv"), rows);
    }
  }

  private Result run(String yaml, String... overrides) {
    RunConfig config =
        RunConfigReader.any(
            ConfigDocument.parse(
                "pairs.yaml",
                yaml,
                List.of(overrides),
                Map.of("FOLDER", folder.toString(), "TOKENIZER", TOKENIZER.toString())));
    RunFolder run = RunFolder.create(folder.resolve("runs").resolve(config.name()));
    RunListener listener =
        new RunListener() {
          @Override
          public void note(String sentence) {
            notes.add(sentence);
          }
        };
    return new Experiment(config, run, List.of(), listener, () -> false).run();
  }

  private static Batch batch(Tokenizer.Encoding text, int length) {
    long[] mask = new long[length];
    Arrays.fill(mask, 0, text.ids().length, 1);
    Tensor masks = Tensors.of(mask, 1, length);
    return new Batch(
        Map.of(
            Preparation.IDS, Tensors.of(Arrays.copyOf(text.ids(), length), 1, length),
            Preparation.TYPES, Tensors.of(Arrays.copyOf(text.types(), length), 1, length)),
        Map.of(Preparation.IDS, masks, Preparation.TYPES, masks),
        new Names(new long[1], 0));
  }

  @Test
  void networkOfPairs_learns_andReadsItsTypes_inAFileToo() {
    long before = Tensor.live();
    Result result = run(TEACHER);
    assertThat(Tensor.live()).isEqualTo(before);
    assertThat(result.models().values().iterator().next().accuracy()).isGreaterThan(0.9);

    Path written = folder.resolve("runs/teacher/model");
    ModelConfig config = ModelFolder.readConfig(written);
    Step.Tokenize tokenize = config.prepare().tokenize().orElseThrow();
    assertThat(tokenize.texts()).isEqualTo(Step.Tokenize.Texts.PAIR);
    assertThat(config.spec().inputs())
        .extracting(Field::name)
        .containsExactly("input_ids", "attention_mask", "token_type_ids");

    Path file = folder.resolve("pairs.onnx");
    try (Model model = ModelFolder.read(written).model();
        NoGrad noGrad = new NoGrad();
        TensorScope scope = TensorScope.open("test")) {
      model.module().eval();
      OnnxExport.write(file, model.module(), config, OnnxExport.Options.STANDARD);
      Tokenizer.Encoding pair = tokenize.encode("card the", "my card");
      float[] alone = model.answer(batch(pair, pair.ids().length)).logits().toFloats();
      float[] padded = model.answer(batch(pair, 14)).logits().toFloats();
      Tokenizer.Encoding untyped =
          new Tokenizer.Encoding(pair.ids(), new long[pair.ids().length], 0);
      float[] other = model.answer(batch(untyped, pair.ids().length)).logits().toFloats();
      assertThat(padded).containsExactly(alone, within(1e-5f));
      assertThat(Math.abs(other[0] - alone[0])).isGreaterThan(1e-3f);
      try (Teacher exported =
          OnnxTeacher.open(
              file,
              config.spec().input(),
              config.spec().classes(),
              List.of(),
              OnnxOptions.STANDARD)) {
        assertThat(exported.signal(batch(pair, 14)).logits().toFloats())
            .containsExactly(alone, within(1e-5f));
      }
    }
  }

  @Test
  void studentWithoutTypes_learnsFromATeacherWithThem() {
    run(TEACHER, "train.epochs=4");
    Result student = run(STUDENT);
    assertThat(student.models().get(Result.STUDENT).accuracy()).isGreaterThan(0.7);
    assertThat(ModelFolder.readConfig(folder.resolve("runs/student/model")).spec().inputs())
        .extracting(Field::name)
        .containsExactly("input_ids", "attention_mask");
    run(STUDENT, "name=live", "teacher.answers=live", "train.epochs=1");
    run(STUDENT, "name=pruned", "student.prepare.vocabulary=20", "train.epochs=1");
  }

  /** Pairs without labels, which the teacher answers beside those that have one. */
  @Test
  void pairsOfJsonLines_mayHaveNoLabels() throws IOException {
    run(TEACHER, "train.epochs=1");
    List<String> rows = Files.readAllLines(folder.resolve("test.csv"));
    StringBuilder raw = new StringBuilder();
    for (String row : rows.subList(1, 33)) {
      String[] cells = row.split(",");
      raw.append("{\"question\": \"%s\", \"answer\": \"so %s\"}\n".formatted(cells[0], cells[1]));
    }
    Files.createDirectory(folder.resolve("raw"));
    Files.writeString(folder.resolve("raw/train.jsonl"), raw);
    for (String part : List.of("train", "test")) {
      Files.writeString(
          folder.resolve(part + ".jsonl"),
          rows.subList(1, 9).stream()
              .map(row -> row.split(","))
              .map(
                  row ->
                      "{\"question\": \"%s\", \"answer\": \"%s\", \"says\": \"%s\"}\n"
                          .formatted((Object[]) row))
              .collect(Collectors.joining()));
    }
    run(
        STUDENT,
        "name=more",
        "train.epochs=1",
        "data={format: jsonl, folder: '"
            + folder
            + "', text: [question, answer], label: says, validation: 0, unlabelled: {folder: '"
            + folder.resolve("raw")
            + "'}}");
    assertThat(notes).anySatisfy(note -> assertThat(note).contains("40 answers"));
  }

  @Test
  void oneTextWherePairsAreWanted_isRefused_andTheOtherWayRound() {
    run(TEACHER, "train.epochs=1");
    assertThatThrownBy(() -> run(STUDENT, "name=single", "data.text=question"))
        .hasMessage(
            "The network takes pairs of texts, but a sample is a single one. Name two columns or"
                + " fields (data.text: [FIRST, SECOND]), or take a network that was trained on"
                + " single texts.");
    run(TEACHER, "name=single-teacher", "data.text=question", "train.epochs=1");
    assertThatThrownBy(
            () ->
                run(
                    STUDENT,
                    "name=double",
                    "teacher.model=" + folder.resolve("runs/single-teacher/model")))
        .hasMessage(
            "The network takes single texts, but a sample is a pair of them. Name one column or"
                + " field (data.text), or take a network that was trained on pairs.");
    assertThatThrownBy(() -> run(TEACHER, "name=short", "model.prepare.at-most=4"))
        .hasMessage(
            "With pairs of texts a text may have at most 4 ids, but the tokenizer takes a limit of"
                + " 5 to 64. Correct prepare.at-most.");
    assertThatThrownBy(() -> run(TEACHER, "name=three", "data.text=[question, answer, says]"))
        .hasMessageContaining(
            "must name one text or two different ones of a pair, but is [question, answer, says].");
  }

  @Test
  void vectorsOfPairs_areTaughtByNobody() {
    run(TEACHER, "train.epochs=1");
    assertThatThrownBy(
            () ->
                run(
                    STUDENT,
                    "teacher={model: "
                        + folder.resolve("runs/teacher/model")
                        + ", kind: embedding}",
                    "objective=[embedding: {}]"))
        .hasMessage(
            "The teacher gives vectors of single texts, but a sample is a pair of them. Name one"
                + " column or field (data.text).");
  }

  @Test
  void classesThatNobodyNamed_areTakenInTheirOrder() throws IOException {
    run(TEACHER, "train.epochs=1");
    Path config = folder.resolve("runs/teacher/model/config.json");
    String named = Files.readString(config);
    Files.writeString(
        config,
        named
            .replace("\"card\"", "\"LABEL_0\"")
            .replace("\"hello\"", "\"LABEL_1\"")
            .replace("\"the\"", "\"LABEL_2\""));
    run(STUDENT, "train.epochs=1");
  }
}
