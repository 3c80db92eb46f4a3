package io.ranbiki.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.OnnxExport;
import io.ranbiki.artifact.OnnxExport.WeightType;
import io.ranbiki.artifact.OnnxFile;
import io.ranbiki.artifact.OnnxInfo;
import io.ranbiki.artifact.Range;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Names;
import io.ranbiki.data.Task;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Step;
import io.ranbiki.prepare.Tokenizer;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Students of vectors in ONNX files, as ONNX Runtime and those who pool themselves see them. */
class OnnxVectorsTest {

  private static final Path TOKENIZER =
      Path.of("../prepare/src/test/resources/tokenizers/uncased.json");

  private static final int WIDTH = 6;
  private static final long[] IDS = {2, 5, 7, 30, 200, 3, 2, 9, 3, 0, 0, 0, 2, 600, 3, 0, 0, 0};
  private static final long[] MASK = {1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0};

  @TempDir Path folder;

  private static Model model(String network) {
    String[] words = network.split(" ");
    Map<String, Object> options =
        switch (words[0]) {
          case "bert" ->
              Map.of(
                  "width",
                  words.length > 2 ? Integer.valueOf(words[2]) : 8,
                  "vocabulary",
                  610,
                  "pooling",
                  words[1]);
          case "static-embedding" -> Map.of("width", Integer.valueOf(words[1]), "vocabulary", 610);
          default -> Map.of("width", 4, "channels", 3, "vocabulary", 610);
        };
    List<Field> inputs = List.of(new Field("input_ids", Field.Kind.INT64, List.of(Field.ANY)));
    Model model = Model.create(new ModelSpec(words[0], inputs, WIDTH, options), 1);
    model.module().eval();
    return model;
  }

  private static ModelConfig config(Model model) {
    Prepare prepare = Prepare.of(new Step.Tokenize(Tokenizer.read(TOKENIZER), 16));
    return new ModelConfig(model.spec(), prepare, new Task.Embedding(WIDTH));
  }

  private static byte[] bytes(Model model, WeightType weights, Map<String, Range> ranges) {
    return OnnxExport.bytes(
        model.module(),
        config(model),
        new OnnxExport.Options(weights, false, false, Map.of(), ranges));
  }

  private static Batch batch() {
    return new Batch(
        Map.of("input_ids", Tensors.of(IDS, 3, 6)),
        Map.of("input_ids", Tensors.of(MASK, 3, 6)),
        new Names(new long[3], 0));
  }

  private static float[] ofLengthOne(Tensor vectors) {
    return vectors.div(vectors.normKeep(1)).toFloats();
  }

  private static void requireAlike(float[] actual, float[] expected, double tolerance) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) actual[i]).isCloseTo(expected[i], within(tolerance));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "bert mean, true, 1e-6",
    "bert cls, true, 1e-6",
    "static-embedding 4, true, 1e-6",
    "static-embedding 12, true, 1e-6",
    "text-cnn, false, 1e-6"
  })
  void vectors_areTheModels_forThoseWhoPoolThemselvesToo(
      String network, boolean ofTokens, double tolerance) throws IOException {
    Path file = folder.resolve("student.onnx");
    try (TensorScope scope = TensorScope.open("test");
        Model model = model(network)) {
      Files.write(file, bytes(model, WeightType.FLOAT32, Map.of()));
      float[] expected = ofLengthOne(model.answer(batch()).logits().detach());

      try (OnnxTeacher itself =
          OnnxTeacher.open(
              OnnxFile.read(file), List.of(-1), WIDTH, List.of(), OnnxOptions.STANDARD)) {
        requireAlike(itself.signal(batch()).logits().toFloats(), expected, tolerance);
      }
      try (Teacher encoder =
          OnnxTeacher.encoder(file, Optional.empty(), List.of(), OnnxOptions.STANDARD)) {
        requireAlike(encoder.signal(batch()).logits().toFloats(), expected, tolerance);
      }
      List<String> outputs =
          OnnxFile.read(file).info().outputs().stream().map(OnnxInfo.Port::name).toList();
      if (!ofTokens) {
        assertThat(outputs).containsExactly(OnnxExport.SENTENCE_EMBEDDING);
        return;
      }
      // Those who pool take the first output, by whatever name.
      assertThat(outputs)
          .containsExactly(OnnxExport.LAST_HIDDEN_STATE, OnnxExport.SENTENCE_EMBEDDING);
      Pool pool = network.endsWith("cls") ? Pool.FIRST : Pool.MEAN;
      try (Teacher pooling =
          OnnxTeacher.encoder(file, Optional.of(pool), List.of(), OnnxOptions.STANDARD)) {
        requireAlike(ofLengthOne(pooling.signal(batch()).logits()), expected, tolerance);
      }
    }
  }

  /** Each value as the file with weights of 32 bits answers the very texts, in a wide range. */
  private static Map<String, Range> ranges(Model model) {
    Map<String, Range> ranges = new HashMap<>();
    OnnxFile plain = OnnxFile.of(Path.of("a.onnx"), bytes(model, WeightType.FLOAT32, Map.of()));
    List<String> values =
        plain.info().layers().stream()
            .map(OnnxInfo.Layer::name)
            .filter(name -> !name.contains("/"))
            .toList();
    try (OnnxTeacher asked =
        OnnxTeacher.open(plain, List.of(-1), WIDTH, values, OnnxOptions.STANDARD)) {
      asked
          .signal(batch())
          .features()
          .forEach(
              (name, value) -> {
                float most = value.abs().amax(0, false).flatten(0).amax(0, false).toFloats()[0];
                ranges.put(name, new Range(-most, most));
              });
    }
    return ranges;
  }

  @ParameterizedTest
  @CsvSource({
    "bert mean, 0.03",
    "bert cls, 0.03",
    "static-embedding 12, 0.03",
    "static-embedding 4, 0.03",
    "text-cnn, 0.03"
  })
  void eightBits_areNearlyAsGood(String network, double tolerance) {
    try (TensorScope scope = TensorScope.open("test");
        Model model = model(network)) {
      byte[] small = bytes(model, WeightType.INT8, ranges(model));
      float[] expected = ofLengthOne(model.answer(batch()).logits().detach());

      try (OnnxTeacher asked =
          OnnxTeacher.open(
              OnnxFile.of(folder, small), List.of(-1), WIDTH, List.of(), OnnxOptions.STANDARD)) {
        requireAlike(asked.signal(batch()).logits().toFloats(), expected, tolerance);
      }
    }
  }

  @Test
  void eightBits_areAQuarter() {
    try (TensorScope scope = TensorScope.open("test");
        Model model = model("bert mean 64")) {
      OnnxFile plain = OnnxFile.of(folder, bytes(model, WeightType.FLOAT32, Map.of()));
      OnnxFile small = OnnxFile.of(folder, bytes(model, WeightType.INT8, ranges(model)));
      int tokenizer = plain.preparation().orElseThrow().json().length();
      assertThat((double) small.info().bytes() - tokenizer)
          .isLessThan(0.32 * (plain.info().bytes() - tokenizer));
    }
  }

  @Test
  void linearLayersOfTexts_areComputedInIntegers() throws Exception {
    Path file = folder.resolve("int8.onnx");
    Path optimized = folder.resolve("optimized.onnx");
    try (TensorScope scope = TensorScope.open("test");
        Model model = model("bert mean")) {
      Files.write(file, bytes(model, WeightType.INT8, ranges(model)));
    }
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      options.setOptimizedModelFilePath(optimized.toString());
      OrtEnvironment.getEnvironment().createSession(file.toString(), options).close();
    }
    List<String> operators =
        OnnxFile.read(optimized).info().layers().stream().map(OnnxInfo.Layer::operator).toList();

    assertThat(operators).contains("MatMulIntegerToFloat");
    // In each of two blocks attention multiplies twice, what is no weight.
    assertThat(operators.stream().filter(each -> each.endsWith("MatMul")))
        .hasSizeLessThanOrEqualTo(4);
  }

  @Test
  void aTable_takesInWhatFollowsItsMean_unlessItWouldGrow() {
    try (TensorScope scope = TensorScope.open("test");
        Model wide = model("static-embedding 12");
        Model narrow = model("static-embedding 4")) {
      OnnxFile folded = OnnxFile.of(folder, bytes(wide, WeightType.FLOAT32, Map.of()));
      OnnxFile kept = OnnxFile.of(folder, bytes(narrow, WeightType.FLOAT32, Map.of()));

      assertThat(folded.info().layers())
          .extracting(OnnxInfo.Layer::operator)
          .doesNotContain("MatMul");
      assertThat(folded.info().parameters()).isLessThan(610 * WIDTH + 10);
      assertThat(kept.info().layers()).extracting(OnnxInfo.Layer::operator).contains("MatMul");
      assertThat(kept.info().parameters()).isLessThan(610 * 4 + 4 * WIDTH + WIDTH + 10);
    }
  }

  @Test
  void probabilities_areRefused() {
    try (Model model = model("static-embedding 4")) {
      assertThatThrownBy(
              () ->
                  OnnxExport.bytes(
                      model.module(),
                      config(model),
                      new OnnxExport.Options(WeightType.FLOAT32, false, true, Map.of(), Map.of())))
          .isInstanceOf(RanbikiException.class)
          .hasMessageEndingWith(
              "answers vectors, of which no number is a probability. Leave --probabilities out.");
    }
  }
}
