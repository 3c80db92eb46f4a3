package io.ranbiki.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Names;
import io.ranbiki.data.Task;
import io.ranbiki.teacher.OnnxOptions;
import io.ranbiki.teacher.OnnxTeacher;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The modules behind an encoder, against PyTorch:
 *
 * <pre>
 * g = load_file("sentence/golden.safetensors")
 * w = torch.sin(1 + torch.arange(48, dtype=torch.float32)).reshape(3, 16) / 4
 * b = torch.cos(torch.arange(3, dtype=torch.float32)) / 2
 * print(torch.nn.functional.normalize(torch.tanh(g["mean"] @ w.T + b)), g["cls"] @ w.T)
 * </pre>
 */
class SentenceModulesTest {

  private static final float[] TANH_UNIT = {
    -0.510018f,
    0.611991f,
    -0.604441f,
    -0.511192f,
    0.611593f,
    -0.603851f,
    0.043734f,
    0.786663f,
    -0.615832f
  };
  private static final float[] FIRST_PLAIN = {
    -1.873604f,
    1.956422f,
    -1.873568f,
    -1.454959f,
    1.522889f,
    -1.461859f,
    -0.454241f,
    0.356858f,
    -0.229257f
  };

  @TempDir Path temp;
  private Path folder;

  @BeforeEach
  void copy() throws IOException {
    folder = HubFolderTest.copy("sentence", temp.resolve("e"));
  }

  private void list(String... types) throws IOException {
    StringBuilder list = new StringBuilder("[");
    for (int i = 0; i < types.length; i++) {
      String path = i == 0 ? "" : i + "_" + types[i];
      list.append(i == 0 ? "" : ",").append("{\"path\": \"").append(path);
      list.append("\", \"type\": \"sentence_transformers.models.").append(types[i]).append("\"}");
    }
    Files.writeString(folder.resolve("modules.json"), list.append("]"));
  }

  private void dense(String activation, boolean bias) throws IOException {
    Path dense = Files.createDirectories(folder.resolve("2_Dense"));
    Files.writeString(
        dense.resolve("config.json"),
        "{\"in_features\": 16, \"out_features\": 3, \"bias\": "
            + bias
            + ", \"activation_function\": \"torch.nn.modules."
            + activation
            + "\"}");
    float[] weight = new float[48];
    for (int i = 0; i < weight.length; i++) {
      weight[i] = (float) Math.sin(1 + i) / 4;
    }
    try (TensorScope scope = TensorScope.open("test")) {
      Map<String, Tensor> weights = new LinkedHashMap<>();
      weights.put("linear.weight", Tensors.of(weight, 3, 16));
      if (bias) {
        float[] numbers = {0.5f, (float) Math.cos(1) / 2, (float) Math.cos(2) / 2};
        weights.put("linear.bias", Tensors.of(numbers, 3));
      }
      Weights.writeTensors(dense.resolve("model.safetensors"), weights, Map.of());
    }
  }

  private void requireAnswer(float[] expected) {
    try (TensorScope scope = TensorScope.open("test");
        NoGrad noGrad = new NoGrad();
        ModelFolder.Loaded loaded = ModelFolder.read(folder)) {
      Map<String, Tensor> golden = Weights.readTensors(folder.resolve("golden.safetensors"));
      loaded.model().module().eval();
      Map<String, Tensor> inputs =
          Map.of("input_ids", golden.get("ids"), "attention_mask", golden.get("mask"));
      requireClose(loaded.model().module().answer(inputs).logits().toFloats(), expected);
      assertThat(loaded.model().spec().parameters()).isEqualTo(loaded.model().parameterCount());
      assertThat(loaded.config().task()).isEqualTo(new Task.Embedding(3));

      Path kept = temp.resolve("kept");
      ModelFolder.write(kept, loaded.model(), loaded.config(), "");
      try (ModelFolder.Loaded again = ModelFolder.read(kept)) {
        again.model().module().eval();
        requireClose(again.model().module().answer(inputs).logits().toFloats(), expected);
      }
    }
  }

  private static void requireClose(float[] actual, float[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i]).isCloseTo(expected[i], within(2e-5f));
    }
  }

  @Test
  void aLinearLayerWithTanh_andTheWayToLengthOne_areApplied() throws IOException {
    list("Transformer", "Pooling", "Dense", "Normalize");
    dense("activation.Tanh", true);
    requireAnswer(TANH_UNIT);
  }

  @Test
  void aLinearLayerAlone_isAppliedToTheFirstToken() throws IOException {
    list("Transformer", "Pooling", "Dense");
    dense("linear.Identity", false);
    Files.writeString(
        folder.resolve("1_Pooling/config.json"), "{\"pooling_mode_cls_token\": true}");
    requireAnswer(FIRST_PLAIN);
  }

  /** The file brings vectors to length 1 by itself, so that its tokens can still be pooled. */
  @Test
  void theFileOfAFolderOfUnitLength_isThatOfOneWithout() throws IOException {
    byte[] with = exported();
    list("Transformer", "Pooling");
    byte[] without = exported();
    assertThat(OnnxFile.of(Path.of("a.onnx"), with).info().outputs())
        .isEqualTo(OnnxFile.of(Path.of("a.onnx"), without).info().outputs())
        .hasSize(2);
    list("Transformer", "Pooling", "Dense", "Normalize");
    dense("activation.Tanh", true);
    try (TensorScope scope = TensorScope.open("test");
        OnnxTeacher teacher =
            OnnxTeacher.open(
                OnnxFile.of(Path.of("a.onnx"), exported()),
                List.of(-1),
                3,
                List.of(),
                OnnxOptions.STANDARD)) {
      Map<String, Tensor> golden = Weights.readTensors(folder.resolve("golden.safetensors"));
      Batch batch =
          new Batch(
              Map.of("input_ids", golden.get("ids"), Batch.TRUTH, Tensors.of(new long[3], 3)),
              Map.of("input_ids", golden.get("mask")),
              new Names(new long[3], 0));
      requireClose(teacher.signal(batch).logits().toFloats(), TANH_UNIT);
    }
  }

  private byte[] exported() {
    try (TensorScope scope = TensorScope.open("test");
        ModelFolder.Loaded loaded = ModelFolder.read(folder)) {
      loaded.model().module().eval();
      return OnnxExport.bytes(
          loaded.model().module(), loaded.config(), OnnxExport.Options.STANDARD);
    }
  }

  @Test
  void whatIsPutBeforeTexts_isReadToo_andAllFilesCount() throws IOException {
    Files.writeString(
        folder.resolve("config_sentence_transformers.json"),
        "{\"prompts\": {\"query\": \"query: \"}, \"default_prompt_name\": \"query\"}");
    list("Transformer", "Pooling", "Dense", "Normalize");
    dense("activation.Tanh", true);
    assertThat(ModelFolder.readConfig(folder).prepare().tokenize().orElseThrow().prefix())
        .isEqualTo("query: ");
    assertThat(ModelFolder.files(folder))
        .contains(
            folder.resolve("modules.json"),
            folder.resolve("1_Pooling/config.json"),
            folder.resolve("2_Dense/config.json"),
            folder.resolve("2_Dense/model.safetensors"),
            folder.resolve("config_sentence_transformers.json"));
  }

  @Test
  void whatCannotBeApplied_isSaidInASentence() throws IOException {
    list("Transformer", "Pooling", "LSTM", "Normalize");
    assertThatThrownBy(() -> ModelFolder.readConfig(folder))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            folder.resolve("modules.json")
                + " lists the modules Transformer, Pooling, LSTM, Normalize, but those that can be"
                + " applied here are Transformer, Pooling, Dense and Normalize, in this order, with"
                + " or without the last two. Export the network to ONNX and use that file.");
    list("Transformer", "Pooling", "Dense");
    dense("activation.GELU", true);
    assertThatThrownBy(() -> ModelFolder.readConfig(folder))
        .hasMessage(
            folder.resolve("2_Dense/config.json")
                + " says activation_function: \"torch.nn.modules.activation.GELU\", but behind the"
                + " linear layer of a vector Tanh and Identity can be applied. Export the network"
                + " to ONNX and use that file.");
    dense("activation.Tanh", true);
    Files.delete(folder.resolve("2_Dense/model.safetensors"));
    assertThatThrownBy(() -> ModelFolder.read(folder))
        .hasMessage(
            folder.resolve("2_Dense")
                + " has no model.safetensors, and pickled weights are never read. Save the folder"
                + " again with safe_serialization=True.");
    Files.writeString(folder.resolve("modules.json"), "{}");
    assertThatThrownBy(() -> ModelFolder.readConfig(folder))
        .hasMessage(folder.resolve("modules.json") + " must hold a JSON array.");
  }
}
