package io.ranbiki.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ParityTest {

  private static Predictions answers(float... logits) {
    return Predictions.ofLogits(new long[] {5, 6}, new long[] {0, 1}, 2, logits);
  }

  @Test
  void differences_areThoseOfLogitsAndOfClasses() {
    Parity parity = Parity.of(answers(3, 1, -8, 0.1f), answers(3.01f, 1, -8, -9));
    assertThat(parity.samples()).isEqualTo(2);
    assertThat(parity.largestDifference()).isCloseTo(9.1, within(1e-6));
    assertThat(parity.largestLogit()).isEqualTo(8);
    assertThat(parity.others()).isEqualTo(1);
  }

  @Test
  void closeness_isAShareOfTheLargestLogitAndOne() {
    Parity parity = Parity.of(answers(3, 1, -8, 0), answers(3, 1.9f, -8, 0));
    assertThat(parity.isWithin(0.101)).isTrue();
    assertThat(parity.isWithin(0.099)).isFalse();
  }
}
