package io.ranbiki.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class FusedStepTest {

  private static final FusedStep.AdamSettings DEFAULTS =
      new FusedStep.AdamSettings(0.9, 0.999, 0, 1e-8, false);

  @Test
  void firstStepOfAdam_movesEachWeightByTheLearningRate() {
    try (TensorScope scope = TensorScope.open("test")) {
      Tensor weights = Tensors.of(new float[] {1, -1}, 2);
      Tensor gradients = Tensors.of(new float[] {0.5f, -4}, 2);
      try (FusedStep adam = adam(weights, gradients)) {
        adam.take(0.1, 1);
      }
      assertThat(weights.toFloats()[0]).isCloseTo(0.9f, within(1e-6f));
      assertThat(weights.toFloats()[1]).isCloseTo(-0.9f, within(1e-6f));
    }
  }

  @Test
  void eachStep_takesItsOwnLearningRate() {
    try (TensorScope scope = TensorScope.open("test")) {
      Tensor weights = Tensors.of(new float[] {1}, 1);
      Tensor gradients = Tensors.of(new float[] {2}, 1);
      try (FusedStep sgd =
          FusedStep.sgd(weights, gradients, null, new FusedStep.SgdSettings(0, 0, 0, false))) {
        sgd.take(0.25, 1);
        assertThat(weights.toFloats()).containsExactly(0.5f);
        gradients.set(new float[] {1});
        sgd.take(0.125, 2);
        assertThat(weights.toFloats()).containsExactly(0.375f);
      }
    }
  }

  @Test
  void closed_letsGoOfItsTensors() {
    try (TensorScope scope = TensorScope.open("test")) {
      Tensor weights = Tensors.of(new float[] {1}, 1);
      Tensor gradients = Tensors.of(new float[] {2}, 1);
      long owners = weights.handle().use_count();
      FusedStep adam = adam(weights, gradients);
      for (int step = 1; step <= 3; step++) {
        adam.take(0.1, step);
      }
      assertThat(weights.handle().use_count()).isEqualTo(owners + 1);
      adam.close();
      assertThat(weights.handle().use_count()).isEqualTo(owners);
    }
  }

  private static FusedStep adam(Tensor weights, Tensor gradients) {
    return FusedStep.adam(
        weights,
        gradients,
        Tensors.zeros(weights.count()),
        Tensors.zeros(weights.count()),
        null,
        DEFAULTS,
        false);
  }
}
