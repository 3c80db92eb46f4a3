package io.ranbiki.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PredictionTest {

  private static final List<String> CLASSES = List.of("a", "b", "c");

  @Test
  void probabilities_areTheSoftmaxByClass() {
    // Exponentials 1, 2 and 5 of the logits ln 1, ln 2 and ln 5: shares of 8.
    Prediction prediction =
        Prediction.of(
            Prediction.Task.CLASSES,
            CLASSES,
            new float[] {0, (float) Math.log(2), (float) Math.log(5)});
    assertThat(prediction.probabilities().keySet()).containsExactly("a", "b", "c");
    assertThat(prediction.probabilities().get("a")).isCloseTo(1 / 8.0, within(1e-7));
    assertThat(prediction.probabilities().get("b")).isCloseTo(2 / 8.0, within(1e-7));
    assertThat(prediction.name()).isEqualTo("c");
    assertThat(prediction.probability()).isCloseTo(5 / 8.0, within(1e-7));
    assertThat(prediction).hasToString("c (0.63)");
    assertThat(prediction.top(2)).hasToString("[c (0.63), b (0.25)]");
  }

  @Test
  void top_isSortedAndEndsWithTheClasses() {
    Prediction prediction = Prediction.of(Prediction.Task.CLASSES, CLASSES, new float[] {1, 3, 1});
    assertThat(prediction.top(2)).extracting(Prediction.Scored::name).containsExactly("b", "a");
    assertThat(prediction.top(9))
        .extracting(Prediction.Scored::name)
        .containsExactly("b", "a", "c");
  }

  @Test
  void largeLogits_giveNumbers() {
    Prediction prediction =
        Prediction.of(Prediction.Task.CLASSES, CLASSES, new float[] {3e38f, -3e38f, 0});
    assertThat(prediction.probabilities().values()).containsExactly(1.0, 0.0, 0.0);
  }

  @Test
  void whatIsGiven_isCopied() {
    float[] logits = {1, 2, 3};
    Prediction prediction = Prediction.of(Prediction.Task.CLASSES, CLASSES, logits);
    logits[0] = 9;
    prediction.logits()[1] = 9;
    assertThat(prediction.logits()).containsExactly(1, 2, 3);
  }

  @Test
  void otherNumbersOfClasses_areRefused() {
    assertThatThrownBy(() -> Prediction.of(Prediction.Task.CLASSES, CLASSES, new float[2]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("2 answers for [a, b, c]");
  }

  @Test
  void probabilitiesOfLabels_areTheSigmoidOfEach() {
    // exp(ln 3) = 3 against 1, and 1 against 3; e^800 is more than a double holds.
    float odds = (float) Math.log(3);
    Prediction prediction =
        Prediction.of(Prediction.Task.LABELS, CLASSES, new float[] {odds, -odds, -800});
    assertThat(prediction.probabilities().get("a")).isCloseTo(0.75, within(1e-7));
    assertThat(prediction.probabilities().get("b")).isCloseTo(0.25, within(1e-7));
    assertThat(prediction.probabilities().get("c")).isZero();
    assertThat(prediction.labels()).hasToString("[a (0.75)]");
    assertThat(prediction.top(2)).hasToString("[a (0.75), b (0.25)]");
    assertThat(prediction).hasToString("a (0.75)");
    assertThatThrownBy(prediction::numbers)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the student answers labels, not numbers");
  }

  @Test
  void numbers_areTheAnswersThemselves() {
    Prediction prediction =
        Prediction.of(
            Prediction.Task.NUMBERS, List.of("price", "age"), new float[] {250_000.5f, -2});
    assertThat(prediction.numbers())
        .containsExactly(Map.entry("price", 250_000.5), Map.entry("age", -2.0));
    assertThat(prediction).hasToString("price 250000.5, age -2.0");
    assertThatThrownBy(prediction::name)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the student answers numbers, which have no probabilities");
    assertThatThrownBy(prediction::labels)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the student answers numbers, not labels");
  }
}
