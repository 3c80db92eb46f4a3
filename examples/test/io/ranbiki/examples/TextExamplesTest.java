package io.ranbiki.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.config.ConfigDocument;
import io.ranbiki.result.Result;
import io.ranbiki.run.Experiment;
import io.ranbiki.run.RunConfig;
import io.ranbiki.run.RunConfigReader;
import io.ranbiki.run.RunFolder;
import io.ranbiki.run.RunListener;
import io.ranbiki.serve.Student;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of texts run from end to end, on few words and an encoder of random weights. */
class TextExamplesTest {

  private static final Path ENCODER =
      Path.of("../core/src/test/resources/texts/encoder.onnx").toAbsolutePath();
  private static final Path TOKENIZER =
      Path.of("../prepare/src/test/resources/tokenizers/uncased.json").toAbsolutePath();

  @TempDir Path folder;

  /** 24 texts to train on and to test with; in lines, some are of no intent. */
  @BeforeEach
  void writeTexts() throws IOException {
    List<String> topics = List.of("card", "the", "hello", "oos");
    for (String part : List.of("train", "test")) {
      List<String> table = new ArrayList<>(List.of("text,category"));
      List<String> lines = new ArrayList<>();
      for (int i = 0; i < 24; i++) {
        String topic = topics.get(i % 4);
        String text = "my " + (topic + " ").repeat(1 + i % 3) + "is no" + i;
        table.add(text + "," + topics.get(i % 3));
        lines.add("{\"text\": \"%s\", \"label\": \"%s\"}".formatted(text, topic));
      }
      Files.write(folder.resolve(part + ".csv"), table);
      Files.write(
          Files.createDirectories(folder.resolve("clinc150")).resolve(part + ".jsonl"), lines);
    }
  }

  private Result run(String example, List<String> overrides) {
    List<String> all = new ArrayList<>(overrides);
    all.addAll(List.of("train.epochs=1", "train.threads=1", "latency=false"));
    if (!example.startsWith("clinc")) {
      all.add("data.folder=" + folder);
    }
    ConfigDocument document =
        ConfigDocument.read(
            Path.of("text", example), all, Map.of("RANBIKI_DATA", folder.toString()));
    RunConfig config = RunConfigReader.any(document);
    RunFolder run = RunFolder.create(folder.resolve("runs").resolve(config.name()));
    return new Experiment(config, run, List.of("test"), RunListener.NONE, () -> false).run();
  }

  private void head(String example, String... more) {
    List<String> all = new ArrayList<>(List.of(more));
    all.addAll(List.of("model.encoder=" + ENCODER, "model.prepare.tokenizer=" + TOKENIZER));
    run(example, all);
  }

  private Result distill(String example, String head, String... more) {
    List<String> all = new ArrayList<>(List.of(more));
    all.addAll(
        List.of(
            "doctor=false",
            "teacher.model=" + ENCODER,
            "teacher.head=" + folder.resolve("runs/" + head + "/model")));
    Result result = run(example, all);
    assertThat(result.models())
        .as(example)
        .containsOnlyKeys(Result.TEACHER, Result.SCRATCH, Result.DECISIONS, Result.STUDENT);
    return result;
  }

  private static final String[] SMALL_ENCODER = {
    "student.width=16",
    "student.heads=2",
    "student.layers=1",
    "student.prepare.tokenizer=" + TOKENIZER
  };

  private static String[] with(String[] some, String more) {
    List<String> all = new ArrayList<>(List.of(some));
    all.add(more);
    return all.toArray(String[]::new);
  }

  @Test
  void fewLabels_andAll() {
    head("head.yaml", "data.labelled=9");
    distill("banking77-few-labels.yaml", "banking77-head", with(SMALL_ENCODER, "data.labelled=9"));
    for (String student : List.of("static.yaml", "cnn.yaml")) {
      distill(
          student, "banking77-head", "data.labelled=9", "student.prepare.tokenizer=" + TOKENIZER);
    }
    distill("bag.yaml", "banking77-head", "data.labelled=9", "student.prepare.n-grams.rows=64");
    distill("banking77-full.yaml", "banking77-head", SMALL_ENCODER);
  }

  @Test
  void whatIsOfNoIntent_isDoubtedOrNot() {
    head("clinc150-head.yaml", "data.labelled=9");
    Result result =
        distill(
            "clinc150-out-of-scope.yaml", "clinc150-head", with(SMALL_ENCODER, "data.labelled=9"));
    assertThat(result.evidence().models().get(Result.STUDENT).samples()).isEqualTo(18);
    assertThat(result.scores().of("out-of-scope-auc"))
        .containsOnlyKeys(Result.TEACHER, Result.SCRATCH, Result.DECISIONS, Result.STUDENT);
  }

  /** The program of the guide, which prints it whole. */
  @Test
  void distillingFromJava() throws Exception {
    head("head.yaml", "data.labelled=9");
    Path texts = folder.resolve("texts.tsv");
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      String topic = List.of("card", "the", "hello").get(i % 3);
      lines.add((i % 2 == 0 ? topic : "") + "\tmy " + topic + " is no" + i);
    }
    Files.write(texts, lines);
    Path written = folder.resolve("written");
    PrintStream console = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    for (int run = 0; run < 2; run++) { // the second time, all answers are there
      DistilTexts.main(
          new String[] {
            ENCODER.toString(),
            folder.resolve("runs/banking77-head/model").toString(),
            texts.toString(),
            written.toString()
          });
    }
    System.setOut(console);
    assertThat(printed.toString(StandardCharsets.UTF_8).lines())
        .hasSize(2)
        .allMatch(line -> line.matches("accuracy: (0|1)\\.\\d+"));
    try (Student student = Student.load(written.resolve("student.onnx"))) {
      assertThat(student.names()).containsExactly("card", "hello", "the");
      assertThat(student.predict("my card is here").name()).isIn(student.names());
    }
    assertThat(Files.readString(Path.of("../docs/text.md")))
        .contains(
            "```java\n"
                + Files.readString(Path.of("java/io/ranbiki/examples/DistilTexts.java"))
                + "```\n");
  }

  @Test
  void vectors() {
    Result result =
        run(
            "embedding.yaml",
            List.of(
                "doctor=false",
                "teacher.model=" + ENCODER,
                "teacher.prepare.tokenizer=" + TOKENIZER,
                "teacher.prepare.at-most=32",
                "student.prepare.tokenizer=" + TOKENIZER,
                "student.prepare.at-most=32"));
    assertThat(result.scores().of("cosine")).containsKey(Result.STUDENT);
  }
}
