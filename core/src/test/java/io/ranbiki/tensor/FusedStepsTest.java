package io.ranbiki.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class FusedStepsTest {

  @Test
  void firstStepOfAdam_movesEachWeightByTheLearningRate() {
    try (TensorScope scope = TensorScope.open("test")) {
      Tensor weights = Tensors.of(new float[] {1, -1}, 2);
      Tensor gradients = Tensors.of(new float[] {0.5f, -4}, 2);
      FusedSteps.adam(
          weights,
          gradients,
          Tensors.zeros(2),
          Tensors.zeros(2),
          null,
          Tensors.scalar(1),
          new FusedSteps.AdamSettings(0.1, 0.9, 0.999, 0, 1e-8, false),
          false);
      assertThat(weights.toFloats()[0]).isCloseTo(0.9f, within(1e-6f));
      assertThat(weights.toFloats()[1]).isCloseTo(-0.9f, within(1e-6f));
    }
  }
}
