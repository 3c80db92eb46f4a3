package io.ranbiki.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class EpochMeansTest {

  @Test
  void means_areOverSamples_soThatASmallLastBatchWeighsLess() {
    EpochMeans means = new EpochMeans();
    means.add(3, 2, Map.of("hard-labels", 4.0));
    means.add(1, 6, Map.of("hard-labels", 8.0));

    EpochStats stats = means.stats(5, 0.25, 0.75, 2, 0);

    assertThat(stats).isEqualTo(new EpochStats(5, Map.of("hard-labels", 5.0), 3, 0.25, 0.75, 2, 2));
  }

  @Test
  void savedMeans_goOnWhereTheyWere() {
    EpochMeans means = new EpochMeans();
    means.add(3, 2.5, Map.of("hard-labels", 0.1));

    EpochMeans restored = EpochMeans.restore(means.save());
    restored.add(1, 4.5, Map.of("hard-labels", 0.5));

    EpochStats stats = restored.stats(1, 0.1, Double.NaN, 1, 3);
    assertThat(stats.total()).isEqualTo(3);
    assertThat(stats.terms().get("hard-labels")).isEqualTo((3 * 0.1 + 0.5) / 4);
    assertThat(stats.samplesPerSecond()).as("of those since the restart").isEqualTo(1);
  }
}
