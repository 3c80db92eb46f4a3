package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import io.ranbiki.serve.Student;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A student of pairs of texts, from JSON lines to a service. */
class PairsTest {

  private static final Path TOKENIZER =
      Path.of("../prepare/src/test/resources/tokenizers/uncased.json").toAbsolutePath();

  @TempDir Path folder;

  @Test
  void pairs_areTrainedExportedAndServedAlike() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 24; i++) {
      lines.append(
          i % 2 == 0
              ? "{\"question\": \"my card?\", \"answer\": \"the card\", \"label\": \"good\"}\n"
              : "{\"question\": \"my card?\", \"answer\": \"hello\", \"label\": \"bad\"}\n");
    }
    Path data = Files.writeString(folder.resolve("train.jsonl"), lines);
    Path yaml =
        Files.writeString(
            folder.resolve("p.yaml"),
            """
            name: p
            latency: false
            data: {format: jsonl, train: "%1$s", test: "%1$s", text: [question, answer]}
            model:
              architecture: bert
              layers: 1
              width: 8
              heads: 2
              positions: 10
              prepare: {tokenizer: "%2$s", at-most: 10}
            train: {epochs: 1, batch: 8, threads: 1}
            """
                .formatted(data, TOKENIZER));
    Path run = folder.resolve("runs/p");
    Typed trained = Typed.run("train", yaml.toString(), "--run-dir", run.toString(), "-q");
    assertThat(trained.exitCode()).as(trained.err()).isZero();
    Path onnx = folder.resolve("p.onnx");
    Typed exported =
        Typed.run("export", run.toString(), "--to", "onnx", "--output", onnx.toString());
    assertThat(exported.exitCode()).as(exported.err()).isZero();

    String first = "my card? my card? my card?";
    try (Student student = Student.load(onnx);
        Predictor core = Predictor.open(run)) {
      assertThat(student.predict(first, "hello the").logits())
          .containsExactly(core.pair().apply(first, "hello the").logits(), within(1e-5f));
      assertThat(student.predict(first, "hello").logits())
          .isNotEqualTo(student.predict("hello", first).logits());
      assertThatThrownBy(() -> student.predict(first))
          .isInstanceOf(RanbikiException.class)
          .hasMessage(
              "The sample is a text, but the network takes pairs of texts. Give it two texts.");
      assertThatThrownBy(() -> student.predict(first, " "))
          .hasMessage("The second text of the pair is empty. Give both.");
    }
    for (Path model : new Path[] {run, onnx}) {
      Typed asked =
          Typed.run("predict", model.toString(), "--text", "my card?", "--text", "the card");
      assertThat(asked.out()).startsWith("my card? | the card: ");
      assertThat(rows(model, "answers.csv", "question", "answer")).isEqualTo(asked.out());
      assertThat(rows(model, "answers.jsonl", "question", "answer")).isEqualTo(asked.out());
      assertThat(rows(model, "answers.csv", "answer", "question"))
          .startsWith("the card | my card?: ");
    }
    Typed single =
        Typed.run(
            "predict",
            run.toString(),
            folder.resolve("answers.csv").toString(),
            "--column",
            "answer");
    assertThat(single.exitCode()).isNotZero();
    assertThat(single.err()).contains("the network takes pairs of texts. Give it two texts.");
    Typed odd = Typed.run("predict", run.toString(), "--text", "my card?");
    assertThat(odd.exitCode()).isEqualTo(2);
    assertThat(odd.err())
        .contains(
            "A sample is a pair of texts, but --text is given 1 time; give two for each pair.");
  }

  /** What is printed for a file of one pair, read from two of its columns or fields. */
  private String rows(Path model, String name, String first, String second) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve(name),
            name.endsWith(".csv")
                ? "answer,question\nthe card,my card?\n"
                : "{\"answer\": \"the card\", \"question\": \"my card?\"}\n");
    Typed asked =
        Typed.run(
            "predict", model.toString(), file.toString(), "--column", first, "--column", second);
    assertThat(asked.exitCode()).as(asked.err()).isZero();
    return asked.out();
  }
}
