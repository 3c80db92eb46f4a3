package io.ranbiki.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CalibrationErrorTest {

  /** Two classes; the likelier one is right as often as its confidence less the gap says. */
  private static Predictions drawn(int samples, double gap, SplittableRandom random) {
    float[] logits = new float[2 * samples];
    long[] labels = new long[samples];
    for (int i = 0; i < samples; i++) {
      double confidence = 0.55 + 0.4 * random.nextDouble();
      logits[2 * i] = (float) Math.log(confidence);
      logits[2 * i + 1] = (float) Math.log(1 - confidence);
      labels[i] = random.nextDouble() < confidence - gap ? 0 : 1;
    }
    return Predictions.ofLogits(new long[samples], labels, 2, logits);
  }

  @ParameterizedTest
  @CsvSource({"1000, 0.05", "1000, 0.02"})
  void interval_coversTheTrueError(int samples, double gap) {
    SplittableRandom random = new SplittableRandom(11);
    int covered = 0;
    int rounds = 2000;
    for (int round = 0; round < rounds; round++) {
      ConfidenceInterval interval =
          CalibrationError.of(drawn(samples, gap, random)).orElseThrow().interval();
      covered += interval.low() <= gap && gap <= interval.high() ? 1 : 0;
    }
    assertThat((double) covered / rounds).isBetween(0.94, 0.96);
  }

  @ParameterizedTest
  @CsvSource("3080")
  void perfectlyCalibratedModel_hasNoErrorThatCanBeShown(int samples) {
    SplittableRandom random = new SplittableRandom(12);
    int aboveZero = 0;
    double squared = 0;
    double plain = 0;
    int rounds = 400;
    for (int round = 0; round < rounds; round++) {
      Predictions predictions = drawn(samples, 0, random);
      ConfidenceInterval interval = CalibrationError.of(predictions).orElseThrow().interval();
      aboveZero += interval.low() > 0 ? 1 : 0;
      squared += interval.mean();
      plain += Calibration.of(predictions, 1).expectedError();
    }
    assertThat((double) aboveZero / rounds).isLessThan(0.06);
    assertThat(squared / rounds).isLessThan(plain / rounds / 2);
  }
}
