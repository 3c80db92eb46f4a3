package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.HubFolderTest;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.artifact.Weights;
import io.ranbiki.data.Task;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file that PyTorch exported: see core/src/test/python/make_hub_resources.py. */
class OnnxImportTest {

  private static final Path ENCODER = HubFolderTest.folder("sentence").resolve("model.onnx");
  private static final Path TOKENIZER = ENCODER.resolveSibling("tokenizer.json");

  @TempDir Path temp;

  @Test
  void weights_areThoseThatTransformersHad_andHeadsAreFound() {
    Path folder = temp.resolve("folder");
    long before = Tensor.live();
    OnnxImport.Imported imported = OnnxImport.run(ENCODER, TOKENIZER, "cls", folder);
    assertThat(Tensor.live()).isEqualTo(before);
    assertThat(imported.difference()).isLessThan(1e-5);
    assertThat(imported.spec().options())
        .containsEntry("heads", 2)
        .containsEntry("layers", 3)
        .containsEntry("pooling", "cls")
        .containsEntry("feed-forward", 20);
    try (TensorScope scope = TensorScope.open("test");
        ModelFolder.Loaded loaded = ModelFolder.read(folder)) {
      assertThat(loaded.config().task()).isEqualTo(new Task.Embedding(16));
      assertThat(loaded.config().prepare().tokenize().orElseThrow().atMost()).isEqualTo(14);
      Map<String, Tensor> theirs = Weights.readTensors(ENCODER.resolveSibling("model.safetensors"));
      Map<String, Tensor> ours = loaded.model().module().state();
      assertThat(ours).hasSize(5 + 3 * 16);
      ours.forEach(
          (name, tensor) ->
              assertThat(tensor.detach().toFloats())
                  .as(name)
                  .containsExactly(theirs.get(name).toFloats()));
    }
    assertThat(folder.resolve("tokenizer.json")).hasSameTextualContentAs(TOKENIZER);
  }

  @Test
  void whatDoesNotMap_isRefusedByWhatIsMissing_andNothingIsWritten()
      throws IOException, URISyntaxException {
    Path folder = temp.resolve("folder");
    byte[] bytes = Files.readAllBytes(ENCODER);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    Path other = temp.resolve("other.onnx");
    Files.write(
        other,
        text.replace("/encoder/layer.1/output/dense/MatMul", "/encoder/layer.1/output/tense/MatMul")
            .getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> OnnxImport.run(other, TOKENIZER, "mean", folder))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            other
                + " does not hold the weights of an encoder of texts:"
                + " encoder.layer.1.output.dense.weight is missing. Take one that PyTorch exported"
                + " of BERT, DistilBERT or RoBERTa with its names.");
    assertThat(folder).doesNotExist();

    Path classifier = Path.of(OnnxImportTest.class.getResource("/texts/classifier.onnx").toURI());
    assertThatThrownBy(() -> OnnxImport.run(classifier, TOKENIZER, "mean", folder))
        .hasMessageContaining("embeddings.word_embeddings.weight is missing.");

    Files.createDirectory(folder);
    assertThatThrownBy(() -> OnnxImport.run(ENCODER, TOKENIZER, "mean", folder))
        .hasMessage(
            folder + " is there already, and nothing is written over. Choose another folder.");
  }

  /** The same names, but another network: its activation is not that of BERT. */
  @Test
  void aNetworkThatAnswersOtherwise_isRefused() throws IOException {
    String text = Files.readString(ENCODER, StandardCharsets.ISO_8859_1);
    Path other = temp.resolve("other.onnx");
    Files.write(
        other, text.replace("\"\u0003Erf", "\"\u0003Sin").getBytes(StandardCharsets.ISO_8859_1));
    assertThat(Files.readString(other, StandardCharsets.ISO_8859_1)).isNotEqualTo(text);
    assertThatThrownBy(() -> OnnxImport.run(other, TOKENIZER, "mean", temp.resolve("folder")))
        .hasMessageMatching(
            ".*holds the weights of an encoder, but no network that can be built here answers as it"
                + " does: with any number of heads its vectors differ by .* or more of the largest"
                + " number. Use the file itself as teacher.");
  }

  /** all-MiniLM-L6-v2, where a folder of models is given. */
  @Test
  void miniLm_becomesAFolder() {
    String models = System.getenv("RANBIKI_MODELS");
    Path file = Path.of(models == null ? "." : models).resolve("minilm/model.onnx");
    Assumptions.assumeTrue(Files.isRegularFile(file), "RANBIKI_MODELS names no folder of models");
    OnnxImport.Imported imported =
        OnnxImport.run(file, file.resolveSibling("tokenizer.json"), "mean", temp.resolve("minilm"));
    assertThat(imported.difference()).isLessThan(1e-5);
    assertThat(imported.spec().options()).containsEntry("heads", 12).containsEntry("layers", 6);
  }
}
