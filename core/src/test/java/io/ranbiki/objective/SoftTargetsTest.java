package io.ranbiki.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.Golden;
import io.ranbiki.RanbikiException;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.List;
import java.util.Optional;
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

  /** Two classes, for which the probabilities are sigmoids. */
  @Test
  void theTeachersOwnTemperature_dividesItsLogitsAlone() {
    double t = 1 / (1 + Math.exp(-1.5 / 0.5));
    double s = 1 / (1 + Math.exp(0.75 / 2));
    try (TensorScope scope = TensorScope.open("closed form")) {
      Tensor student = Tensors.of(new float[] {0.25f, 1, 0, 0}, 2, 2).setRequiresGrad(true);
      Tensor teacher = Tensors.of(new float[] {2.5f, 1, 1, 1}, 2, 2);
      Tensor loss =
          LossExamples.loss(
              new SoftTargets(Ramp.constant(1), Ramp.constant(2), Optional.of(Ramp.constant(0.5))),
              LossExamples.of(student, teacher, Tensors.of(new long[] {0, 1}, 2)));
      loss.backward();

      double kl = t * Math.log(t / s) + (1 - t) * Math.log((1 - t) / (1 - s));
      assertThat(loss.item()).isCloseTo(2 * 2 * kl / 2, within(1e-6));
      float[] gradient = student.grad().toFloats();
      assertThat((double) gradient[0]).isCloseTo(2.0 / 2 * (s - t), within(1e-6));
      assertThat((double) gradient[1]).isCloseTo(2.0 / 2 * (t - s), within(1e-6));
    }
  }

  @Test
  void theSameTemperatureOnBothSides_isThatOfTheTerm() {
    try (TensorScope scope = TensorScope.open("same")) {
      Tensor student = Tensors.of(new float[] {1, 2, 3, -1, 0, 5}, 2, 3);
      Tensor teacher = Tensors.of(new float[] {3, 1, 0, 2, 2, 2}, 2, 3);
      LossInputs inputs = LossExamples.of(student, teacher, Tensors.of(new long[] {0, 1}, 2));
      Ramp four = Ramp.constant(4);
      double plain = LossExamples.loss(new SoftTargets(1, 4), inputs).item();
      assertThat(
              LossExamples.loss(new SoftTargets(Ramp.constant(1), four, Optional.of(four)), inputs)
                  .item())
          .isEqualTo(plain);
    }
  }

  @Test
  void theTeachersTemperature_mustBeAboveZero() {
    Ramp one = Ramp.constant(1);
    assertThatThrownBy(() -> new SoftTargets(one, one, Optional.of(Ramp.constant(0))))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "'teacher-temperature' of soft-targets is 0.0, but must be finite and above 0.");
  }
}
