package io.ranbiki.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RampTest {

  private static double at(Ramp ramp, double epochs) {
    return ramp.at(new Progress((int) epochs, 100, Math.round(epochs * 10), 10));
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "1, 0.05", "10, 0.5", "20, 1", "21, 1", "90, 1"})
  void warmUp_risesInAStraightLineAndStays(double epoch, double expected) {
    assertThat(at(Ramp.warmUp(1, 20), epoch)).isCloseTo(expected, within(1e-12));
  }

  @ParameterizedTest
  @CsvSource({"0, 8", "0.5, 6.5", "1, 5", "2, 2", "2.5, 2"})
  void linear_changesWithinEpochsAndMayFall(double epoch, double expected) {
    assertThat(at(Ramp.linear(8, 2, 2), epoch)).isCloseTo(expected, within(1e-12));
  }

  @ParameterizedTest
  @CsvSource({"0, 4", "2.5, 3.4142135623730951", "5, 2", "7.5, 0.5857864376269049", "10, 0"})
  void cosine_isSlowAtBothEnds(double epoch, double expected) {
    assertThat(at(Ramp.cosine(4, 0, 10), epoch)).isCloseTo(expected, within(1e-12));
  }

  @ParameterizedTest
  @CsvSource({"0", "3", "99"})
  void constant_staysFromTheFirstStep(double epoch) {
    assertThat(at(Ramp.constant(0.7), epoch)).isEqualTo(0.7);
  }
}
