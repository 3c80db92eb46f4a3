package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.data.Task;
import io.ranbiki.report.Report;
import io.ranbiki.result.Result;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.train.Interrupted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From texts without labels to a masked-language model, a student of it, and a classifier. */
class MaskedLanguageRunTest {

  private static final Path HUB = Path.of("src/test/resources/masked/bert").toAbsolutePath();

  private static final Path TOKENIZER =
      Path.of("../prepare/src/test/resources/tokenizers/uncased.json").toAbsolutePath();

  private static final String DATA =
      """
      data: {format: csv, folder: "${FOLDER}", text: question, task: masked-language}
      """;

  private static final String TEACHER =
      """
      name: teacher
      model:
        architecture: bert
        layers: 2
        width: 16
        heads: 2
        positions: 32
        dropout: 0
        prepare: {tokenizer: "${TOKENIZER}", at-most: 16}
      train: {epochs: 8, batch: 8, threads: 1, optimizer: {adam: {learning-rate: 0.01}}}
      latency: false
      """
          + DATA;

  private static final String STUDENT =
      """
      name: student
      doctor: false
      teacher: {model: "${FOLDER}/runs/teacher"}
      student: {from: {layers: [0]}}
      objective:
      - soft-targets: {weight: 5, temperature: 2}
      - hard-labels: {weight: 2}
      - hidden-cosine: {weight: 1}
      train: {epochs: 3, batch: 8, threads: 1, optimizer: {adam: {learning-rate: 0.01}}}
      latency: false
      """
          + DATA;

  private static final String CLASSIFIER =
      """
      name: classifier
      data: {format: csv, folder: "${FOLDER}", text: question, label: topic}
      model: {from: {teacher: "${FOLDER}/runs/student"}}
      train: {epochs: 3, batch: 8, threads: 1, optimizer: {adam: {learning-rate: 0.01}}}
      latency: false
      """;

  /** What guesses hidden pieces is an encoder of texts, too. */
  private static final String VECTORS =
      """
      name: vectors
      doctor: false
      data: {format: csv, folder: "${FOLDER}", text: question, label: topic}
      teacher: {model: somewhere, kind: embedding}
      student: {architecture: static-embedding, width: 6, prepare: {tokenizer: "${TOKENIZER}", at-most: 16}}
      objective: [embedding: {}]
      compare: {scratch: false}
      train: {epochs: 1, batch: 8, threads: 1}
      latency: false
      """;

  @TempDir Path folder;
  private final List<String> notes = new ArrayList<>();

  @BeforeEach
  void writeTexts() throws IOException {
    List<String> topics = List.of("card", "the", "hello");
    for (String part : List.of("train", "test")) {
      StringBuilder rows = new StringBuilder("question,topic\n");
      for (int i = 0; i < 48; i++) {
        String topic = topics.get(i % 3);
        rows.append("\"my ").append((topic + " ").repeat(1 + i % 4)).append("is no").append(i);
        rows.append("\",").append(topic).append('\n');
      }
      Files.writeString(folder.resolve(part + ".csv"), rows);
    }
  }

  private RunConfig config(String text, String... overrides) {
    return RunConfigReader.any(
        ConfigDocument.parse(
            "masked.yaml",
            text,
            List.of(overrides),
            Map.of("FOLDER", folder.toString(), "TOKENIZER", TOKENIZER.toString())));
  }

  private Result run(String text, String... overrides) {
    return run(config(text, overrides), () -> false);
  }

  private Result run(RunConfig config, BooleanSupplier stop) {
    Path path = folder.resolve("runs").resolve(config.name());
    RunFolder run = Files.exists(path) ? new RunFolder(path) : RunFolder.create(path);
    RunListener listener =
        new RunListener() {
          @Override
          public void note(String sentence) {
            notes.add(sentence);
          }
        };
    return new Experiment(config, run, List.of(), listener, stop).run();
  }

  private static double of(Result result, String role, String metric) {
    return result.scores().models().get(role).get(metric).mean();
  }

  private void assertRefused(String text, String message, String... overrides) {
    assertThatThrownBy(() -> run(text, overrides))
        .isInstanceOf(RanbikiException.class)
        .hasMessageContaining(message);
  }

  @Test
  void student_learnsToGuessAsItsTeacher_andBecomesAClassifier() throws IOException {
    long before = Tensor.live();
    Result teacher = run(TEACHER);

    assertThat(Tensor.live()).isEqualTo(before);
    assertThat(teacher.scores().task()).isEqualTo("masked-language");
    assertThat(teacher.scores().decides()).isEqualTo("cross-entropy");
    double entropy = of(teacher, Result.STUDENT, "cross-entropy");
    assertThat(entropy).isLessThan(Math.log(610) / 2);
    assertThat(of(teacher, Result.STUDENT, "perplexity"))
        .isCloseTo(Math.exp(entropy), within(1e-9));

    Result result = run(STUDENT);
    assertThat(Report.of(FinishedRuns.read(folder.resolve("runs/student"))).html())
        .contains("The student has a cross-entropy of")
        .doesNotContain("of its teacher’s accuracy");

    assertThat(Tensor.live()).isEqualTo(before);
    assertThat(result.scores().models())
        .containsOnlyKeys("teacher", "scratch", "decisions", "student");
    assertThat(of(result, Result.TEACHER, "cross-entropy")).isEqualTo(entropy);
    assertThat(of(result, Result.STUDENT, "agreement"))
        .isGreaterThan(of(result, Result.SCRATCH, "agreement"));
    assertThat(result.verdict()).startsWith("One seed: cross-entropy ");
    Path model = folder.resolve("runs/student/model");
    assertThat(ModelFolder.readConfig(model).task()).isEqualTo(new Task.MaskedLanguage(610));
    assertThat(Files.readString(model.resolve("README.md")))
        .contains("fill-mask", "guesses pieces that are hidden of a text, each one of 610")
        .contains("| perplexity |", "AutoModelForMaskedLM");
    assertThat(notes)
        .contains(
            "hidden-cosine: hidden.2 -> hidden.1.",
            "5 of 48 training texts are held out, and epochs are judged by the cross-entropy of the"
                + " pieces that are hidden of them; the best one is kept.")
        .noneMatch(note -> note.contains("label") && !note.contains("labelled samples"));

    Result classifier = run(CLASSIFIER);
    assertThat(classifier.models().get(Result.STUDENT).accuracy()).isGreaterThan(0.5);

    Path copy = folder.resolve("copy");
    ModelFolder.copy(model, copy);
    Result vectors = run(VECTORS, "teacher.model=" + copy);
    assertThat(vectors.scores().models().get(Result.STUDENT)).containsKey("cosine");
  }

  @Test
  void aRunThatGoesOn_hasTheBitsOfOneThatWasNotStopped() throws IOException {
    run(TEACHER, "train.epochs=2", "model.dropout=0.1");
    AtomicInteger steps = new AtomicInteger();
    RunConfig again = config(TEACHER, "train.epochs=2", "model.dropout=0.1", "name=again");
    assertThatThrownBy(() -> run(again, () -> steps.incrementAndGet() > 7))
        .isInstanceOf(Interrupted.class);
    run(again, () -> false);

    assertThat(folder.resolve("runs/again/model/model.safetensors"))
        .hasSameBinaryContentAs(folder.resolve("runs/teacher/model/model.safetensors"));
  }

  @Test
  void linesOfJson_giveWhatTheSameTextsInATableDo() throws IOException {
    for (String part : List.of("train", "test")) {
      List<String> rows = Files.readAllLines(folder.resolve(part + ".csv"));
      Files.write(
          folder.resolve(part + ".jsonl"),
          rows.subList(1, rows.size()).stream()
              .map(row -> "{\"question\": %s}".formatted(row.substring(0, row.indexOf("\",") + 1)))
              .toList());
    }
    Result table = run(TEACHER, "train.epochs=1");
    Result lines = run(TEACHER, "train.epochs=1", "name=lines", "data.format=jsonl");

    assertThat(of(lines, Result.STUDENT, "cross-entropy"))
        .isEqualTo(of(table, Result.STUDENT, "cross-entropy"));
  }

  @Test
  void foldersOfTexts_needNoClasses() throws IOException {
    for (String part : List.of("train", "test/any")) {
      Path texts = Files.createDirectories(folder.resolve("texts").resolve(part));
      for (int i = 0; i < 24; i++) {
        Files.writeString(texts.resolve(i + ".txt"), "my card is no" + i + "\n");
      }
    }
    Result result =
        run(
            TEACHER,
            "data={format: texts, folder: '"
                + folder.resolve("texts")
                + "', task: masked-language}",
            "train.epochs=1");

    assertThat(result.scores().models().get(Result.STUDENT))
        .containsOnlyKeys("cross-entropy", "perplexity", "accuracy");
  }

  @Test
  void aFolderOfTransformers_teaches() throws IOException {
    Result result =
        run(
            STUDENT.replace("${FOLDER}/runs/teacher", HUB.toString()),
            "train.epochs=1",
            "compare={scratch: false, decisions: false}");

    assertThat(of(result, Result.TEACHER, "perplexity")).isGreaterThan(1);
    assertThat(ModelFolder.readConfig(folder.resolve("runs/student/model")).task())
        .isEqualTo(new Task.MaskedLanguage(30));
  }

  @Test
  void whatCannotGuess_isRefused() {
    assertRefused(
        STUDENT,
        "describes a network of the task classes, which does not guess hidden pieces",
        "teacher.model=" + classifier());
    assertRefused(
        TEACHER,
        "The architecture 'static-embedding' cannot guess hidden pieces of texts.",
        "model={architecture: static-embedding, prepare: {tokenizer: '" + TOKENIZER + "'}}");
    RunFolder nowhere = new RunFolder(folder.resolve("runs/nowhere"));
    assertThatThrownBy(() -> Labelling.of(config(STUDENT), nowhere, RunListener.NONE, () -> false))
        .hasMessageStartingWith("The task is masked-language, in which a teacher is asked while");
    assertRefused(
        STUDENT,
        "is guessed by one that is asked while the student learns",
        "teacher={from: answers.csv, kind: logits}");
    assertRefused(
        STUDENT, "which one model alone does", "teacher={model: ['" + HUB + "', '" + HUB + "']}");
    assertRefused(TEACHER, "but the student has no tokenizer", "model={architecture: bert}");
    assertRefused(TEACHER, "names no column of them", "data.text=[]");
    assertRefused(TEACHER, "so that labels have no say", "data.labelled=3");
    assertRefused(
        STUDENT,
        "is to be asked once (answers: stored), but every epoch hides other pieces",
        "teacher.answers=stored");
    assertRefused(
        STUDENT,
        "guesses pieces of another tokenizer than the student's",
        "teacher.model=" + HUB,
        "student={architecture: bert, prepare: {tokenizer: '" + TOKENIZER + "'}}");
  }

  private Path classifier() {
    run(
        CLASSIFIER,
        "model={architecture: bert, width: 8, layers: 1, prepare: {tokenizer: '"
            + TOKENIZER
            + "', at-most: 16}}",
        "train.epochs=1");
    return folder.resolve("runs/classifier");
  }
}
