package io.ranbiki.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.Golden;
import io.ranbiki.result.ConfidenceBin;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.TensorScope;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CalibrationTest {

  static List<String> cases() {
    return Golden.ids("28-metrics");
  }

  private static Calibration of(float[] logits, long[] labels, double temperature) {
    int classes = logits.length / labels.length;
    return Calibration.of(
        Predictions.ofLogits(new long[labels.length], labels, classes, logits), temperature);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void figures_areThoseOfTheReference(String id) {
    try (TensorScope scope = TensorScope.open("golden")) {
      Golden golden = Golden.load(id);
      Calibration calibration =
          of(
              golden.tensor("in.student_logits").toFloats(),
              golden.tensor("in.labels").toLongs(),
              1);
      golden.check("out.ece15", calibration.expectedError());
      golden.check("out.mce15", calibration.largestError());
      golden.check("out.nll", calibration.negativeLogLikelihood());
      golden.check("out.brier", calibration.brier());
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void bins_addUpToTheErrorsOfTheReference(String id) {
    try (TensorScope scope = TensorScope.open("golden")) {
      Golden golden = Golden.load(id);
      long[] labels = golden.tensor("in.labels").toLongs();
      float[] logits = golden.tensor("in.student_logits").toFloats();
      List<ConfidenceBin> bins =
          Calibration.bins(
              Predictions.ofLogits(
                  new long[labels.length], labels, logits.length / labels.length, logits));
      double samples = bins.stream().mapToInt(ConfidenceBin::samples).sum();
      golden.check(
          "out.ece15", bins.stream().mapToDouble(b -> b.samples() / samples * gap(b)).sum());
      golden.check("out.mce15", bins.stream().mapToDouble(CalibrationTest::gap).max().orElse(0));
    }
  }

  private static double gap(ConfidenceBin bin) {
    return Math.abs(bin.confidence() - bin.accuracy());
  }

  @Test
  void equalLogits_haveTheLargestEntropy_andConfidentOnesNone() {
    long[] label = {0};
    assertThat(of(new float[] {3, 3, 3, 3}, label, 2).entropy())
        .isCloseTo(Math.log(4), within(1e-12));
    assertThat(of(new float[] {80, -80}, label, 1).entropy()).isCloseTo(0, within(1e-60));
  }

  @Test
  void aMaskedClass_addsNothingToTheEntropy() {
    float[] logits = {1, 1, Float.NEGATIVE_INFINITY};
    assertThat(of(logits, new long[] {0}, 2).entropy()).isCloseTo(Math.log(2), within(1e-12));
  }

  @Test
  void entropy_growsWithTheTemperatureAsTheClosedFormSays() {
    double p = 1 / (1 + Math.exp(-6.0 / 3));
    double expected = -p * Math.log(p) - (1 - p) * Math.log(1 - p);
    assertThat(of(new float[] {6, 0}, new long[] {0}, 3).entropy())
        .isCloseTo(expected, within(1e-12));
  }

  @Test
  void samplesWithoutLabel_countForTheEntropyOnly() {
    float[] logits = {2, 0, 0, 0};
    Calibration both = of(logits, new long[] {0, Functional.IGNORE}, 1);
    Calibration first = of(new float[] {2, 0}, new long[] {0}, 1);
    assertThat(both.expectedError()).isEqualTo(first.expectedError());
    assertThat(both.negativeLogLikelihood()).isEqualTo(first.negativeLogLikelihood());
    assertThat(both.entropy()).isCloseTo((first.entropy() + Math.log(2)) / 2, within(1e-12));
    assertThat(of(logits, new long[] {Functional.IGNORE, Functional.IGNORE}, 1))
        .satisfies(none -> assertThat(none.expectedError()).isNaN())
        .satisfies(none -> assertThat(none.brier()).isNaN());
  }
}
