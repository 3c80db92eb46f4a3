package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.HubFolderTest;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.artifact.Weights;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.model.Model;
import io.ranbiki.nn.Taps;
import io.ranbiki.result.Result;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Students that begin with layers of an encoder in a folder of transformers. */
class TakenLayersTest {

  private static final String RUN =
      """
      name: student
      teacher: {model: "${HUB}/bert", prepare: {tokenizer: "${HUB}/bert/tokenizer.json"}}
      student: {from: {layers: [0, 2]}}
      data: {format: csv, folder: "${FOLDER}", text: question, label: topic, validation: 0}
      objective: [soft-targets: {weight: 1, temperature: 1}]
      train: {epochs: 1, batch: 8, threads: 1}
      compare: {scratch: false, decisions: false}
      latency: false
      doctor: false
      """;

  @TempDir Path folder;

  @BeforeEach
  void writeTexts() throws IOException {
    List<String> topics = List.of("ask", "go", "pay");
    for (String part : List.of("train", "test")) {
      StringBuilder rows = new StringBuilder("question,topic\n");
      for (int i = 0; i < 24; i++) {
        rows.append("where is my card w1").append(i % 8).append(',').append(topics.get(i % 3));
        rows.append('\n');
      }
      Files.writeString(folder.resolve(part + ".csv"), rows);
    }
  }

  private RunConfig config(String... overrides) {
    String hub = HubFolderTest.folder("bert").getParent().toString();
    return RunConfigReader.any(
        ConfigDocument.parse(
            "run.yaml", RUN, List.of(overrides), Map.of("FOLDER", folder.toString(), "HUB", hub)));
  }

  private Model initial(RunConfig config) {
    try (RunData data = RunData.open(config)) {
      return Networks.initial(config.student(), data, 1);
    }
  }

  private static float[] values(Model model, String name) {
    return model.module().state().get(name).detach().toFloats();
  }

  @Test
  void embeddingsAndLayers_areThoseOfTheTeacher_andAClassifierThatFits() {
    try (TensorScope scope = TensorScope.open("test");
        ModelFolder.Loaded teacher = ModelFolder.read(HubFolderTest.folder("bert"));
        Model student = initial(config())) {
      assertThat(student.spec().options()).containsEntry("layers", 2).containsEntry("width", 16);
      assertThat(values(student, "embeddings.word_embeddings.weight"))
          .containsExactly(values(teacher.model(), "embeddings.word_embeddings.weight"));
      for (String part : List.of("attention.self.query.weight", "output.LayerNorm.bias")) {
        assertThat(values(student, "encoder.layer.1." + part))
            .containsExactly(values(teacher.model(), "encoder.layer.2." + part));
      }
      assertThat(values(student, "classifier.weight"))
          .containsExactly(values(teacher.model(), "classifier.weight"));
    }
  }

  @Test
  void anEncoderWithoutClassifier_getsANewOne() {
    String hub = HubFolderTest.folder("sentence").toString();
    try (TensorScope scope = TensorScope.open("test");
        ModelFolder.Loaded teacher = ModelFolder.read(HubFolderTest.folder("sentence"));
        Model student = initial(config("student.from.teacher=" + hub))) {
      assertThat(student.spec().options()).containsEntry("pooling", "mean");
      assertThat(student.spec().classes()).isEqualTo(3);
      assertThat(values(student, "encoder.layer.1.output.dense.weight"))
          .containsExactly(values(teacher.model(), "encoder.layer.2.output.dense.weight"));
      assertThat(values(student, "classifier.weight")).hasSize(3 * 16);
    }
  }

  /**
   * Which layers read all tokens goes with them. Against transformers, as in {@link HubFolderTest},
   * with the weights of layers 0 and 2 in a network of two.
   */
  @Test
  void layersOfModernBert_readAsFarAsTheyDidInTheTeacher() throws IOException {
    requireTaken(
        new float[] {-0.280094f, 0.349481f, 0.038373f, 0.026985f, 0.549243f, 0.219552f},
        "full",
        "sliding",
        "full");
    requireTaken(
        new float[] {-0.291673f, 0.299784f, -0.031223f, -0.031856f, 0.256402f, 0.329422f},
        "full",
        "sliding",
        "sliding");
  }

  private void requireTaken(float[] expected, String... types) throws IOException {
    Path teacher = HubFolderTest.copy("modernbert", folder.resolve(String.join("-", types)));
    HubFolderTest.setTypes(teacher, types);
    try (TensorScope scope = TensorScope.open("test");
        NoGrad noGrad = new NoGrad();
        Model student = initial(config("student.from.teacher=" + teacher))) {
      Map<String, Tensor> golden = Weights.readTensors(teacher.resolve("golden.safetensors"));
      student.module().eval();
      try (Taps taps = Taps.open(student.module(), List.of("pooled"))) {
        student
            .module()
            .answer(Map.of("input_ids", golden.get("ids"), "attention_mask", golden.get("mask")));
        float[] pooled = taps.take().get("pooled").toFloats();
        for (int i = 0; i < expected.length; i++) {
          assertThat(pooled[i]).isCloseTo(expected[i], within(1e-5f));
        }
      }
    }
  }

  /** Rows of vectors follow the text of a piece, not its id. */
  @Test
  void aTokenizerWithOtherIds_getsTheVectorsOfItsPieces() throws IOException {
    String json = Files.readString(HubFolderTest.folder("bert").resolve("tokenizer.json"));
    Path other = folder.resolve("other.json");
    Files.writeString(
        other,
        json.replace("\"where\": 5", "\"where\": 1000")
            .replace("\"is\": 6", "\"is\": 5")
            .replace("\"where\": 1000", "\"where\": 6"));
    try (TensorScope scope = TensorScope.open("test");
        ModelFolder.Loaded teacher = ModelFolder.read(HubFolderTest.folder("bert"));
        Model student =
            initial(config("student.prepare={tokenizer: " + other + ", at-most: 14}"))) {
      Tensor theirs = teacher.model().module().state().get("embeddings.word_embeddings.weight");
      Tensor ours = student.module().state().get("embeddings.word_embeddings.weight");
      assertThat(ours.detach().select(0, 6).toFloats())
          .containsExactly(theirs.detach().select(0, 5).toFloats());
      assertThat(ours.detach().select(0, 5).toFloats())
          .containsExactly(theirs.detach().select(0, 6).toFloats());
      assertThat(ours.detach().select(0, 9).toFloats())
          .containsExactly(theirs.detach().select(0, 9).toFloats());
    }
  }

  @Test
  void aRun_teachesSuchAStudent_byAFolderOfTransformers() {
    long before = Tensor.live();
    RunConfig config = config();
    RunFolder run = RunFolder.create(folder.resolve("runs/student"));
    Result result = new Experiment(config, run, List.of(), new RunListener() {}, () -> false).run();
    assertThat(Tensor.live()).isEqualTo(before);
    assertThat(result.models()).containsKeys(Result.TEACHER, Result.STUDENT);
    ModelConfig kept = ModelFolder.readConfig(folder.resolve("runs/student/model"));
    assertThat(kept.spec().options()).containsEntry("layers", 2);
    assertThat(kept.prepare().tokenize().orElseThrow().atMost()).isEqualTo(14);
  }

  @Test
  void whatCannotBeTaken_isSaidInASentence() throws IOException {
    assertThatThrownBy(() -> initial(config("student.from.layers=[0, 3]")))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "'student.from' takes layer 3 of "
                + HubFolderTest.folder("bert")
                + ", which has the layers 0 to 2.");
    assertThatThrownBy(() -> config("student.from.layers=[2, 0]"))
        .hasMessageContaining("must be increasing numbers of layers, but is [2, 0].");
    Path file = Files.createFile(folder.resolve("model.onnx"));
    assertThatThrownBy(() -> initial(config("student.from.teacher=" + file)))
        .hasMessage(
            "'student.from' takes layers of a model folder, but "
                + file
                + " is a file. Make a folder of an ONNX file by: ranbiki import FILE --to FOLDER");
    assertThatThrownBy(() -> config("student.architecture=bert"))
        .hasMessageContaining("it cannot stand beside 'from'; leave one of them out.");
  }
}
