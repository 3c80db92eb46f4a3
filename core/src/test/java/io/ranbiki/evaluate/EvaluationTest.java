package io.ranbiki.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.data.Digits;
import io.ranbiki.data.InMemory;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Views;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.teacher.ModelTeacher;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EvaluationTest {

  private static final ModelSpec SMALL = ModelSpec.of("student-cnn", List.of(1, 28, 28), 10);
  private static final ModelSpec LARGE =
      ModelSpec.of("intermediate-cnn", List.of(1, 28, 28), 10, Map.of("hidden", 128));

  private static Loader loader(int batch) {
    return new Loader(
        Digits.dataset(50, 1), Loader.Options.inOrder(batch), Normalization.none(), Views.none());
  }

  private static int[] classes(Predictions predictions) {
    return IntStream.range(0, predictions.size()).map(predictions::prediction).toArray();
  }

  @Test
  void answers_areInTheOrderOfTheDatasetWhateverTheBatch() {
    long before = Tensor.live();
    try (Model model = Model.create(SMALL, 1)) {
      Predictions whole = Evaluation.of(model, loader(50));
      Predictions parts = Evaluation.of(model, loader(7));
      assertThat(classes(whole)).hasSize(50).isEqualTo(classes(parts));
      assertThat(whole.labels()).isEqualTo(parts.labels());
      assertThat(whole.ids()).isEqualTo(parts.ids());
      for (int i = 0; i < 50; i++) {
        assertThat(whole.labels()[i]).isEqualTo(Digits.dataset(50, 1).stratum(i));
      }
      try (ModelTeacher teacher = new ModelTeacher(model, List.of())) {
        assertThat(classes(Evaluation.of(teacher, loader(7)))).isEqualTo(classes(whole));
      }
    }
    assertThat(Tensor.live()).isEqualTo(before);
  }

  @Test
  void comparison_holdsEveryModelAgainstTheFirst() {
    try (Model large = Model.create(LARGE, 1);
        Model small = Model.create(SMALL, 2)) {
      Map<String, Comparison.Entrant> entrants = new LinkedHashMap<>();
      entrants.put("large", Comparison.Entrant.of(large, loader(25)));
      entrants.put("small", Comparison.Entrant.of(small, loader(25)));
      Map<String, Comparison.Score> scores = Comparison.of(entrants).scores();
      assertThat(scores.keySet()).containsExactly("large", "small");

      Comparison.Score first = scores.get("large");
      assertThat(first.agreement()).isEqualTo(1);
      assertThat(first.retention()).isEqualTo(1);
      assertThat(first.compression()).isEqualTo(1);

      Comparison.Score second = scores.get("small");
      Predictions predictions = Evaluation.of(small, loader(25));
      assertThat(second.accuracy()).isEqualTo(predictions.accuracy());
      assertThat(second.agreement())
          .isEqualTo(predictions.agreement(Evaluation.of(large, loader(25))));
      assertThat(second.parameters()).isEqualTo(105_866);
      assertThat(second.bytes()).isEqualTo(4 * 105_866);
      assertThat(second.compression()).isEqualTo(large.parameterCount() / 105_866.0);
      assertThat(second.retention()).isEqualTo(second.accuracy() / first.accuracy());
    }
  }

  /** An mlp that answers one class, whatever it sees. */
  private static Model stubborn(int hidden, int answer) {
    Model model =
        Model.create(ModelSpec.of("mlp", List.of(2), 3, Map.of("hidden", hidden, "layers", 1)), 1);
    try (NoGrad noGrad = new NoGrad()) {
      model.module().parameters().values().forEach(parameter -> parameter.fill(0));
      float[] bias = new float[3];
      bias[answer] = 1;
      try (TensorScope scope = TensorScope.open("bias")) {
        model.module().parameters().get("layers.2.bias").copyFrom(Tensors.of(bias, 3));
      }
    }
    return model;
  }

  @Test
  void retention_isTheShareOfTheFirstAccuracyThatIsKept() {
    // 8 samples of class 0, 4 of class 1.
    int[] labels = {0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1};
    Loader rows =
        new Loader(
            InMemory.rows(new float[24], 2, labels, List.of("a", "b", "c")),
            Loader.Options.inOrder(5),
            Normalization.none(),
            Views.none());
    Map<String, Model> models = new LinkedHashMap<>();
    models.put("first", stubborn(16, 0)); // 2 * 16 + 16 + 16 * 3 + 3 = 99 parameters
    models.put("small", stubborn(4, 1)); // 2 * 4 + 4 + 4 * 3 + 3 = 27
    models.put("wrong", stubborn(1, 2));
    models.put("same", stubborn(2, 0));
    Map<String, Comparison.Entrant> entrants = new LinkedHashMap<>();
    models.forEach((name, model) -> entrants.put(name, Comparison.Entrant.of(model, rows)));
    Map<String, Comparison.Score> scores = Comparison.of(entrants).scores();
    models.values().forEach(Model::close);

    assertThat(scores.values())
        .extracting(Comparison.Score::accuracy)
        .containsExactly(8 / 12.0, 4 / 12.0, 0.0, 8 / 12.0);
    assertThat(scores.values())
        .extracting(Comparison.Score::retention)
        .containsExactly(1.0, 0.5, 0.0, 1.0);
    assertThat(scores.values())
        .extracting(Comparison.Score::agreement)
        .containsExactly(1.0, 0.0, 0.0, 1.0);
    assertThat(scores.get("small").compression()).isEqualTo(99 / 27.0);
    assertThat(scores.get("small").bytes()).isEqualTo(4 * 27);
  }
}
