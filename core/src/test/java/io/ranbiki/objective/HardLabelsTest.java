package io.ranbiki.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.Golden;
import io.ranbiki.RanbikiException;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HardLabelsTest {

  @ParameterizedTest
  @ValueSource(strings = {"25-ce.plain", "25-ce.smooth", "25-ce.smooth-ignore"})
  void crossEntropy_agreesWithPyTorch(String id) {
    try (TensorScope scope = TensorScope.open("golden")) {
      Golden golden = Golden.load(id);
      Tensor student = golden.leaf("in.student_logits");
      HardLabels term = new HardLabels(Ramp.constant(1), golden.number("label_smoothing"));

      Tensor loss = LossExamples.loss(term, LossExamples.of(golden, student));

      golden.check("out.loss", loss);
      loss.backward();
      golden.checkGrad("in.student_logits", student);
    }
  }

  @Test
  void aBatchWithoutLabels_givesZeroAndAZeroGradient() {
    try (TensorScope scope = TensorScope.open("no labels")) {
      Tensor student = Tensors.of(new float[] {80, -80, 3, 4}, 2, 2).setRequiresGrad(true);
      Tensor labels = Tensors.of(new long[] {-100, -100}, 2);

      Tensor loss = LossExamples.loss(new HardLabels(1), LossExamples.of(student, student, labels));
      loss.backward();

      assertThat(loss.item()).isZero();
      assertThat(student.grad().toFloats()).containsOnly(0);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1.1, Double.NaN, Double.POSITIVE_INFINITY})
  void labelSmoothing_mustBeAShare(double smoothing) {
    assertThatThrownBy(() -> new HardLabels(Ramp.constant(1), smoothing))
        .isInstanceOf(RanbikiException.class)
        .hasMessage("'label-smoothing' of hard-labels is %s, but must be from 0 to 1.", smoothing);
  }
}
