package io.ranbiki.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.prepare.Field;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StaticEmbeddingTest {

  static final ModelSpec SPEC =
      new ModelSpec(
          "static-embedding",
          List.of(new Field("input_ids", Field.Kind.INT64, List.of(Field.ANY))),
          2,
          Map.of("width", 2, "vocabulary", 4, "dropout", 0.0));

  /** Rows 1, 2, 4 and 8 of the first number, and of the second its negative. */
  private static Model model() {
    Model model = Model.create(SPEC, 1);
    model.load(
        Map.of(
            "word_embeddings.weight",
            Tensors.of(new float[] {1, -1, 2, -2, 4, -4, 8, -8}, 4, 2),
            "classifier.weight",
            Tensors.of(new float[] {1, 0, 1, 2}, 2, 2),
            "classifier.bias",
            Tensors.of(new float[] {0, 100}, 2)),
        "the test");
    model.module().eval();
    return model;
  }

  private static final long[] IDS = {1, 3, 0, 2, 2, 2};
  private static final long[] MASK = {1, 1, 0, 1, 1, 1};

  @Test
  void aText_isTheMeanOfItsTokens_withoutThePadding() {
    try (TensorScope scope = TensorScope.open("test");
        NoGrad noGrad = new NoGrad();
        Model model = model()) {
      Tensor logits =
          model
              .module()
              .answer(
                  Map.of(
                      "input_ids", Tensors.of(IDS, 2, 3), "attention_mask", Tensors.of(MASK, 2, 3)))
              .logits();
      assertThat(logits.toFloats()).containsExactly(5, 95, 4, 96);
    }
  }

  @Test
  void exportedNetwork_answersInOnnxRuntimeAsItself() {
    try (TensorScope scope = TensorScope.open("test");
        Model model = model()) {
      assertThat(Exported.answers(model, Tensors.of(IDS, 2, 3), Tensors.of(MASK, 2, 3)).toFloats())
          .containsExactly(5, 95, 4, 96);
    }
  }

  @Test
  void imagesAreRefused() {
    assertThatThrownBy(() -> ModelSpec.of("static-embedding", List.of(3, 8, 8), 5))
        .hasMessageStartingWith(
            "The architecture 'static-embedding' takes texts as ids of tokens, 'input_ids'");
  }
}
