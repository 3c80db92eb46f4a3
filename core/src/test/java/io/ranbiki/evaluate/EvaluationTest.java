package io.ranbiki.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.data.Digits;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Normalization;
import io.ranbiki.data.Views;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.teacher.ModelTeacher;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EvaluationTest {

  private static final long NONE = Functional.IGNORE;
  private static final ModelSpec SMALL = ModelSpec.of("student-cnn", List.of(1, 28, 28), 10);
  private static final ModelSpec LARGE =
      new ModelSpec("intermediate-cnn", List.of(1, 28, 28), 10, Map.of("hidden", 128));

  private static Loader loader(int batch) {
    return new Loader(
        Digits.dataset(50, 1), Loader.Options.inOrder(batch), Normalization.none(), Views.none());
  }

  @Test
  void accuracy_countsLabelledSamplesOnly() {
    Evaluation evaluation =
        new Evaluation(new long[] {1, 2, 3, 4, 5}, new long[] {1, NONE, 3, 0, NONE});
    assertThat(evaluation.accuracy()).isEqualTo(2.0 / 3);
    assertThat(new Evaluation(new long[] {1}, new long[] {NONE}).accuracy()).isNaN();
  }

  @Test
  void agreement_countsEverySample() {
    Evaluation one = new Evaluation(new long[] {1, 2, 3, 4}, new long[] {1, NONE, 3, 0});
    Evaluation other = new Evaluation(new long[] {1, 2, 0, 0}, new long[] {1, NONE, 3, 0});
    assertThat(one.agreement(other)).isEqualTo(0.5);
    assertThat(one.agreement(one)).isEqualTo(1);
  }

  @Test
  void answers_areInTheOrderOfTheDatasetWhateverTheBatch() {
    long before = Tensor.live();
    try (Model model = Model.create(SMALL, 1)) {
      Evaluation whole = Evaluation.of(model, loader(50));
      Evaluation parts = Evaluation.of(model, loader(7));
      assertThat(whole.predictions()).hasSize(50).isEqualTo(parts.predictions());
      assertThat(whole.labels()).isEqualTo(parts.labels());
      for (int i = 0; i < 50; i++) {
        assertThat(whole.labels()[i]).isEqualTo(Digits.dataset(50, 1).label(i));
      }
      try (ModelTeacher teacher = new ModelTeacher(model, List.of())) {
        assertThat(Evaluation.of(teacher, loader(7)).predictions()).isEqualTo(whole.predictions());
      }
    }
    assertThat(Tensor.live()).isEqualTo(before);
  }

  @Test
  void comparison_holdsEveryModelAgainstTheFirst() {
    try (Model large = Model.create(LARGE, 1);
        Model small = Model.create(SMALL, 2)) {
      Map<String, Model> models = new LinkedHashMap<>();
      models.put("large", large);
      models.put("small", small);
      Map<String, Comparison.Score> scores = Comparison.of(models, loader(25)).scores();
      assertThat(scores.keySet()).containsExactly("large", "small");

      Comparison.Score first = scores.get("large");
      assertThat(first.agreement()).isEqualTo(1);
      assertThat(first.retention()).isEqualTo(1);
      assertThat(first.compression()).isEqualTo(1);

      Comparison.Score second = scores.get("small");
      Evaluation evaluation = Evaluation.of(small, loader(25));
      assertThat(second.accuracy()).isEqualTo(evaluation.accuracy());
      assertThat(second.agreement())
          .isEqualTo(evaluation.agreement(Evaluation.of(large, loader(25))));
      assertThat(second.parameters()).isEqualTo(105_866);
      assertThat(second.bytes()).isEqualTo(4 * 105_866);
      assertThat(second.compression()).isEqualTo(large.parameterCount() / 105_866.0);
      assertThat(second.retention()).isEqualTo(second.accuracy() / first.accuracy());
      assertThat(second.milliseconds()).isPositive();
    }
  }

  @Test
  void latency_isPositiveAndLeaksNothing() {
    long before = Tensor.live();
    try (Model small = Model.create(ModelSpec.of("mlp", List.of(4), 3), 1)) {
      assertThat(Latency.milliseconds(small)).isPositive().isLessThan(1_000);
    }
    assertThat(Tensor.live()).isEqualTo(before);
  }
}
