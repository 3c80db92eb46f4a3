package io.ranbiki.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.data.Batch;
import io.ranbiki.nn.Signal;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import org.junit.jupiter.api.Test;

class LabelRegressionTest {

  /** Closed form: errors 3 and -1 of the two numbers that are known. */
  @Test
  void numbersThatAreNotKnown_countNothing_andMinus100IsANumber() {
    try (TensorScope scope = TensorScope.open("test");
        Generator generator = new Generator(1)) {
      Tensor truth = Tensors.of(new float[] {-100, Float.NaN, Float.NaN, 5}, 2, 2);
      Batch batch = new Batch(Tensors.zeros(2, 1), truth, new long[] {0, 1}, 0);
      Tensor outputs = Tensors.of(new float[] {-97, 1e6f, -1e6f, 4}, 2, 2);
      outputs.setRequiresGrad(true);
      LossInputs inputs = new LossInputs(batch, Signal.of(outputs), null, Progress.START);
      Tensor loss = new LabelRegression(1, Distance.SQUARED).bind(inputs, generator).value(inputs);
      assertThat(batch.labelled()).isEqualTo(2);
      assertThat(loss.item()).isCloseTo((9 + 1) / 2.0, within(1e-6));
      loss.backward();
      assertThat(outputs.grad().toFloats()).containsExactly(3, 0, 0, -1);
    }
  }
}
