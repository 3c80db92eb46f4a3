package io.ranbiki.run;

import io.ranbiki.config.ConfigDocument;
import io.ranbiki.result.Result;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Runs on a few texts about three topics, with an encoder whose weights are random, made by {@code
 * texts/make.py}; the tokenizer is that of the module {@code prepare}.
 */
final class TinyTexts {

  static final Path TOKENIZER =
      Path.of("../prepare/src/test/resources/tokenizers/uncased.json").toAbsolutePath();

  /** The texts, whose topics take turns. */
  static final List<String> TEXTS =
      IntStream.range(0, 48)
          .mapToObj(i -> "my " + (topic(i) + " ").repeat(1 + i % 4) + "is no" + i)
          .toList();

  private TinyTexts() {}

  private static String topic(int text) {
    return List.of("card", "the", "hello").get(text % 3);
  }

  static Path encoder() {
    try {
      return Path.of(TinyTexts.class.getResource("/texts/encoder.onnx").toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The same texts to train on and to test on, in the columns question and topic. */
  static void write(Path folder) throws IOException {
    for (String part : List.of("train", "test")) {
      StringBuilder rows = new StringBuilder("question,topic\n");
      for (int i = 0; i < TEXTS.size(); i++) {
        rows.append('"').append(TEXTS.get(i)).append("\",").append(topic(i)).append('\n');
      }
      Files.writeString(folder.resolve(part + ".csv"), rows);
    }
  }

  /** What a file says, in which FOLDER, ENCODER and TOKENIZER stand for their paths. */
  static RunConfig config(Path folder, String yaml, String... overrides) {
    return RunConfigReader.any(
        ConfigDocument.parse(
            "text.yaml",
            yaml,
            List.of(overrides),
            Map.of(
                "FOLDER", folder.toString(),
                "ENCODER", encoder().toString(),
                "TOKENIZER", TOKENIZER.toString())));
  }

  /** Carries a run out, in {@code runs} under the folder of the texts. */
  static Result run(Path folder, RunConfig config, RunListener listener) {
    RunFolder run = RunFolder.create(folder.resolve("runs").resolve(config.name()));
    return new Experiment(config, run, List.of(), listener, () -> false).run();
  }
}
