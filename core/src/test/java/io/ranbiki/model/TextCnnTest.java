package io.ranbiki.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.prepare.Field;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Against torch 2.13, where each text is asked by itself, so that nothing is padded:
 *
 * <pre>
 * def values(start, *shape):
 *   n = math.prod(shape)
 *   return torch.sin(torch.arange(start, start + n, dtype=torch.float64)).float().reshape(shape).requires_grad_()
 * table, w1, b1 = values(0, 6, 4), values(10, 3, 4, 1), values(20, 3)
 * w3, b3, w5, b5 = values(30, 3, 4, 3), values(70, 3), values(80, 3, 4, 5), values(150, 3)
 * weight, bias = values(160, 2, 9), values(180, 2)
 * def logits(ids):
 *   x = table[torch.tensor(ids)].T.unsqueeze(0)
 *   maps = [F.conv1d(x, w, b, padding=w.shape[2] // 2) for w, b in ((w1, b1), (w3, b3), (w5, b5))]
 *   return F.linear(torch.cat([m.relu().amax(2) for m in maps], 1), weight, bias)
 * out = torch.cat([logits([1, 3, 5, 2]), logits([4])])
 * out.pow(2).sum().backward()
 * </pre>
 */
class TextCnnTest {

  static final ModelSpec SPEC =
      new ModelSpec(
          "text-cnn",
          List.of(new Field("input_ids", Field.Kind.INT64, List.of(Field.ANY))),
          2,
          Map.of("width", 4, "channels", 3, "vocabulary", 6, "dropout", 0.0));

  private static final long[] IDS = {1, 3, 5, 2, 4, 0, 5, 3};
  private static final long[] MASK = {1, 1, 1, 1, 1, 0, 0, 0};
  private static final double[] LOGITS = {
    -6.178872108459473, 0.29151564836502075, 0.7153250575065613, -2.9009604454040527
  };

  private static Tensor values(int start, long... shape) {
    float[] values = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin(start + i);
    }
    return Tensors.of(values, shape);
  }

  private static Model model() {
    Map<String, Tensor> weights = new HashMap<>();
    weights.put("word_embeddings.weight", values(0, 6, 4));
    weights.put("convs.0.weight", values(10, 3, 4, 1));
    weights.put("convs.0.bias", values(20, 3));
    weights.put("convs.1.weight", values(30, 3, 4, 3));
    weights.put("convs.1.bias", values(70, 3));
    weights.put("convs.2.weight", values(80, 3, 4, 5));
    weights.put("convs.2.bias", values(150, 3));
    weights.put("classifier.weight", values(160, 2, 9));
    weights.put("classifier.bias", values(180, 2));
    Model model = Model.create(SPEC, 1);
    model.load(weights, "the test");
    return model;
  }

  @Test
  void paddedTexts_areAnsweredAsByPyTorchAlone_withItsGradients() {
    try (TensorScope scope = TensorScope.open("test");
        Model model = model()) {
      model.module().train();
      Tensor logits =
          model
              .module()
              .answer(
                  Map.of(
                      "input_ids", Tensors.of(IDS, 2, 4), "attention_mask", Tensors.of(MASK, 2, 4)))
              .logits();
      assertThat(logits.toDoubles()).containsExactly(LOGITS, within(1e-5));
      logits.pow(2).sum().backward();
      Map<String, Double> norms =
          Map.of(
              "word_embeddings.weight", 55.68104934692383,
              "convs.0.weight", 22.372024536132812,
              "convs.1.weight", 32.437774658203125,
              "convs.2.weight", 43.13298416137695,
              "convs.2.bias", 13.756265640258789,
              "classifier.weight", 106.48202514648438);
      norms.forEach(
          (path, norm) ->
              assertThat(model.module().parameters().get(path).grad().norm().toDoubles()[0])
                  .as(path)
                  .isCloseTo(norm, within(1e-4 * norm)));
    }
  }

  @Test
  void exportedNetwork_answersInOnnxRuntimeAsItself() {
    try (TensorScope scope = TensorScope.open("test");
        Model model = model()) {
      model.module().eval();
      assertThat(Exported.answers(model, Tensors.of(IDS, 2, 4), Tensors.of(MASK, 2, 4)).toDoubles())
          .containsExactly(LOGITS, within(1e-5));
    }
  }

  @Test
  void evenWindows_areRefused() {
    assertThatThrownBy(
            () -> new ModelSpec("text-cnn", SPEC.inputs(), 2, Map.of("window", 4)).make())
        .hasMessageContaining("'window' is 4, but must be odd; a token stands in its middle.");
  }

  @Test
  void imagesAreRefused() {
    assertThatThrownBy(() -> ModelSpec.of("text-cnn", List.of(3, 8, 8), 5))
        .hasMessageStartingWith(
            "The architecture 'text-cnn' takes texts as ids of tokens, 'input_ids'");
  }
}
