package io.ranbiki.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.Weights;
import io.ranbiki.prepare.Field;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What PyTorch computed: see core/src/test/python/make_sound_cnn_resources.py. */
public class SoundCnnTest {

  private static final int MELS = 7;

  /** A specification of the reference's size. */
  public static ModelSpec spec(int frames) {
    return new ModelSpec(
        "sound-cnn",
        List.of(new Field("input_features", Field.Kind.FLOAT32, List.of(1, frames, MELS))),
        3,
        Map.of("width", 2, "depth", 3));
  }

  /** What the reference holds. */
  public static Map<String, Tensor> reference() {
    try {
      return Weights.readTensors(
          Path.of(SoundCnnTest.class.getResource("/pytorch/sound-cnn.safetensors").toURI()));
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A model with the reference's weights, in evaluation mode. */
  public static Model model(int frames, Map<String, Tensor> reference) {
    Map<String, Tensor> weights = new LinkedHashMap<>();
    reference.forEach(
        (name, tensor) -> {
          if (name.startsWith("weights.")) {
            weights.put(name.substring("weights.".length()), tensor);
          }
        });
    Model model = Model.create(spec(frames), 1);
    model.load(weights, "the reference");
    model.module().eval();
    return model;
  }

  /** The three sounds of the reference, padded with what must not be heard. */
  public static Tensor padded(Map<String, Tensor> reference) {
    return Tensors.cat(
        List.of("short", "long", "one").stream()
            .map(
                name -> {
                  Tensor sound = reference.get("in." + name);
                  long missing = 11 - sound.size(2);
                  Tensor noise = Tensors.ones(1, 1, Math.max(1, missing), MELS).mul(9);
                  return missing == 0 ? sound : Tensors.cat(List.of(sound, noise), 2);
                })
            .toList(),
        0);
  }

  /** Their mask. */
  public static Tensor mask() {
    long[] mask = new long[33];
    for (int i = 0; i < 33; i++) {
      mask[i] = i % 11 < List.of(6, 11, 1).get(i / 11) ? 1 : 0;
    }
    return Tensors.of(mask, 3, 11);
  }

  /** What PyTorch answers to each by itself. */
  public static float[] answers(Map<String, Tensor> reference) {
    return Tensors.cat(
            List.of(
                reference.get("out.short"), reference.get("out.long"), reference.get("out.one")),
            0)
        .toFloats();
  }

  @Test
  void paddedSounds_areAnsweredAsPytorchAnswersEachByItself() {
    try (NoGrad noGrad = new NoGrad();
        TensorScope scope = TensorScope.open("test")) {
      Map<String, Tensor> reference = reference();
      try (Model model = model(Field.ANY, reference)) {
        float[] logits =
            model
                .module()
                .answer(Map.of("input_features", padded(reference), "attention_mask", mask()))
                .logits()
                .toFloats();
        assertThat(logits).containsExactly(answers(reference), within(1e-5f));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"short", "long", "one"})
  void soundsOfOneLength_needNoMask(String name) {
    try (NoGrad noGrad = new NoGrad();
        TensorScope scope = TensorScope.open("test")) {
      Map<String, Tensor> reference = reference();
      Tensor sound = reference.get("in." + name);
      try (Model model = model((int) sound.size(2), reference)) {
        assertThat(model.module().inputs()).hasSize(1);
        assertThat(model.apply(sound).toFloats())
            .containsExactly(reference.get("out." + name).toFloats(), within(1e-5f));
      }
    }
  }

  @Test
  void itsSize_isKnownBeforeItIsBuilt() {
    try (Model model = Model.create(spec(11), 1)) {
      assertThat(model.spec().parameters()).isEqualTo(model.parameterCount());
    }
  }

  @Test
  void samplesWithoutFrames_areRefused() {
    assertThatThrownBy(() -> ModelSpec.of("sound-cnn", List.of(1, 28, 28), 10))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "The architecture 'sound-cnn' takes the frames of sounds, but the data has samples of"
                + " [image FLOAT32 [1, 28, 28]]. Say what makes frames of sounds, prepare:"
                + " {log-mel: {rate: 16000}}, or choose another architecture.");
  }
}
