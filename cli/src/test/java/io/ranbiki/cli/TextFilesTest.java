package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Texts of which few have a label, from a file of JSON lines to answers about other files. */
class TextFilesTest {

  private static final Path TOKENIZER =
      Path.of("../prepare/src/test/resources/tokenizers/uncased.json").toAbsolutePath();

  @TempDir Path folder;

  /** Every fourth line has a topic. */
  private String train() throws IOException {
    Path lines = folder.resolve("tickets.jsonl");
    Files.write(
        lines,
        IntStream.range(0, 48)
            .mapToObj(
                i -> {
                  String word = i % 8 == 0 ? "card" : "hello";
                  String topic = i % 4 != 0 ? "null" : i % 8 == 0 ? "\"cards\"" : "\"greetings\"";
                  return "{\"id\": \"T%d\", \"message\": \"my %s is %d\", \"topic\": %s}"
                      .formatted(i, word, i, topic);
                })
            .toList());
    Path test = folder.resolve("test.jsonl");
    Files.writeString(
        test,
        """
        {"id": "V1", "message": "my card", "topic": "cards"}
        {"id": "V2", "message": "hello hello", "topic": "greetings"}
        """);
    Path yaml = folder.resolve("tickets.yaml");
    Files.writeString(
        yaml,
        """
        name: tickets
        latency: false
        data: {format: jsonl, train: "%s", test: "%s", text: message, label: topic, key: id}
        model: {architecture: static-embedding, width: 8, prepare: {tokenizer: "%s", at-most: 16}}
        train: {epochs: 1, batch: 8, threads: 1}
        """
            .formatted(lines, test, TOKENIZER));
    Typed trained =
        Typed.run("train", yaml.toString(), "--run-dir", folder.resolve("run").toString());
    assertThat(trained.exitCode()).as(trained.err()).isZero();
    assertThat(trained.err())
        .contains(
            "No term of the objective learns from the 36 of 48 training samples that have no label."
                + " Leave them out, which is faster: data.drop-unlabelled: true.");
    Typed fewer = Typed.run("train", yaml.toString(), "data.drop-unlabelled=true", "--dry-run");
    assertThat(fewer.out()).contains("12 training samples of 2 classes");
    return folder.resolve("run").toString();
  }

  private Typed predict(String... words) {
    return Typed.run(
        List.of(words).stream()
            .map(word -> word.contains(".") ? folder.resolve(word).toString() : word)
            .toArray(String[]::new));
  }

  /** What stands before the colon in each line. */
  private static String inputs(Typed typed) {
    return typed
        .out()
        .lines()
        .map(line -> line.replaceFirst(": (cards|greetings) .*", ""))
        .collect(Collectors.joining(";"));
  }

  @Test
  void textsOfEveryForm_areAnswered() throws IOException {
    String run = train();
    Files.writeString(folder.resolve("a.txt"), "my card\n\nhello\n");
    Typed lines = predict("predict", run, "a.txt");
    assertThat(inputs(lines)).isEqualTo("my card;hello");
    assertThat(lines.exitCode()).isZero();

    Files.writeString(folder.resolve("a.csv"), "n,text\n7,\"my card, my card\"\n8,hello\n");
    assertThat(inputs(predict("predict", run, "a.csv"))).isEqualTo("my card, my card;hello");
    assertThat(inputs(predict("predict", run, "a.csv", "--key", "n"))).isEqualTo("7;8");
    assertThat(inputs(predict("predict", run, "test.jsonl", "--column", "message", "--key", "id")))
        .isEqualTo("V1;V2");
    assertThat(predict("predict", run, "test.jsonl", "--column", "message", "--json").out())
        .startsWith("{\"input\":\"my card\",\"class\":");

    Typed other = predict("predict", run, "test.jsonl");
    assertThat(other.exitCode()).isEqualTo(3);
    assertThat(other.err())
        .contains("has no field 'text', but [id, message, topic].", "Name it with --column.");
  }

  @Test
  void whatIsInTheFile_isSaidInWords() throws IOException {
    String run = train();
    String onnx = folder.resolve("tickets.onnx").toString();
    Typed exported = Typed.run("export", run, "--to", "onnx", "--output", onnx);
    assertThat(exported.exitCode()).as(exported.err()).isZero();
    assertThat(exported.out()).endsWith("predict " + onnx + " --text TEXT\n");
    Typed inspected = Typed.run("inspect", onnx);
    assertThat(inspected.out())
        .contains("preparation   of at most 16 ids by WordPiece of 610 pieces\n")
        .contains("not measured, since a text may have any length")
        .doesNotContain("\"[CLS]\"");
    Path tokenizer = folder.resolve("run/model/tokenizer.json");
    assertThat(Typed.run("inspect", tokenizer.toString()).out())
        .contains("  makes ids by  WordPiece of 610 pieces\n");
    Files.copy(Path.of(onnx), folder.resolve("model.onnx"));
    assertThat(Typed.run("inspect", folder.toString()).err())
        .contains(" or .store file, such as " + folder.resolve("model.onnx") + ".");
  }
}
