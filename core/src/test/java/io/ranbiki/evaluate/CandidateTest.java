package io.ranbiki.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.result.Acceptance;
import io.ranbiki.result.Cost;
import io.ranbiki.result.Judgement;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CandidateTest {

  private static final Cost NOT_MEASURED = new Cost(10L, 40, null, null, null, List.of());

  /** Answers of two models to the same samples, written one sample at a time. */
  private static final class Pair {
    private final int classes;
    private final long[] labels;
    private final float[] teacher;
    private final float[] student;
    private int size;

    Pair(int classes, int samples) {
      this.classes = classes;
      labels = new long[samples];
      teacher = new float[samples * classes];
      student = new float[samples * classes];
    }

    void add(int label, boolean teacherIsRight, boolean studentIsRight) {
      labels[size] = label;
      int wrong = (label + 1) % classes;
      teacher[size * classes + (teacherIsRight ? label : wrong)] = 1;
      student[size * classes + (studentIsRight ? label : wrong)] = 1;
      size++;
    }

    Candidate candidate(Cost cost) {
      long[] ids = new long[size];
      long[] known = Arrays.copyOf(labels, size);
      return new Candidate(
          "student",
          1L,
          Predictions.ofLogits(ids, known, classes, Arrays.copyOf(teacher, size * classes)),
          Predictions.ofLogits(ids, known, classes, Arrays.copyOf(student, size * classes)),
          IntStream.range(0, classes).mapToObj(c -> "kind " + c).toList(),
          cost);
    }
  }

  /** Of one class; in the rest both are right. */
  private static Candidate counted(int samples, int gained, int lost) {
    Pair pair = new Pair(2, samples);
    for (int i = 0; i < samples; i++) {
      pair.add(0, i >= gained, i < gained || i >= gained + lost);
    }
    return pair.candidate(NOT_MEASURED);
  }

  private static Acceptance.Limit judged(Candidate candidate, Limit limit, double allowed) {
    Acceptance acceptance = candidate.judge(Map.of(limit, allowed));
    assertThat(acceptance.model()).isEqualTo("student");
    assertThat(acceptance.seed()).isEqualTo(1);
    return acceptance.limits().get(0);
  }

  /** The ends of the intervals are those of PairedAccuracyTest, found with SciPy. */
  @ParameterizedTest
  @CsvSource({"2.87, met", "2.86, open", "0, open"})
  void accuracyLoss_isJudgedByTheWholeInterval(double allowed, String judgement) {
    Acceptance.Limit limit = judged(counted(100, 10, 5), Limit.ACCURACY_LOSS, allowed);

    assertThat(limit.judgement()).hasToString(judgement);
    assertThat(limit.measured().value()).isCloseTo(-5, within(1e-9));
    assertThat(limit.measured().low()).isCloseTo(-13.3471311, within(1e-5));
    assertThat(limit.measured().high()).isCloseTo(2.86195566, within(1e-5));
  }

  @Test
  void accuracyLoss_failsWhereTheWholeIntervalIsOutside() {
    Acceptance.Limit limit = judged(counted(1000, 1, 60), Limit.ACCURACY_LOSS, 4.5);

    assertThat(limit)
        .isEqualTo(
            new Acceptance.Limit(
                "accuracy-loss",
                4.5,
                limit.measured(),
                Judgement.FAILED,
                null,
                "Failed: accuracy-loss is 5.90 points (95 % interval 4.56 to 7.56); at most 4.50"
                    + " points is allowed."));
  }

  @Test
  void openLoss_saysHowManySamplesWouldSettleIt() {
    Acceptance.Limit limit = judged(counted(1000, 30, 40), Limit.ACCURACY_LOSS, 1.5);

    assertThat(limit.judgement()).isEqualTo(Judgement.OPEN);
    assertThat(limit.samplesNeeded())
        .isEqualTo(new PairedAccuracy(1000, 30, 40).samplesToSettle(0.015))
        .isGreaterThan(1000);
    assertThat(limit.sentence())
        .startsWith("Cannot be shown with these data: accuracy-loss is 1.00 points (")
        .endsWith(
            "); at most 1.50 points is allowed, and about 10,873 test samples would settle it.");
  }

  /** 930 of 1,000 by Wilson's formula: 0.91248 to 0.94421. */
  @ParameterizedTest
  @CsvSource({"0.9124, met, ", "0.92, open, 2828", "0.93, open, ", "0.945, failed, "})
  void agreement_isASmallestShare(double allowed, String judgement, Long needed) {
    Acceptance.Limit limit = judged(counted(1000, 30, 40), Limit.AGREEMENT, allowed);

    assertThat(limit.measured().value()).isEqualTo(0.93);
    assertThat(limit.measured().low()).isCloseTo(0.91247, within(1e-4));
    assertThat(limit.measured().high()).isCloseTo(0.94422, within(1e-4));
    assertThat(limit.judgement()).hasToString(judgement);
    assertThat(limit.samplesNeeded()).isEqualTo(needed);
  }

  /** Two classes; the likelier one is right as often as its confidence less the gap says. */
  private static Candidate calibrated(int samples, double gap) {
    SplittableRandom random = new SplittableRandom(3);
    float[] logits = new float[2 * samples];
    long[] labels = new long[samples];
    for (int i = 0; i < samples; i++) {
      double confidence = 0.55 + 0.4 * random.nextDouble();
      logits[2 * i] = (float) Math.log(confidence);
      logits[2 * i + 1] = (float) Math.log(1 - confidence);
      labels[i] = random.nextDouble() < confidence - gap ? 0 : 1;
    }
    Predictions answers = Predictions.ofLogits(new long[samples], labels, 2, logits);
    return new Candidate("student", 1L, null, answers, List.of("a", "b"), NOT_MEASURED);
  }

  @Test
  void calibrationError_isJudgedWithoutWhatChanceBrings() {
    assertThat(judged(calibrated(4000, 0), Limit.ECE, 0.05).judgement()).isEqualTo(Judgement.MET);
    assertThat(judged(calibrated(4000, 0.1), Limit.ECE, 0.05).judgement())
        .isEqualTo(Judgement.FAILED);
    Acceptance.Limit open = judged(calibrated(1000, 0.04), Limit.ECE, 0.05);
    assertThat(open.judgement()).isEqualTo(Judgement.OPEN);
    assertThat(judged(calibrated(29, 0), Limit.ECE, 0.05).sentence())
        .isEqualTo(
            "Cannot be shown with these data: ece needs 30 test samples with labels; at most 0.0500"
                + " is allowed.");
  }

  /** With so many samples, whose error is the same, the interval ends at the limit. */
  @ParameterizedTest
  @CsvSource({"0.02", "0.05", "0.08"})
  void samplesForCalibration_giveAnIntervalThatEndsAtTheLimit(double limit) {
    CalibrationError now = new CalibrationError(1000, 0.04 * 0.04, 4e-7, 1e-3);
    double times = now.samplesToSettle(limit) / 1000.0;
    assertThat(times).isGreaterThan(1);
    ConfidenceInterval then =
        new CalibrationError(
                (int) (1000 * times),
                now.squared(),
                now.still() / times / times,
                now.slope() / times)
            .interval();
    assertThat(limit < 0.04 ? then.low() : then.high()).isCloseTo(limit, within(1e-4));
  }

  private static Cost cost(Cost.Engine engine, double low, double high, boolean busy) {
    double p95 = (low + high) / 2;
    return new Cost(
        10L,
        40,
        engine == Cost.Engine.LIBTORCH ? null : 52L,
        null,
        null,
        List.of(new Cost.Latency(engine, 1, 1, 20_000, 0.1, 0.2, p95, 9, low, high, busy)));
  }

  private static Acceptance.Limit judged(Cost cost, Limit limit, double allowed) {
    Pair pair = new Pair(2, 1);
    pair.add(0, true, true);
    return judged(pair.candidate(cost), limit, allowed);
  }

  @Test
  void latency_isJudgedByBothHalves() {
    Cost cost = cost(Cost.Engine.ONNXRUNTIME, 0.8, 1, false);

    assertThat(judged(cost, Limit.LATENCY_P95_MS, 1).sentence())
        .isEqualTo(
            "Met: latency-p95-ms is 0.900 ms (0.800 and 1.000 in the two halves of 20,000 calls in"
                + " ONNX Runtime); at most 1.000 ms is allowed.");
    assertThat(judged(cost, Limit.LATENCY_P95_MS, 0.9).judgement()).isEqualTo(Judgement.OPEN);
    assertThat(judged(cost, Limit.LATENCY_P95_MS, 0.7).judgement()).isEqualTo(Judgement.FAILED);
  }

  @Test
  void latencyOfABusyMachine_showsNothing() {
    Acceptance.Limit limit =
        judged(cost(Cost.Engine.LIBTORCH, 0.8, 1, true), Limit.LATENCY_P95_MS, 5);

    assertThat(limit.judgement()).isEqualTo(Judgement.OPEN);
    assertThat(limit.sentence())
        .isEqualTo(
            "Cannot be shown: latency-p95-ms is 0.900 ms (0.800 and 1.000 in the two halves of"
                + " 20,000 calls in libtorch), but the machine was busy, so measure again; at most"
                + " 5.000 ms is allowed.");
    assertThat(judged(NOT_MEASURED, Limit.LATENCY_P95_MS, 5).sentence())
        .isEqualTo(
            "Cannot be shown: latency-p95-ms was not measured; at most 5.000 ms is allowed.");
  }

  @Test
  void bytes_areThoseOfTheOnnxFileWhereThereIsOne() {
    Cost onnx = cost(Cost.Engine.ONNXRUNTIME, 1, 1, false);

    assertThat(judged(onnx, Limit.BYTES, 52).sentence())
        .isEqualTo("Met: bytes is 52, the size of its ONNX file; at most 52 is allowed.");
    assertThat(judged(onnx, Limit.BYTES, 51).judgement()).isEqualTo(Judgement.FAILED);
    assertThat(judged(NOT_MEASURED, Limit.BYTES, 1_000).sentence())
        .isEqualTo("Met: bytes is 40, the size of its weights; at most 1,000 is allowed.");
  }

  /** Each class has the same chances; {@code lost - gained} is what it truly loses. */
  private static Candidate classes(
      int classes, int each, double gained, double lost, SplittableRandom random) {
    Pair pair = new Pair(classes, classes * each);
    for (int i = 0; i < classes * each; i++) {
      double drawn = random.nextDouble();
      pair.add(i % classes, drawn >= gained, drawn < gained || drawn >= gained + lost);
    }
    return pair.candidate(NOT_MEASURED);
  }

  /** 77 classes of 40 samples that truly lose 1 point show about 12 in the worst by chance. */
  @Test
  void worstOfManyClasses_doesNotFailByChance() {
    SplittableRandom random = new SplittableRandom(77);
    int rounds = 200;
    int failed = 0;
    int covered = 0;
    double shown = 0;
    for (int round = 0; round < rounds; round++) {
      Acceptance.Limit limit =
          judged(classes(77, 40, 0.03, 0.04, random), Limit.WORST_CLASS_LOSS, 1);
      failed += limit.judgement() == Judgement.FAILED ? 1 : 0;
      covered += limit.measured().low() <= 1 && limit.measured().high() >= 1 ? 1 : 0;
      shown += limit.measured().value() / rounds;
    }
    assertThat(shown).isBetween(10.0, 14.0);
    assertThat((double) failed / rounds).isLessThanOrEqualTo(0.05);
    assertThat((double) covered / rounds).isGreaterThanOrEqualTo(0.95);
  }

  @Test
  void classThatTrulyLoses_fails() {
    Pair pair = new Pair(77, 77 * 40);
    for (int i = 0; i < 77 * 40; i++) {
      int kind = i % 77;
      pair.add(kind, true, kind != 5 || i / 77 >= 16); // kind 5 loses 16 of 40
    }
    Acceptance.Limit limit = judged(pair.candidate(NOT_MEASURED), Limit.WORST_CLASS_LOSS, 5);

    assertThat(limit.judgement()).isEqualTo(Judgement.FAILED);
    assertThat(limit.sentence())
        .startsWith(
            "Failed: worst-class-loss is 40.00 points (simultaneous 95 % interval of 77 classes ")
        .endsWith(") in 'kind 5'; at most 5.00 points is allowed.");
  }

  @Test
  void classesOfFewSamples_areLeftOutAndCounted() {
    Pair pair = new Pair(3, 2000);
    for (int i = 0; i < 800; i++) {
      pair.add(0, true, true);
      pair.add(1, true, true);
    }
    for (int i = 0; i < 19; i++) {
      pair.add(2, true, false);
    }
    assertThat(judged(pair.candidate(NOT_MEASURED), Limit.WORST_CLASS_LOSS, 5).sentence())
        .startsWith("Met: worst-class-loss is 0.00 points (simultaneous 95 % interval of 2 classes")
        .endsWith(
            " in 'kind 0'; of 3 classes 1 have fewer than 20 test samples and are left out; at most"
                + " 5.00 points is allowed.");

    Pair few = new Pair(2, 10);
    few.add(0, true, true);
    assertThat(judged(few.candidate(NOT_MEASURED), Limit.WORST_CLASS_LOSS, 5).sentence())
        .isEqualTo(
            "Cannot be shown with these data: worst-class-loss needs a class with 20 test samples"
                + " with labels or more; at most 5.00 points is allowed.");
  }

  /** All classes must be shown; the numbers are of all test samples. */
  @Test
  void openWorstClass_saysHowManySamplesWouldSettleIt() {
    Acceptance.Limit limit =
        judged(classes(4, 50, 0, 0, new SplittableRandom(1)), Limit.WORST_CLASS_LOSS, 5);

    assertThat(limit.judgement()).isEqualTo(Judgement.OPEN);
    assertThat(limit.samplesNeeded())
        .isEqualTo(4 * new PairedAccuracy(50, 0, 0).samplesToSettle(0.05, 0.05 / 4));
  }

  @Test
  void limits_areInOneOrder() {
    Acceptance all =
        counted(1000, 30, 40)
            .judge(Map.of(Limit.BYTES, 1.0, Limit.AGREEMENT, 0.5, Limit.ACCURACY_LOSS, 9.0));

    assertThat(all.limits())
        .extracting(Acceptance.Limit::name)
        .containsExactly("accuracy-loss", "agreement", "bytes");
    assertThat(all.overall()).isEqualTo(Judgement.FAILED);
  }
}
