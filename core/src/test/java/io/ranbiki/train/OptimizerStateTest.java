package io.ranbiki.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class OptimizerStateTest {

  private static final float SMALLEST_WITH_ALL_DIGITS = Float.MIN_NORMAL;

  static List<Optimizer> optimizers() {
    return List.of(
        new Optimizer.Adam(0.001, 0.9, 0.999, 1e-8, 0, false),
        new Optimizer.AdamW(0.001, 0.75, 0.999, 1e-8, 0),
        new Optimizer.Sgd(0.1, 0.9, 0, 0, false));
  }

  @ParameterizedTest
  @MethodSource("optimizers")
  void whereGradientsStayZero_noMeanDecaysBelowNormalFloats(Optimizer optimizer) {
    try (TensorScope scope = TensorScope.open("test")) {
      Tensor weight = Tensors.of(new float[] {1, 1}, 2).keep().setRequiresGrad(true);
      try (FlatParameters flat = new FlatParameters(List.of(weight));
          OptimizerState state = new OptimizerState(optimizer, flat)) {
        for (int step = 0; step < 1500; step++) {
          flat.gradients().set(new float[] {step == 0 ? 1 : 0, 1});
          state.step(0.001);
          for (Tensor buffer : state.buffers().values()) {
            float idle = Math.abs(buffer.toFloats()[0]);
            assertThat(idle == 0 || idle >= SMALLEST_WITH_ALL_DIGITS)
                .as("mean %s at step %s", idle, step)
                .isTrue();
          }
        }
      }
      weight.close();
    }
  }

  @ParameterizedTest
  @CsvSource({"1e-8, 1", "1e-20, 1e-16"})
  void sweepingTinyMeans_changesNoWeight(double epsilon, double size) {
    // 200 steps of Adam by its formulas, in double precision, beside ours: one gradient stops
    // early.
    try (TensorScope scope = TensorScope.open("test")) {
      Tensor weight = Tensors.of(new float[] {1, 1}, 2).keep().setRequiresGrad(true);
      double[] expected = {1, 1};
      double[] mean = new double[2];
      double[] square = new double[2];
      try (FlatParameters flat = new FlatParameters(List.of(weight));
          OptimizerState state =
              new OptimizerState(new Optimizer.Adam(0.01, 0.5, 0.9, epsilon, 0, false), flat)) {
        for (int step = 1; step <= 200; step++) {
          float[] gradient = {
            step < 10 ? (float) (0.5 * size) : 0, (float) (size * Math.sin(step))
          };
          flat.gradients().set(gradient);
          state.step(0.01);
          for (int i = 0; i < 2; i++) {
            mean[i] = 0.5 * mean[i] + 0.5 * gradient[i];
            square[i] = 0.9 * square[i] + 0.1 * gradient[i] * gradient[i];
            expected[i] -=
                0.01
                    * (mean[i] / (1 - Math.pow(0.5, step)))
                    / (Math.sqrt(square[i] / (1 - Math.pow(0.9, step))) + epsilon);
          }
        }
        assertThat(weight.toFloats())
            .usingComparatorWithPrecision(1e-5f)
            .containsExactly((float) expected[0], (float) expected[1]);
      }
      weight.close();
    }
  }
}
