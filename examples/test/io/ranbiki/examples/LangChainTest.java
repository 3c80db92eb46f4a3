package io.ranbiki.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.langchain4j.model.embedding.onnx.OnnxEmbeddingModel;
import dev.langchain4j.model.embedding.onnx.PoolingMode;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.OnnxExport;
import io.ranbiki.data.Task;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Step;
import io.ranbiki.prepare.Tokenizer;
import io.ranbiki.serve.Student;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** LangChain4j opens the file of a student of vectors, and its tokenizer, as they are. */
class LangChainTest {

  private static final Path TOKENIZER =
      Path.of("../prepare/src/test/resources/tokenizers/uncased.json");

  @TempDir Path folder;

  /** Its tokenizers come from a library that else asks and tells the network things. */
  @BeforeAll
  static void tellNobody(@TempDir Path unpacked) {
    System.setProperty("OPT_OUT_TRACKING", "true");
    System.setProperty("DJL_CACHE_DIR", unpacked.toString());
  }

  @ParameterizedTest
  @CsvSource({"bert, 8, MEAN", "static-embedding, 12, MEAN", "bert, 8, CLS"})
  void langChain_givesTheVectorsOfAService(String architecture, int width, PoolingMode pooling) {
    boolean first = pooling == PoolingMode.CLS;
    ModelSpec spec =
        new ModelSpec(
            architecture,
            List.of(new Field("input_ids", Field.Kind.INT64, List.of(Field.ANY))),
            6,
            first
                ? Map.of("width", width, "vocabulary", 610, "pooling", "cls")
                : Map.of("width", width, "vocabulary", 610));
    Prepare prepare = Prepare.of(new Step.Tokenize(Tokenizer.read(TOKENIZER), 64));
    Path file = folder.resolve("student.onnx");
    try (Model model = Model.create(spec, 1)) {
      OnnxExport.write(
          file,
          model.module(),
          new ModelConfig(spec, prepare, new Task.Embedding(6)),
          OnnxExport.Options.STANDARD);
    }
    OnnxEmbeddingModel other = new OnnxEmbeddingModel(file, TOKENIZER, pooling);
    try (Student student = Student.load(file)) {
      for (String text : List.of("my card is no more", "Hello, the card?", "naïve 東京")) {
        float[] expected = student.embed(text);
        float[] actual = other.embed(text).content().vector();
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
          assertThat((double) actual[i]).isCloseTo(expected[i], within(1e-5));
        }
      }
    }
  }
}
