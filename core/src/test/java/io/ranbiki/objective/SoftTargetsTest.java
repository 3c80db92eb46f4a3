package io.ranbiki.objective;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.Golden;
import io.ranbiki.RanbikiException;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SoftTargetsTest {

  static List<String> cases() {
    return Golden.ids("01-hinton-kd.");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void softAndHardTargets_agreeWithTheReference(String id) {
    try (TensorScope scope = TensorScope.open("golden")) {
      Golden golden = Golden.load(id);
      double softWeight = golden.number("alpha");
      double temperature = golden.number("temperature");
      Tensor student = golden.leaf("in.student_logits");
      Objective objective =
          Objective.of(new HardLabels(1 - softWeight), new SoftTargets(softWeight, temperature));

      LossBreakdown loss = LossExamples.loss(objective, LossExamples.of(golden, student));

      golden.check("out.hard", loss.terms().get("hard-labels"));
      golden.check("out.soft", loss.terms().get("soft-targets"));
      golden.check("out.kl", loss.terms().get("soft-targets").item() / (temperature * temperature));
      golden.check("out.loss", loss.values().total());
      loss.backward();
      golden.checkGrad("in.student_logits", student);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void temperature_mustBeFiniteAndAboveZero(double temperature) {
    assertThatThrownBy(() -> new SoftTargets(1, temperature))
        .isInstanceOf(RanbikiException.class)
        .hasMessageContaining(Double.toString(temperature));
  }

  @Test
  void weight_mustNotBeNegative() {
    assertThatThrownBy(() -> new SoftTargets(-0.5, 4))
        .isInstanceOf(RanbikiException.class)
        .hasMessageContaining("-0.5");
  }
}
