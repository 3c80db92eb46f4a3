package io.ranbiki.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PairedAccuracyTest {

  /**
   * Ends found with SciPy: the score statistic with the multinomial likelihood maximised
   * numerically under the assumed difference, and its root at the normal quantile.
   */
  @ParameterizedTest
  @CsvSource({
    "100, 10, 5, -0.0286195566, 0.1334713110",
    "50, 12, 2, 0.0611124073, 0.3447087450",
    "3080, 130, 118, -0.0061664246, 0.0140035136",
    "40, 0, 0, -0.0876216050, 0.0876216012",
    "40, 3, 0, -0.0191932213, 0.1986423352",
    "1000, 1, 60, -0.0755681802, -0.0456459320",
    "10, 10, 0, 0.4449344044, 1"
  })
  void interval_isThatOfTheScoreTest(int samples, int gained, int lost, double low, double high) {
    ConfidenceInterval interval = new PairedAccuracy(samples, gained, lost).interval();
    assertThat(interval.low()).isCloseTo(low, within(1e-7));
    assertThat(interval.high()).isCloseTo(high, within(1e-7));
    assertThat(interval.mean()).isEqualTo((double) (gained - lost) / samples);
  }

  @Test
  void interval_turnsRoundWithTheModels() {
    ConfidenceInterval one = new PairedAccuracy(200, 21, 8).interval();
    ConfidenceInterval other = new PairedAccuracy(200, 8, 21).interval();
    assertThat(one.low()).isCloseTo(-other.high(), within(1e-9));
    assertThat(one.high()).isCloseTo(-other.low(), within(1e-9));
  }

  @ParameterizedTest
  @CsvSource({"300, 0.06, 0.03", "3080, 0.045, 0.035", "1000, 0.01, 0.03"})
  void interval_coversTheTrueDifference(int samples, double gains, double loses) {
    SplittableRandom random = new SplittableRandom(5);
    int covered = 0;
    int rounds = 4000;
    for (int round = 0; round < rounds; round++) {
      int gained = 0;
      int lost = 0;
      for (int i = 0; i < samples; i++) {
        double drawn = random.nextDouble();
        gained += drawn < gains ? 1 : 0;
        lost += drawn >= gains && drawn < gains + loses ? 1 : 0;
      }
      ConfidenceInterval interval = new PairedAccuracy(samples, gained, lost).interval();
      covered += interval.low() <= gains - loses && gains - loses <= interval.high() ? 1 : 0;
    }
    assertThat((double) covered / rounds).isBetween(0.94, 0.96);
  }

  @Test
  void samplesToSettle_givesAnIntervalThatEndsAtTheMargin() {
    PairedAccuracy open = new PairedAccuracy(1000, 30, 40);
    assertThat(open.interval().low()).isLessThan(-0.015);
    long needed = open.samplesToSettle(0.015);
    double factor = needed / 1000.0;
    PairedAccuracy larger =
        new PairedAccuracy(
            (int) needed, (int) Math.round(30 * factor), (int) Math.round(40 * factor));
    assertThat(larger.interval().low()).isCloseTo(-0.015, within(4e-4));
  }

  /** The normal approximation took them for settled by the samples that had left them open. */
  @Test
  void samplesToSettle_ofRareFlips_endsWhereTheIntervalDoes() {
    PairedAccuracy open = new PairedAccuracy(2000, 0, 40);
    double limit = -open.interval(0.005).low() - 0.005;
    long needed = open.samplesToSettle(limit, 0.005);
    assertThat(needed).isGreaterThan(2000);
    PairedAccuracy larger = new PairedAccuracy((int) needed, 0, (int) (40 * needed / 2000));
    assertThat(larger.interval(0.005).low()).isCloseTo(-limit, within(2e-4));
  }

  @Test
  void samplesToSettle_whereNoFlipWasSeen_isTangosClosedForm() {
    // score(-m) of no flips is sqrt(n m / (1 - m)), so n = z^2 (1 - m) / m
    double z = 1.959963984540054;
    assertThat(new PairedAccuracy(10, 0, 0).samplesToSettle(0.05))
        .isEqualTo((long) Math.ceil(z * z * 0.95 / 0.05));
  }
}
