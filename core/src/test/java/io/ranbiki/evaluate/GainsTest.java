package io.ranbiki.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.result.Figure;
import io.ranbiki.result.Gain;
import io.ranbiki.result.Interval;
import io.ranbiki.result.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class GainsTest {

  /** Answers that are right on the samples from a first one to an end. */
  private static Predictions right(int samples, int from, int to) {
    float[] logits = new float[2 * samples];
    for (int i = 0; i < samples; i++) {
      logits[2 * i + (i >= from && i < to ? 0 : 1)] = 1;
    }
    return Predictions.ofLogits(
        LongStream.range(0, samples).toArray(), new long[samples], 2, logits);
  }

  @Test
  void gain_isPairedBySeed_andWidenedForNewData() {
    List<Predictions> before = new ArrayList<>();
    List<Predictions> after = new ArrayList<>();
    for (int seed = 0; seed < 5; seed++) {
      before.add(right(1000, 0, 800 + 10 * seed));
      after.add(right(1000, 0, 820 + 10 * seed + seed % 2));
    }
    Gain gain = Gains.of("scratch", before, "student", after);
    assertThat(gain.seeds().mean()).isCloseTo(0.0204, within(1e-12));
    // Differences 20, 21, 20, 21, 20 of 1000: deviation 0.5477e-3, t(4) = 2.776.
    double half = 2.7764 * 0.54772e-3 / Math.sqrt(5);
    assertThat(gain.seeds().high()).isCloseTo(0.0204 + half, within(1e-6));
    // Over samples: 60 samples differ, by seed the next ten of them.
    Interval newData = Objects.requireNonNull(gain.newData());
    assertThat(newData.value()).isCloseTo(0.0204, within(1e-12));
    assertThat(newData.high()).isGreaterThan(gain.seeds().high() + 0.003);
    assertThat(gain.verdict()).isEqualTo(Verdict.GAINED);
    assertThat(gain.chance()).isLessThan(1e-4);
    assertThat(Verdict.sentence(gain, "labels alone"))
        .matches(
            "Gained: \\+2\\.04 points against labels alone \\(95 % interval over 5 seeds \\+1\\.97"
                + " to \\+2\\.11; for new data \\+1\\.\\d\\d to \\+2\\.\\d\\d\\)\\.");
    assertThat(Gains.of("student", after, "scratch", before).verdict()).isEqualTo(Verdict.LOST);
  }

  @Test
  void fewerThanFiveSeeds_giveAnIntervalAndNoVerdict() {
    List<Predictions> before = List.of(right(100, 0, 80), right(100, 0, 81));
    List<Predictions> after = List.of(right(100, 0, 90), right(100, 0, 91));
    Gain gain = Gains.of("scratch", before, "student", after);
    assertThat(gain.verdict()).isEqualTo(Verdict.OPEN);
    assertThat(Verdict.sentence(gain, "labels alone"))
        .startsWith(
            "+10.00 points against labels alone (95 % interval over 2 seeds +10.00 to +10.00;")
        .endsWith("; fewer than 5 seeds, so no verdict.");
    Gain single = Gains.of("scratch", before.subList(0, 1), "student", after.subList(0, 1));
    assertThat(Verdict.sentence(single, "labels alone"))
        .isEqualTo(
            "One seed: +10.00 points against labels alone; several seeds tell a gain from chance.");
  }

  @Test
  void intervalForNewData_coversTheTrueGain() {
    SplittableRandom random = new SplittableRandom(3);
    int covered = 0;
    int rounds = 500;
    int samples = 400;
    int seeds = 5;
    for (int round = 0; round < rounds; round++) {
      List<Predictions> before = new ArrayList<>();
      List<Predictions> after = new ArrayList<>();
      double[] hard = random.doubles(samples).toArray();
      for (int seed = 0; seed < seeds; seed++) {
        before.add(drawn(hard, 0.75, random));
        after.add(drawn(hard, 0.80, random));
      }
      Interval newData = Objects.requireNonNull(Gains.of("a", before, "b", after).newData());
      covered += newData.low() <= 0.04 && 0.04 <= newData.high() ? 1 : 0;
    }
    // The spread of the seeds holds a part of that of the samples, so it is rather too wide.
    assertThat((double) covered / rounds).isBetween(0.94, 0.995);
  }

  /**
   * Right where a sample is easier than a threshold that differs a little from sample to sample.
   */
  private static Predictions drawn(double[] hard, double accuracy, SplittableRandom random) {
    float[] logits = new float[2 * hard.length];
    for (int i = 0; i < hard.length; i++) {
      boolean right = hard[i] < accuracy ? random.nextDouble() < 0.95 : random.nextDouble() < 0.15;
      logits[2 * i + (right ? 0 : 1)] = 1;
    }
    return Predictions.ofLogits(
        LongStream.range(0, hard.length).toArray(), new long[hard.length], 2, logits);
  }

  @Test
  void oneTable_isJudgedTogether() {
    Figure figure = Gains.figure(List.of(0.01, 0.012, 0.008, 0.011, 0.009));
    Gain lucky = new Gain("a", "b", figure, null, Verdict.of(figure, 0.02), 0.02);
    assertThat(lucky.verdict()).isEqualTo(Verdict.GAINED);
    Gain plain = new Gain("a", "c", figure, null, Verdict.NO_DIFFERENCE, 0.5);
    List<Gain> judged = Gains.together(List.of(lucky, plain, plain));
    assertThat(judged.get(0).chance()).isEqualTo(0.06);
    assertThat(judged.get(0).verdict()).isEqualTo(Verdict.NO_DIFFERENCE);
  }
}
