package io.ranbiki.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ScaleTest {

  @Test
  void aLinearScale_endsAtRoundValuesAroundAll() {
    Random random = new Random(3);
    for (int i = 0; i < 1000; i++) {
      double size = Math.pow(10, random.nextInt(12) - 6);
      double low = size * random.nextGaussian();
      double high = low + size * random.nextDouble();
      Scale scale = Scale.linear(low, high, 5);
      assertThat(scale.at(low)).isBetween(0.0, 1.0);
      assertThat(scale.at(high)).isBetween(0.0, 1.0);
      assertThat(scale.ticks()).hasSizeBetween(2, 8);
      assertThat(scale.at(scale.ticks().get(0))).isEqualTo(0, within(1e-9));
    }
  }

  @Test
  void equalValues_haveAScaleToo() {
    assertThat(Scale.linear(0.9, 0.9, 5).at(0.9)).isBetween(0.2, 0.8);
    assertThat(Scale.linear(0, 0, 5).at(0)).isBetween(0.2, 0.8);
    assertThat(Scale.whole(1, 1, 6).at(1)).isZero();
  }

  @Test
  void epochs_haveWholeTicks() {
    assertThat(Scale.whole(1, 5, 6).ticks()).containsExactly(1.0, 2.0, 3.0, 4.0, 5.0);
    assertThat(Scale.whole(1, 30, 6).ticks()).containsExactly(5.0, 10.0, 15.0, 20.0, 25.0, 30.0);
  }

  @Test
  void factors_areEquallyFarApart() {
    Scale scale = Scale.logarithmic(1_000, 100_000);
    assertThat(scale.at(10_000) - scale.at(1_000))
        .isEqualTo(scale.at(100_000) - scale.at(10_000), within(1e-12));
    assertThat(scale.ticks()).isEqualTo(List.of(1_000.0, 3_000.0, 10_000.0, 30_000.0, 100_000.0));
  }
}
