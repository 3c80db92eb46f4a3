package io.ranbiki.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Task;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The values are scikit-learn's, by {@code resources/metrics/make.py}. */
class TaskMetricsTest {

  private static final Task CLASSES =
      new Task.Classes(IntStream.range(0, 12).mapToObj(Integer::toString).toList());
  private static final Task LABELS = new Task.Labels(List.of("a", "b", "c", "d"));
  private static final Task NUMBERS = new Task.Numbers(List.of("x", "y"));

  private static String read(String name) throws IOException {
    try (InputStream in = TaskMetricsTest.class.getResourceAsStream("/metrics/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static float[][] table(String name) throws IOException {
    return read(name)
        .lines()
        .map(
            line -> {
              String[] parts = line.split(",");
              float[] row = new float[parts.length];
              for (int i = 0; i < row.length; i++) {
                row[i] = parts[i].equals("nan") ? Float.NaN : Float.parseFloat(parts[i]);
              }
              return row;
            })
        .toArray(float[][]::new);
  }

  private static float[] columns(float[][] table, int from, int to) {
    float[] all = new float[table.length * (to - from)];
    for (int i = 0; i < table.length; i++) {
      System.arraycopy(table[i], from, all, i * (to - from), to - from);
    }
    return all;
  }

  private static Task task(String word) {
    return word.equals("classes") ? CLASSES : word.equals("labels") ? LABELS : NUMBERS;
  }

  /** The model's answers, or those of the teacher. */
  private static Predictions predictions(String word, boolean teacher) throws IOException {
    float[][] table = table(word + ".csv");
    int width = task(word).width();
    int truth = word.equals("classes") ? 1 : width;
    int from = truth + (teacher ? width : 0);
    float[] answers = columns(table, from, from + width);
    long[] ids = LongStream.range(0, table.length).toArray();
    float[] labels = columns(table, 0, truth);
    if (!word.equals("classes")) {
      return Predictions.ofNumbers(ids, labels, width, answers);
    }
    long[] classes = new long[labels.length];
    Arrays.setAll(classes, i -> (long) labels[i]);
    return Predictions.ofLogits(ids, classes, width, answers);
  }

  @ParameterizedTest
  @CsvSource({"classes", "labels", "numbers"})
  void values_areThoseOfScikitLearn(String word) throws IOException {
    Predictions model = predictions(word, false);
    Predictions teacher = predictions(word, true);
    List<String> expected =
        read("expected.txt").lines().filter(line -> line.startsWith(word)).toList();
    List<Metric> shown = TaskMetrics.shown(task(word));
    assertThat(shown).hasSameSizeAs(expected);
    for (String line : expected) {
      String[] parts = line.split(" ");
      Metric metric =
          shown.stream().filter(one -> one.name().equals(parts[1])).findFirst().orElseThrow();
      assertThat(metric.of(model, teacher).getAsDouble())
          .as(line)
          .isCloseTo(
              Double.parseDouble(parts[2]), within(1e-9 * (word.equals("numbers") ? 100 : 1)));
    }
  }

  @Test
  void whatDecides_isWhatTheTaskSays_orTheConfiguration() {
    assertThat(TaskMetrics.deciding(CLASSES, "auto").name()).isEqualTo("accuracy");
    assertThat(TaskMetrics.deciding(LABELS, "auto").name()).isEqualTo("auc");
    assertThat(TaskMetrics.deciding(NUMBERS, "auto").name()).isEqualTo("rmse");
    assertThat(TaskMetrics.deciding(CLASSES, "macro-f1").name()).isEqualTo("macro-f1");
  }

  @Test
  void metricUnknownToTheTask_isRefusedInOneSentenceWithThoseThatThereAre() {
    assertThatThrownBy(() -> TaskMetrics.deciding(NUMBERS, "accuracy"))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "The metric 'accuracy' is unknown to the task numbers. Choose one of rmse, mae.");
  }

  @Test
  void samplesThatDoNotTell_giveNothing() {
    float[] unknown = {Float.NaN, Float.NaN};
    Predictions none = Predictions.ofNumbers(new long[2], unknown, 1, new float[] {1, 2});
    for (Metric metric : TaskMetrics.shown(new Task.Numbers(List.of("x")))) {
      assertThat(metric.of(none, null)).isEmpty();
    }
    Predictions oneSide = Predictions.ofNumbers(new long[2], new float[] {1, 1}, 1, new float[2]);
    assertThat(TaskMetrics.deciding(LABELS, "auc").of(oneSide, null)).isEmpty();
    assertThat(oneSide.accuracy()).isNaN();
  }

  @Test
  void errors_scoreSoThatMoreIsBetter() {
    Predictions near = Predictions.ofNumbers(new long[1], new float[] {1}, 1, new float[] {1.5f});
    Predictions far = Predictions.ofNumbers(new long[1], new float[] {1}, 1, new float[] {3});
    Metric rmse = TaskMetrics.deciding(NUMBERS, "auto");
    assertThat(rmse.score(near, null)).isEqualTo(-0.5).isGreaterThan(rmse.score(far, null));
  }
}
