package io.ranbiki.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfidenceIntervalTest {

  /** Two-sided 95 % quantiles as printed in tables of Student's t. */
  @ParameterizedTest
  @CsvSource({"2, 12.706", "3, 4.303", "4, 3.182", "5, 2.776", "10, 2.262", "31, 2.042"})
  void halfWidth_isThatOfTheTables(int n, double quantile) {
    List<Double> values = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      values.add(10.0 + i);
    }
    // 0, 1, ..., n-1 have the sample variance n (n + 1) / 12.
    double deviation = Math.sqrt(n * (n + 1) / 12.0);
    ConfidenceInterval interval = ConfidenceInterval.of(values);
    assertThat(interval.mean()).isCloseTo(10 + (n - 1) / 2.0, within(1e-12));
    double half = quantile * deviation / Math.sqrt(n);
    assertThat(interval.high() - interval.mean()).isCloseTo(half, within(5e-4 * half));
    assertThat(interval.mean() - interval.low()).isCloseTo(half, within(5e-4 * half));
  }

  @Test
  void equalValues_haveNoWidth() {
    assertThat(ConfidenceInterval.of(List.of(0.5, 0.5, 0.5)))
        .isEqualTo(new ConfidenceInterval(0.5, 0.5, 0.5));
  }

  @Test
  void singleValue_isItsOwnInterval() {
    assertThat(ConfidenceInterval.of(List.of(0.25)))
        .isEqualTo(new ConfidenceInterval(0.25, 0.25, 0.25));
  }
}
