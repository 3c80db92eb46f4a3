package io.ranbiki.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.Weights;
import io.ranbiki.nn.Taps;
import io.ranbiki.prepare.Field;
import io.ranbiki.tensor.Autocast;
import io.ranbiki.tensor.Functional;
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

/** What transformers computed: see core/src/test/python/make_bert_resources.py. */
public class BertTest {

  private static final List<Field> TEXTS =
      List.of(new Field("input_ids", Field.Kind.INT64, List.of(Field.ANY)));

  /** A specification of the reference's size. */
  public static ModelSpec spec(String pooling, double dropout) {
    return new ModelSpec(
        "bert",
        TEXTS,
        5,
        Map.of(
            "layers", 2,
            "width", 24,
            "heads", 3,
            "feed-forward", 36,
            "vocabulary", 40,
            "positions", 12,
            "pooling", pooling,
            "dropout", dropout));
  }

  /** What the reference holds. */
  public static Map<String, Tensor> reference() {
    try {
      return Weights.readTensors(
          Path.of(BertTest.class.getResource("/pytorch/bert.safetensors").toURI()));
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A model with the reference's weights, in evaluation mode. */
  public static Model model(String pooling, Map<String, Tensor> reference) {
    Map<String, Tensor> weights = new LinkedHashMap<>();
    reference.forEach(
        (name, tensor) -> {
          boolean own = name.startsWith("weights.");
          if (own && (pooling.equals("cls") || !name.contains("pooler"))) {
            weights.put(name.substring("weights.".length()), tensor);
          }
        });
    Model model = Model.create(spec(pooling, 0), 1);
    model.load(weights, "the reference");
    model.module().eval();
    return model;
  }

  private static Tensor logits(Model model, Tensor ids, Tensor mask) {
    return model.module().answer(Map.of("input_ids", ids, "attention_mask", mask)).logits();
  }

  private static void requireClose(Tensor actual, Tensor expected, double relative, String what) {
    assertThat(actual.shape()).as(what).isEqualTo(expected.shape());
    double scale = expected.abs().toFloats().length == 0 ? 1 : largest(expected);
    assertThat(largest(actual.detach().sub(expected)) / scale).as(what).isLessThan(relative);
  }

  private static double largest(Tensor tensor) {
    double largest = 0;
    for (float value : tensor.abs().toFloats()) {
      largest = Math.max(largest, value);
    }
    return largest;
  }

  @ParameterizedTest
  @ValueSource(strings = {"cls", "mean"})
  void paddedTexts_areAnsweredAsByTransformers_withItsGradients(String pooling) {
    try (TensorScope scope = TensorScope.open("test")) {
      Map<String, Tensor> reference = reference();
      try (Model model = model(pooling, reference);
          Taps taps = Taps.open(model.module(), List.of("encoder.layer.1"))) {
        Tensor logits = logits(model, reference.get("ids"), reference.get("mask"));

        requireClose(logits, reference.get(pooling + ".logits"), 1e-5, "logits");
        Tensor mask = reference.get("mask").to(logits.dtype()).unsqueeze(2);
        requireClose(
            taps.take().get("encoder.layer.1").mul(mask),
            reference.get("hidden").mul(mask),
            1e-5,
            "hidden states");
        Functional.crossEntropy(logits, reference.get("labels"), 0).backward();
        model
            .module()
            .parameters()
            .forEach(
                (path, parameter) -> {
                  Tensor expected = reference.get(pooling + ".grad." + path);
                  if (path.endsWith("key.bias")) { // moves all scores alike: a gradient of noise
                    assertThat(largest(parameter.grad())).as(path).isLessThan(1e-5);
                  } else {
                    requireClose(parameter.grad(), expected, 1e-4, path);
                  }
                });
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"cls", "mean"})
  void aPaddedText_isAnsweredAsAlone_whateverStandsInThePadding(String pooling) {
    try (TensorScope scope = TensorScope.open("test");
        NoGrad noGrad = new NoGrad()) {
      Map<String, Tensor> reference = reference();
      try (Model model = model(pooling, reference)) {
        Tensor ids = reference.get("ids");
        Tensor mask = reference.get("mask");
        float[] padded = logits(model, ids, mask).select(0, 1).toFloats();
        Tensor other = ids.copy();
        other.addInPlace(mask.eq(0).to(ids.dtype()), 7);
        Tensor alone = ids.narrow(0, 1, 1).narrow(1, 0, 4).contiguous();

        assertThat(logits(model, other, mask).select(0, 1).toFloats()).containsExactly(padded);
        assertThat(logits(model, alone, Tensors.full(1, mask.dtype(), 1, 4)).toFloats())
            .usingElementComparator((a, b) -> Math.abs(a - b) < 1e-5 ? 0 : Float.compare(a, b))
            .containsExactly(padded);
      }
    }
  }

  /** The formula of attention, from what can be tapped of it, gives what the module gives. */
  @Test
  void tapsOfAnAttention_areWhatItsOutputIsMadeOf() {
    try (TensorScope scope = TensorScope.open("test");
        NoGrad noGrad = new NoGrad()) {
      Map<String, Tensor> reference = reference();
      List<String> paths =
          List.of(
              "value.1",
              "scores.1",
              "attention.1",
              "encoder.layer.1.attention.self",
              "hidden.2",
              "encoder.layer.1",
              "hidden.0",
              "embeddings",
              "pooled");
      try (Model model = model("mean", reference);
          Taps taps = Taps.open(model.module(), paths)) {
        Tensor mask = reference.get("mask");
        Tensor logits = logits(model, reference.get("ids"), mask);
        Map<String, Tensor> seen = taps.take();

        Tensor padding = mask.eq(0).unsqueeze(1).unsqueeze(1);
        Tensor shares = seen.get("scores.1").maskedFill(padding, -1e9).softmax(-1);
        requireClose(seen.get("attention.1"), shares, 1e-6, "attention");
        assertThat(largest(seen.get("scores.1").mul(padding.to(logits.dtype())))).isZero();
        Tensor value = seen.get("value.1").reshape(3, 9, 3, 8).transpose(1, 2);
        Tensor read = shares.matmul(value).transpose(1, 2).reshape(3, 9, 24);
        requireClose(seen.get("encoder.layer.1.attention.self"), read, 1e-5, "output");
        assertThat(seen.get("hidden.2")).isSameAs(seen.get("encoder.layer.1"));
        assertThat(seen.get("hidden.0")).isSameAs(seen.get("embeddings"));
        assertThat(seen.get("pooled").shape()).containsExactly(3, 24);
      }
    }
  }

  @Test
  void initialValues_areThoseOfBert() {
    try (Model model = Model.create(spec("cls", 0.1), 4)) {
      Map<String, Tensor> parameters = model.module().parameters();
      Tensor weight = parameters.get("encoder.layer.0.intermediate.dense.weight");
      assertThat(weight.stdKeep(0, true).mean().item()).isCloseTo(0.02, within(0.001));
      assertThat(largest(parameters.get("encoder.layer.1.output.dense.bias").detach())).isZero();
      assertThat(parameters.get("embeddings.LayerNorm.weight").mean().item()).isEqualTo(1);
      assertThat(parameters.keySet()).hasSize(5 + 2 * 16 + 2 + 2);
    }
  }

  @Test
  void dropout_actsInTrainingAlone_andAnswersRestOnTheSampleAloneWithoutIt() {
    try (TensorScope scope = TensorScope.open("test");
        NoGrad noGrad = new NoGrad();
        Model model = Model.create(spec("mean", 0.5), 4);
        Model whole = Model.create(spec("mean", 0), 4)) {
      Tensor ids = Tensors.of(new long[] {1, 2, 3}, 1, 3);
      Tensor mask = Tensors.of(new long[] {1, 1, 1}, 1, 3);
      float[] once = logits(model, ids, mask).toFloats();
      assertThat(logits(model, ids, mask).toFloats()).isNotEqualTo(once);
      model.module().eval();
      float[] still = logits(model, ids, mask).toFloats();
      assertThat(logits(model, ids, mask).toFloats()).containsExactly(still);
      assertThat(model.module().treatsSamplesAlone()).isFalse();
      assertThat(whole.module().treatsSamplesAlone()).isTrue();
    }
  }

  @Test
  void whatTheNetworkCannotRead_isSaidInOneSentence() {
    try (TensorScope scope = TensorScope.open("test");
        Model model = Model.create(spec("mean", 0), 4)) {
      assertThatThrownBy(() -> logits(model, Tensors.of(new long[13], 1, 13), Tensors.ones(1, 13)))
          .isInstanceOf(RanbikiException.class)
          .hasMessage(
              "A text has 13 tokens, but the network has positions for 12. Cut texts to that"
                  + " length, or choose more positions.");
      assertThatThrownBy(
              () -> logits(model, Tensors.of(new long[] {3, 40}, 1, 2), Tensors.ones(1, 2)))
          .isInstanceOf(RanbikiException.class)
          .hasMessage(
              "A sample holds the id 40, but the network has vectors for the ids 0 to 39. Give it a"
                  + " vocabulary as large as the tokenizer's.");
    }
    assertThatThrownBy(() -> new ModelSpec("bert", TEXTS, 5, Map.of("heads", 3)))
        .hasMessage("The architecture 'bert': 'heads' is 3, but must divide the width, 128.");
    assertThatThrownBy(() -> ModelSpec.of("bert", List.of(3, 8, 8), 5))
        .hasMessage(
            "The architecture 'bert' takes texts as ids of tokens, 'input_ids', but the data has"
                + " samples of [image FLOAT32 [3, 8, 8]]. Give the network a tokenizer that makes"
                + " ids of texts.");
  }

  @Test
  void feedForward_isFourTimesTheWidthUnlessSaid() {
    ModelSpec spec = new ModelSpec("bert", TEXTS, 5, Map.of("width", 32, "vocabulary", 50));
    assertThat(spec.options()).containsEntry("feed-forward", 128);
    assertThat(spec.inputs())
        .extracting(Field::name)
        .containsExactly("input_ids", "attention_mask");
    try (Model model = Model.create(spec, 1)) {
      assertThat(spec.parameters()).isEqualTo(model.parameterCount());
    }
  }

  /** In bfloat16, attention computes in float32: the answers differ by rounding alone. */
  @Test
  void bfloat16_answersNearlyTheSame() {
    try (TensorScope scope = TensorScope.open("test");
        NoGrad noGrad = new NoGrad()) {
      Map<String, Tensor> reference = reference();
      try (Model model = model("mean", reference);
          Autocast autocast = new Autocast()) {
        Tensor logits = logits(model, reference.get("ids"), reference.get("mask"));
        requireClose(
            logits.to(reference.get("hidden").dtype()),
            reference.get("mean.logits"),
            0.05,
            "logits in bfloat16");
      }
    }
  }
}
