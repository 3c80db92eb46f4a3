package io.ranbiki.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The expected values were computed with numpy in 64 bits, straight from the formulas. */
class LinearCkaTest {

  private static Tensor features(int samples, int width, int phase) {
    double[] values = new double[samples * width];
    for (int i = 0; i < samples; i++) {
      for (int j = 0; j < width; j++) {
        values[i * width + j] =
            Math.sin((i * 7 + j * 3 + phase) * 0.37) + 0.5 * Math.cos(i * j * 0.21 + phase);
      }
    }
    return Tensors.of(values, samples, width);
  }

  @Test
  void values_areThoseOfNumpy() {
    try (TensorScope scope = TensorScope.open("test")) {
      assertThat(LinearCka.of(features(6, 3, 1), features(6, 5, 2)))
          .isCloseTo(0.961638041857203, within(1e-9));
      assertThat(LinearCka.of(features(6, 3, 11), features(6, 5, 12)))
          .isCloseTo(0.9294037183588798, within(1e-9));
    }
  }

  @Test
  void batches_areAveragedBeforeTheyAreDivided() {
    try (TensorScope scope = TensorScope.open("test")) {
      LinearCka cka = new LinearCka();
      cka.add(Map.of("a", features(6, 3, 1)), Map.of("b", features(6, 5, 2)));
      cka.add(Map.of("a", features(6, 3, 11)), Map.of("b", features(6, 5, 12)));
      assertThat(cka.between("a", "b")).isCloseTo(0.9446265420467262, within(1e-9));
    }
  }

  @Test
  void scaleShiftAndRotation_changeNothing() {
    try (TensorScope scope = TensorScope.open("test")) {
      Tensor x = features(8, 2, 3);
      double turn = 0.7;
      Tensor rotation =
          Tensors.of(
              new double[] {Math.cos(turn), -Math.sin(turn), Math.sin(turn), Math.cos(turn)}, 2, 2);
      assertThat(LinearCka.of(x, x)).isCloseTo(1, within(1e-9));
      assertThat(LinearCka.of(x, x.matmul(rotation).mul(30).add(5))).isCloseTo(1, within(1e-9));
    }
  }

  @Test
  void aConstantLayer_isSimilarToNothing() {
    try (TensorScope scope = TensorScope.open("test")) {
      assertThat(LinearCka.of(features(6, 3, 1), Tensors.full(2, DType.FLOAT64, 6, 4))).isNaN();
    }
  }

  @Test
  void threeSamples_areTooFew() {
    try (TensorScope scope = TensorScope.open("test")) {
      assertThatThrownBy(() -> LinearCka.of(features(3, 3, 1), features(3, 3, 2)))
          .hasMessage("3 samples are too few to compare layers; use batches of 4 or more.");
    }
  }
}
