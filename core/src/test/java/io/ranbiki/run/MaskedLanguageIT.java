package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.config.ConfigDocument;
import io.ranbiki.prepare.TokenizerTrainer;
import io.ranbiki.result.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real sentences: what a student learns of a few of them with a teacher that has read more. */
class MaskedLanguageIT {

  private static final Path TEXTS = Path.of("../examples/text/data").toAbsolutePath();

  private static final String NETWORK =
      """
      {architecture: bert, layers: 1, width: 32, heads: 2, dropout: 0,
       prepare: {tokenizer: "${TOKENIZER}", at-most: 24}}
      """;

  private static final String REST =
      """
      latency: false
      data: {format: csv, folder: "${FOLDER}", text: text, task: masked-language, limit: %d, validation: 0}
      train: {epochs: %d, batch: 32, threads: 1, optimizer: {adam: {learning-rate: 0.005}}}
      """;

  private static final String STUDENT =
      """
      name: student
      teacher: {model: "${TEACHER}"}
      compare: {decisions: false}
      doctor: false
      objective:
      - soft-targets: {weight: 5, temperature: 2}
      - hard-labels: {weight: 2}
      - hidden-cosine: {weight: 1}
      student:\s""";

  @TempDir Path folder;

  private Result run(String text) {
    RunConfig config =
        RunConfigReader.any(
            ConfigDocument.parse(
                "masked.yaml",
                text,
                List.of(),
                Map.of(
                    "FOLDER", folder.toString(),
                    "TOKENIZER", folder.resolve("tokenizer.json").toString(),
                    "TEACHER", folder.resolve("teacher").toString())));
    RunFolder run = RunFolder.create(folder.resolve(config.name()));
    return new Experiment(config, run, List.of(), RunListener.NONE, () -> false).run();
  }

  @Test
  void ofAHundredSentences_aStudentLearnsMoreWithATeacherThanAlone() throws IOException {
    TokenizerTrainer trainer = new TokenizerTrainer(TokenizerTrainer.Method.WORDPIECE, 400, true);
    Files.readAllLines(TEXTS.resolve("train.csv")).forEach(trainer::add);
    Files.copy(TEXTS.resolve("train.csv"), folder.resolve("train.csv"));
    List<String> test = Files.readAllLines(TEXTS.resolve("test.csv")); // those of one line each
    test.removeIf(line -> line.contains("\""));
    Files.write(
        folder.resolve("test.csv"),
        IntStream.range(0, test.size() / 10).mapToObj(i -> test.get(10 * i)).toList());
    Files.writeString(folder.resolve("tokenizer.json"), trainer.train(2).json());
    run("name: teacher\nmodel: " + NETWORK + REST.formatted(1000, 5));
    Result result = run(STUDENT + NETWORK + REST.formatted(100, 15));

    double alone = result.scores().models().get(Result.SCRATCH).get("cross-entropy").mean();
    double taught = result.scores().models().get(Result.STUDENT).get("cross-entropy").mean();
    // Both take the same 60 steps from the same weights; 0.27 nats were seen.
    assertThat(alone - taught).isGreaterThan(0.1);
    assertThat(alone).isLessThan(Math.log(400));
  }
}
