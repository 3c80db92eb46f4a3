package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.artifact.OnnxExport;
import io.ranbiki.data.Task;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Step;
import io.ranbiki.prepare.Tokenizer;
import io.ranbiki.serve.Prediction;
import io.ranbiki.serve.Student;
import io.ranbiki.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The vectors of texts that the library gives, and those of a service from the exported file. */
class EmbeddingsTest {

  private static final Path TOKENIZER =
      Path.of("../prepare/src/test/resources/tokenizers/uncased.json");

  private static final int WIDTH = 32;
  private static final int TEXTS = 256;

  @TempDir Path folder;

  private ModelConfig model(String architecture, Map<String, Object> options) {
    ModelSpec spec =
        new ModelSpec(
            architecture,
            List.of(new Field("input_ids", Field.Kind.INT64, List.of(Field.ANY))),
            WIDTH,
            options);
    Prepare prepare = Prepare.of(new Step.Tokenize(Tokenizer.read(TOKENIZER), 24));
    ModelConfig config = new ModelConfig(spec, prepare, new Task.Embedding(WIDTH));
    try (Model model = Model.create(spec, 1);
        TensorScope scope = TensorScope.open("test")) {
      model.module().parameters().values().stream()
          .filter(values -> values.dim() == 2)
          .forEach(values -> values.detach().mulInPlace(8)); // else all texts are nearly alike
      ModelFolder.write(folder.resolve("model"), model, config, "for tests");
      OnnxExport.write(
          folder.resolve("student.onnx"), model.module(), config, OnnxExport.Options.STANDARD);
    }
    return config;
  }

  @BeforeEach
  void export() {
    model("bert", Map.of("width", 16, "vocabulary", 610, "positions", 32));
  }

  /** Drawn sentences, or those of Banking77 where they are. */
  private static List<String> texts() throws IOException {
    String data = System.getenv("RANBIKI_DATA");
    Path real = Path.of(data == null ? "" : data).resolve("banking77/test.csv");
    if (data != null && Files.isRegularFile(real)) {
      return Files.readAllLines(real).subList(1, 1 + TEXTS);
    }
    String[] words = {
      "the", "card", "hello", "İstanbul", "naïve", "東京", "🙂", "what's", "a1b2", "?"
    };
    Random random = new Random(1);
    List<String> texts = new ArrayList<>();
    while (texts.size() < TEXTS) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(30); i >= 0; i--) {
        text.append(words[random.nextInt(words.length)]).append(' ');
      }
      texts.add(text.toString());
    }
    return texts;
  }

  @Test
  void aService_givesTheVectorsOfTheLibrary() throws IOException {
    try (Student student = Student.load(folder.resolve("student.onnx"));
        Predictor library = Predictor.open(folder.resolve("model"))) {
      for (String text : texts()) {
        float[] served = student.embed(text);
        float[] own = library.text().apply(text).vector();
        double squares = 0;
        for (int i = 0; i < WIDTH; i++) {
          assertThat((double) served[i]).as(text).isCloseTo(own[i], within(1e-5));
          squares += (double) served[i] * served[i];
        }
        assertThat(squares).isCloseTo(1, within(1e-5));
      }
      assertThat(student.task()).isEqualTo(Prediction.Task.EMBEDDING);
      assertThat(student.names()).isEmpty();
      assertThatThrownBy(() -> student.predict("card").top(1))
          .hasMessage("the student answers vectors, which have no probabilities");
    }
  }

  /** What {@code export} writes after it compared; a service gives nearly the library's vectors. */
  @ParameterizedTest
  @CsvSource({
    "bert, float16, 0.99999, 0.99999",
    "bert, int8, 0.99, 0.97",
    "static-embedding, float16, 0.99999, 0.99999",
    "static-embedding, int8, 0.99, 0.97"
  })
  void smallerWeights_giveNearlyTheSameVectors(
      String architecture, String weights, double mean, double least) throws IOException {
    if (!architecture.equals("bert")) {
      model(architecture, Map.of("width", 16, "vocabulary", 610));
    }
    StringBuilder rows = new StringBuilder("text\n");
    texts().forEach(text -> rows.append('"').append(text.replace("\"", "\"\"")).append("\"\n"));
    for (String part : List.of("train.csv", "test.csv")) {
      Files.writeString(folder.resolve(part), rows);
    }
    Files.writeString(
        folder.resolve("data.yaml"),
        """
        name: texts
        data: {format: csv, folder: "%1$s", text: text, label: []}
        teacher: {model: "%1$s/model", kind: embedding}
        student: {architecture: static-embedding, prepare: {tokenizer: "%2$s"}}
        objective: [embedding: {}]
        """
            .formatted(folder, TOKENIZER.toAbsolutePath()));
    Path file = folder.resolve("smaller.onnx");
    Typed typed =
        Typed.run(
            "export",
            folder.resolve("model").toString(),
            "--to=onnx",
            "--weights=" + weights,
            "--data=" + folder.resolve("data.yaml"),
            "--output=" + file);
    assertThat(typed.exitCode()).as(typed.err()).isZero();
    try (Student student = Student.load(file);
        Predictor library = Predictor.open(folder.resolve("model"))) {
      DoubleSummaryStatistics cosines = new DoubleSummaryStatistics();
      for (String text : texts()) {
        float[] served = student.embed(text);
        float[] own = library.text().apply(text).vector();
        double cosine = 0;
        for (int i = 0; i < WIDTH; i++) {
          cosine += (double) served[i] * own[i];
        }
        cosines.accept(cosine);
      }
      assertThat(cosines.getAverage()).isGreaterThan(mean);
      assertThat(cosines.getMin()).isGreaterThan(least);
      assertThat(Files.size(file)).isLessThan(Files.size(folder.resolve("student.onnx")));
    }
  }

  @Test
  void predict_showsWhatFitsALine_andAllAsJson() {
    Typed words = Typed.run("predict", folder.resolve("model").toString(), "--text", "my card");
    assertThat(words.out()).matches("my card: 32 numbers, (-?0\\.\\d{4} ){6}\\.\\.\\.\n");
    Typed json =
        Typed.run(
            "predict", folder.resolve("student.onnx").toString(), "--text", "my card", "--json");
    assertThat(json.out()).startsWith("{\"input\":\"my card\",\"vector\":[").contains(",");
    assertThat(json.out().split(",")).hasSize(WIDTH + 1);
    Typed top =
        Typed.run("predict", folder.resolve("model").toString(), "--text", "card", "--top", "2");
    assertThat(top.err())
        .contains(
            "--top is for classes and labels, but the student answers vectors; leave it out.");
  }
}
