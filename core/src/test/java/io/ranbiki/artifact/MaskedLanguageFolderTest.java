package io.ranbiki.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Task;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What transformers computed: see core/src/test/python/make_masked_resources.py. */
class MaskedLanguageFolderTest {

  private static final double RELATIVE = 1e-5;

  private static Path folder(String family) {
    try {
      return Path.of(MaskedLanguageFolderTest.class.getResource("/masked/" + family).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static double largest(Tensor tensor) {
    double largest = 0;
    for (float value : tensor.abs().toFloats()) {
      largest = Math.max(largest, value);
    }
    return largest;
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert", "distilbert", "roberta", "modernbert"})
  void everyFamily_guessesAtItsPlacesAsTransformers(String family) {
    try (TensorScope scope = TensorScope.open("test");
        NoGrad noGrad = new NoGrad();
        ModelFolder.Loaded loaded = ModelFolder.readMaskedLanguage(folder(family))) {
      assertThat(loaded.config().task()).isEqualTo(new Task.MaskedLanguage(30));
      assertThat(loaded.model().spec().parameters()).isEqualTo(loaded.model().parameterCount());
      loaded.model().module().eval();
      Map<String, Tensor> golden =
          Weights.readTensors(folder(family).resolve("golden.safetensors"));
      long[] places = {1, 4, 8, 0, 3, 2, 1, 1, 0};
      Tensor answer =
          loaded
              .model()
              .module()
              .answer(
                  Map.of(
                      "input_ids", golden.get("ids"),
                      "attention_mask", golden.get("mask"),
                      "places", Tensors.of(places, 3, 3)))
              .logits();

      assertThat(answer.shape()).containsExactly(3, 3, 30);
      for (int text = 0; text < 3; text++) {
        for (int i = 0; i < 3; i++) {
          Tensor expected = golden.get("logits").select(0, text).select(0, places[3 * text + i]);
          Tensor actual = answer.select(0, text).select(0, i);
          assertThat(largest(actual.sub(expected)) / largest(expected)).isLessThan(RELATIVE);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert", "distilbert", "roberta", "modernbert"})
  void aCopy_isAsTransformersLeftIt(String family, @TempDir Path folder) throws IOException {
    Path own = folder.resolve("own");
    Path copy = folder.resolve("copy");
    try (ModelFolder.Loaded loaded = ModelFolder.readMaskedLanguage(folder(family))) {
      ModelFolder.write(own, loaded.model(), loaded.config(), "a card");
      boolean padding = !family.equals("roberta"); // that of its tokenizer has another id there
      assertThat(ModelFolder.copy(own, copy))
          .isEqualTo(
              padding
                  ? Optional.empty()
                  : Optional.of(
                      "The folder has the form of Ranbiki, which transformers does not open:"
                          + " positions begin there behind the id of padding, as if that were 1,"
                          + " but the tokenizer has 0."));
    }
    assertThatThrownBy(() -> ModelFolder.readEncoder(own, Optional.empty()))
        .hasMessageContaining(
            " guesses hidden pieces, so it is no encoder as it is. Write its folder for");
    if (!family.equals("roberta")) {
      try (TensorScope scope = TensorScope.open("test")) {
        Map<String, Tensor> expected =
            Weights.readTensors(folder(family).resolve("model.safetensors"));
        Map<String, Tensor> written = Weights.readTensors(copy.resolve("model.safetensors"));
        assertThat(written).containsOnlyKeys(expected.keySet());
        expected.forEach(
            (name, tensor) ->
                assertThat(written.get(name).toFloats()).as(name).isEqualTo(tensor.toFloats()));
      }
      assertThat(ModelFolder.readMaskedLanguageConfig(copy))
          .isEqualTo(ModelFolder.readMaskedLanguageConfig(folder(family)));
      assertThat(copy.resolve("README.md")).hasContent("a card");
    }
  }

  @Test
  void withoutAHead_isRefused() {
    assertThatThrownBy(() -> ModelFolder.readMaskedLanguage(HubFolderTest.folder("bert")))
        .isInstanceOf(RanbikiException.class)
        .hasMessageEndingWith(
            "config.json describes BertForSequenceClassification, which does not guess hidden"
                + " pieces. Name the folder of a network that does: BertForMaskedLM,"
                + " DistilBertForMaskedLM, RobertaForMaskedLM, ModernBertForMaskedLM, or a run with"
                + " task: masked-language.");
  }

  @Test
  void asAnEncoder_itGivesVectors() {
    assertThat(ModelFolder.readConfig(folder("bert")).task()).isEqualTo(new Task.Embedding(16));
  }
}
