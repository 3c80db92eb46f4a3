package io.ranbiki.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.data.Task;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Values by numpy and scikit-learn, in float64:
 *
 * <pre>
 * unit = lambda x: x / np.linalg.norm(x, axis=1, keepdims=True)
 * (unit(s) * unit(t)).sum(1).mean()
 * pairs = np.triu_indices(4, 1); np.corrcoef((unit(s) @ unit(s).T)[pairs], (unit(t) @ unit(t).T)[pairs])
 * KNeighborsClassifier(1, metric="cosine").fit(training, [0, 1, 2]).predict(s)  # 0 1 2 0
 * </pre>
 */
class EmbeddingMetricsTest {

  private static final Task TASK = new Task.Embedding(3);
  private static final float[] TEACHER = {1, 0, 2, 0, 3, 1, -1, 1, 0.5f, 2, 2, -1};
  private static final float[] STUDENT = {1, 1, 1, 0, 2, 0, -1, 0, 0.5f, 2, -1, -1};
  private static final float[] TRAINING = {1, 0, 1, 0, 1, 0, -2, 0, 1};

  private static Predictions vectors(float... values) {
    float[] nobodyTold = new float[values.length];
    Arrays.fill(nobodyTold, Float.NaN);
    long[] ids = new long[values.length / 3];
    Arrays.setAll(ids, i -> i);
    return Predictions.ofNumbers(ids, nobodyTold, 3, values);
  }

  private static double value(Metric metric, Predictions model) {
    return metric.of(model, null).orElseThrow();
  }

  @Test
  void metrics_areThoseOfOthers() {
    int[] neighbours =
        NearestNeighbour.look(
            vectors(STUDENT), new int[] {0, 2, 2, -1}, vectors(TRAINING), new int[] {0, 1, 2});
    Predictions judged = vectors(STUDENT).against(vectors(TEACHER), neighbours);

    assertThat(value(new MeanCosine(), judged)).isCloseTo(0.7192210625639475, within(1e-7));
    assertThat(value(new PairCorrelation(), judged)).isCloseTo(0.3451672469809513, within(1e-6));
    assertThat(judged.neighbours()).containsExactly(1, 0, 1, -1);
    assertThat(value(new NearestNeighbour(), judged)).isCloseTo(2 / 3.0, within(1e-12));
    assertThat(judged.isAnyLabelled()).isTrue();
    assertThat(judged.accuracy()).isNaN();
  }

  @Test
  void nobodyTold_saysNothing() {
    Predictions alone = vectors(STUDENT);
    for (Metric metric : TaskMetrics.shown(TASK)) {
      assertThat(metric.of(alone, null)).as(metric.name()).isEmpty();
    }
    assertThat(new MeanCosine().of(alone, vectors(TEACHER))).isNotEmpty();
  }

  @Test
  void cosineDecides_andOthersAreShown() {
    assertThat(TaskMetrics.shown(TASK).stream().map(Metric::name))
        .containsExactly("cosine", "pair-correlation", "nearest-neighbour");
    assertThat(TaskMetrics.deciding(TASK, Optional.empty()).name()).isEqualTo("cosine");
  }

  @Test
  void neighbours_areKeptInTheFile(@TempDir Path folder) {
    Predictions judged =
        vectors(STUDENT).against(vectors(TEACHER), new int[] {1, 0, Predictions.UNKNOWN_CLASS, 1});
    PredictionsFile.write(folder.resolve("p.safetensors"), judged);
    Predictions read = PredictionsFile.read(folder.resolve("p.safetensors"));

    assertThat(read.neighbours()).containsExactly(1, 0, -1, 1);
    assertThat(read.truth()).containsExactly(TEACHER);
    for (Metric metric : TaskMetrics.shown(TASK)) {
      assertThat(value(metric, read)).isEqualTo(value(metric, judged));
    }
    assertThat(List.of(read.size(), read.classes())).containsExactly(4, 3);
  }
}
