package io.ranbiki.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.Safetensors;
import io.ranbiki.artifact.SafetensorsFile;
import io.ranbiki.result.Changes;
import io.ranbiki.result.Quality;
import io.ranbiki.tensor.Functional;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class MetricsTest {

  /**
   * 700 answers to 12 classes and what scikit-learn 1.9 (top-k accuracy, F1, log loss),
   * torchmetrics (ECE) and SciPy (temperature) say of them, in the metadata; class 11 is no
   * sample's label.
   */
  private static final SafetensorsFile REFERENCE =
      Safetensors.read(Path.of("src/test/resources/metrics/answers.safetensors"));

  private static Predictions answers(String name) {
    long[] labels = new long[700];
    float[] logits = new float[700 * 12];
    REFERENCE.entries().get("labels").data().asLongBuffer().get(labels);
    REFERENCE.entries().get(name).data().asFloatBuffer().get(logits);
    return Predictions.ofLogits(LongStream.range(0, 700).toArray(), labels, 12, logits);
  }

  private static double reference(String name) {
    return Double.parseDouble(Objects.requireNonNull(REFERENCE.metadata().get(name)));
  }

  @Test
  void figures_areThoseOfTheReferences() {
    Predictions model = answers("logits");
    Quality quality = Metrics.of(model, answers("teacher"), model);
    assertThat(quality.samples()).isEqualTo(700);
    assertThat(quality.accuracy().value()).isCloseTo(reference("accuracy"), within(1e-12));
    assertThat(quality.topFive()).isCloseTo(reference("top-five"), within(1e-12));
    assertThat(quality.macroF1()).isCloseTo(reference("macro-f1"), within(1e-9));
    assertThat(quality.negativeLogLikelihood())
        .isCloseTo(reference("negative-log-likelihood"), within(1e-9));
    assertThat(quality.brier()).isCloseTo(reference("brier"), within(1e-9));
    assertThat(quality.expectedCalibrationError()).isCloseTo(reference("ece"), within(1e-4));
    assertThat(quality.agreement()).isCloseTo(reference("agreement"), within(1e-12));
    assertThat(quality.divergence()).isCloseTo(reference("divergence"), within(1e-9));
    Quality.Scaled scaled = Objects.requireNonNull(quality.scaled());
    assertThat(scaled.temperature()).isCloseTo(reference("temperature"), within(1e-5));
    assertThat(scaled.negativeLogLikelihood()).isCloseTo(reference("scaled-nll"), within(1e-9));
    assertThat(quality.approximate()).isFalse();
  }

  @Test
  void topClasses_giveTheFiguresThatNeedNoOthers_andSayThatTheRestIsApproximate() {
    Predictions model = answers("logits");
    Quality full = Metrics.of(model, answers("teacher"), null);
    Quality kept = Metrics.of(model.top(6), answers("teacher").top(6), null);
    assertThat(kept.approximate()).isTrue();
    assertThat(kept.accuracy()).isEqualTo(full.accuracy());
    assertThat(kept.topFive()).isEqualTo(full.topFive());
    assertThat(kept.macroF1()).isEqualTo(full.macroF1());
    assertThat(kept.agreement()).isEqualTo(full.agreement());
    assertThat(kept.expectedCalibrationError())
        .isCloseTo(full.expectedCalibrationError(), within(1e-6));
    assertThat(kept.brier()).isCloseTo(full.brier(), within(0.01));
  }

  @Test
  void accuracyInterval_isWilsons() {
    // 9 of 10, from the formula: (p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n)
    ConfidenceInterval interval = ConfidenceInterval.ofShare(9, 10);
    assertThat(interval.low()).isCloseTo(0.5958500, within(1e-6));
    assertThat(interval.high()).isCloseTo(0.9821238, within(1e-6));
  }

  private static Predictions deciding(long[] labels, int... classes) {
    float[] logits = new float[3 * classes.length];
    for (int i = 0; i < classes.length; i++) {
      logits[3 * i + classes[i]] = 5;
    }
    return Predictions.ofLogits(LongStream.range(0, classes.length).toArray(), labels, 3, logits);
  }

  @Test
  void changes_countFlipsRecallAndConfusions() {
    long[] labels = {0, 0, 0, 1, 1, 2, Functional.IGNORE};
    Predictions before = deciding(labels, 0, 0, 1, 1, 2, 2, 0);
    Predictions after = deciding(labels, 0, 2, 0, 1, 2, 0, 1);
    Changes changes =
        Metrics.between("scratch", before, "student", after, List.of("cat", "dog", "owl"));
    assertThat(changes.gained()).isEqualTo(1);
    assertThat(changes.lost()).isEqualTo(2);
    assertThat(changes.accuracy().value()).isCloseTo(-1.0 / 6, within(1e-12));
    assertThat(changes.classes())
        .extracting(Changes.ClassChange::name, Changes.ClassChange::samples)
        .containsExactly(tuple("cat", 3), tuple("dog", 2), tuple("owl", 1));
    assertThat(changes.classes().get(0).before()).isCloseTo(2.0 / 3, within(1e-12));
    assertThat(changes.classes().get(2).recall().value()).isEqualTo(-1);
    assertThat(changes.appeared())
        .containsExactly(
            new Changes.Confusion("cat", "owl", 0, 1), new Changes.Confusion("owl", "cat", 0, 1));
    assertThat(changes.vanished()).containsExactly(new Changes.Confusion("cat", "dog", 1, 0));
  }

  @Test
  void farthest_areThoseWithTheLargestDivergence() {
    long[] labels = {0, 1, 2};
    Predictions teacher = deciding(labels, 0, 1, 2);
    Predictions model = deciding(labels, 0, 2, 2);
    assertThat(Metrics.farthest(teacher, model, 2))
        .extracting(Metrics.Distance::sample)
        .containsExactly(1, 0);
    // A teacher that is never sure is farther from a sure student than from one that errs a little.
    Predictions careful =
        Predictions.ofLogits(
            new long[] {0, 1}, new long[] {0, 1}, 2, new float[] {0.1f, 0, 0.1f, 0});
    Predictions sure =
        Predictions.ofLogits(new long[] {0, 1}, new long[] {0, 1}, 2, new float[] {9, 0, 0, 0.1f});
    assertThat(Metrics.farthest(careful, sure, 2))
        .extracting(Metrics.Distance::sample)
        .containsExactly(1, 0);
    // Softmax of (0, 5, 0) against (0, 0, 5): only the two large logits differ.
    double likely = Math.exp(5) / (Math.exp(5) + 2);
    double other = 1 / (Math.exp(5) + 2);
    assertThat(Metrics.farthest(teacher, model, 1).get(0).nats())
        .isCloseTo((likely - other) * 5, within(1e-9));
  }

  @Test
  void otherSamples_areRefused() {
    Predictions one = deciding(new long[] {0, 1}, 0, 1);
    Predictions other = deciding(new long[] {0, 2}, 0, 1);
    assertThatThrownBy(() -> Metrics.of(one, other, null))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "The predictions are of different test sets: 2 and 2 samples, with other ids or labels;"
                + " measure both models on the same one.");
  }

  @Test
  void whatMoved_isEveryAnswerThatAnotherNumberOfSamplesGets() {
    long[] labels = {0, 0, 0, 1, 1, Functional.IGNORE};
    Predictions before = answering(labels, 0, 0, 1, 1, 0, 0);
    Predictions after = answering(labels, 0, 1, 1, 1, 1, 1);
    assertThat(Metrics.moved(before, after, List.of("oak", "ash")))
        .containsExactly(
            new Changes.Confusion("oak", "oak", 2, 1),
            new Changes.Confusion("oak", "ash", 1, 2),
            new Changes.Confusion("ash", "oak", 1, 0),
            new Changes.Confusion("ash", "ash", 1, 2));
    assertThat(Metrics.moved(before, before, List.of("oak", "ash"))).isEmpty();
  }

  private static Predictions answering(long[] labels, int... classes) {
    float[] logits = new float[2 * classes.length];
    for (int i = 0; i < classes.length; i++) {
      logits[2 * i + classes[i]] = 1;
    }
    return Predictions.ofLogits(new long[labels.length], labels, 2, logits);
  }
}
