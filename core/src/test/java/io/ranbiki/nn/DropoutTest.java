package io.ranbiki.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Inverted dropout, Srivastava et al. 2014, section 10, as PyTorch's {@code nn.Dropout} has it. */
class DropoutTest {

  private static final int COUNT = 20_000;

  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.5, 0.75})
  void inTraining_aShareIsDroppedAndTheRestScaledUp(double probability) {
    try (TensorScope scope = TensorScope.open("dropout");
        Generator generator = new Generator(1);
        Dropout dropout = new Dropout(probability, generator)) {
      Tensor input = Tensors.full(3, DType.FLOAT32, COUNT).setRequiresGrad(true);

      Tensor output = dropout.apply(input);
      output.sum().backward();

      float scale = (float) (1 / (1 - probability));
      float[] values = output.toFloats();
      float[] gradient = input.grad().toFloats();
      int kept = 0;
      for (int i = 0; i < COUNT; i++) {
        assertThat(values[i]).isIn(0f, 3 * scale);
        assertThat(gradient[i]).as("the mask of the way there").isEqualTo(values[i] / 3);
        kept += values[i] == 0 ? 0 : 1;
      }
      double deviation = Math.sqrt(COUNT * probability * (1 - probability));
      assertThat((double) kept)
          .as("kept of %d, 5 standard deviations", COUNT)
          .isBetween(
              COUNT * (1 - probability) - 5 * deviation, COUNT * (1 - probability) + 5 * deviation);
    }
  }

  @Test
  void inTraining_everyPassDrawsAnew() {
    try (TensorScope scope = TensorScope.open("dropout");
        Generator generator = new Generator(1);
        Dropout dropout = new Dropout(0.5, generator)) {
      Tensor input = Tensors.ones(64);
      assertThat(dropout.apply(input).toFloats()).isNotEqualTo(dropout.apply(input).toFloats());
    }
  }

  @Test
  void inEvaluation_nothingIsDroppedOrScaled() {
    try (TensorScope scope = TensorScope.open("dropout");
        Generator generator = new Generator(1);
        Dropout dropout = new Dropout(0.5, generator)) {
      dropout.eval();
      assertThat(dropout.apply(Tensors.full(3, DType.FLOAT32, 64)).toFloats()).containsOnly(3);
      dropout.train();
      assertThat(dropout.apply(Tensors.full(3, DType.FLOAT32, 64)).toFloats()).contains(0, 6);
    }
  }

  @Test
  void probabilityOfZero_keepsAll() {
    try (TensorScope scope = TensorScope.open("dropout");
        Generator generator = new Generator(1);
        Dropout dropout = new Dropout(0, generator)) {
      assertThat(dropout.apply(Tensors.full(3, DType.FLOAT32, 64)).toFloats()).containsOnly(3);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1, Double.NaN})
  void probabilityThatIsNone_isRefused(double probability) {
    try (Generator generator = new Generator(1)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new Dropout(probability, generator))
          .withMessage("dropout probability %s must be 0 or more and below 1", probability);
    }
  }
}
