package io.ranbiki.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.artifact.SafetensorsFile.Entry;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.tensor.MemoryFormat;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Weights that PyTorch wrote; made by src/test/python/make_pytorch_resources.py. */
class PyTorchWeightsTest {

  enum Network {
    STUDENT_CNN("student-cnn", ModelSpec.of("student-cnn", List.of(1, 8, 8), 10)),
    RESNET8("resnet8", ModelSpec.of("resnet", List.of(3, 8, 8), 5, Map.of("depth", 8, "width", 4)));

    private final String file;
    private final ModelSpec spec;

    Network(String file, ModelSpec spec) {
      this.file = file;
      this.spec = spec;
    }

    Path weights() {
      return resource(file + ".safetensors");
    }

    Path answers() {
      return resource(file + ".answers.safetensors");
    }
  }

  private static Path resource(String name) {
    try {
      return Path.of(PyTorchWeightsTest.class.getResource("/pytorch/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @EnumSource
  void weightsOfPyTorch_answerAsInPyTorch(Network network) {
    try (TensorScope scope = TensorScope.open("test");
        Model model = ModelFolder.read(network.weights(), network.spec)) {
      model.module().eval();
      Map<String, Tensor> expected = Weights.readTensors(network.answers());
      Tensor logits = model.apply(expected.get("images").copy(MemoryFormat.CHANNELS_LAST));
      assertThat(logits.shape()).isEqualTo(expected.get("logits").shape());
      assertThat(logits.toFloats())
          .containsExactly(expected.get("logits").toFloats(), within(1e-5f));
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatIsWrittenHere_isWhatPyTorchWrote(Network network, @TempDir Path folder) {
    Path written = folder.resolve("again.safetensors");
    try (Model model = ModelFolder.read(network.weights(), network.spec)) {
      Weights.write(written, model.module());
    }
    SafetensorsFile theirs = Safetensors.read(network.weights());
    SafetensorsFile ours = Safetensors.read(written);
    assertThat(ours.entries().keySet())
        .containsExactlyInAnyOrderElementsOf(theirs.entries().keySet());
    assertThat(ours.metadata()).isEqualTo(theirs.metadata());
    theirs
        .entries()
        .forEach(
            (name, entry) -> {
              Entry other = ours.entries().get(name);
              assertThat(other.dtype()).as(name).isEqualTo(entry.dtype());
              assertThat(other.shape()).as(name).isEqualTo(entry.shape());
              if (entry.dtype() == SafetensorsFile.DType.I64) {
                assertThat(other.longs()).as(name).isEqualTo(entry.longs());
              } else {
                assertThat(other.floats()).as(name).isEqualTo(entry.floats());
              }
            });
  }

  @Test
  void seed_givesTheInitialWeightsOfPyTorch() {
    try (TensorScope scope = TensorScope.open("test");
        Model model = Model.create(Network.STUDENT_CNN.spec, 7)) {
      Map<String, Tensor> expected = Weights.readTensors(Network.STUDENT_CNN.weights());
      assertThat(model.module().state().keySet()).isEqualTo(expected.keySet());
      model
          .module()
          .state()
          .forEach(
              (name, tensor) ->
                  assertThat(tensor.toFloats()).as(name).isEqualTo(expected.get(name).toFloats()));
    }
  }
}
