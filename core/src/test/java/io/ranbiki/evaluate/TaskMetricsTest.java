package io.ranbiki.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.OwnJar;
import io.ranbiki.RanbikiException;
import io.ranbiki.config.Catalogue;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.config.Provider;
import io.ranbiki.config.Rule;
import io.ranbiki.data.OutOfScope;
import io.ranbiki.data.Task;
import io.ranbiki.tensor.Functional;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
      Predictions of = metric instanceof OutOfScopeAuc ? outOfScope(model, 3) : model;
      assertThat(metric.of(of, teacher).getAsDouble())
          .as(line)
          .isCloseTo(
              Double.parseDouble(parts[2]), within(1e-9 * (word.equals("numbers") ? 100 : 1)));
    }
  }

  /** The same, as if one class were none. */
  private static Predictions outOfScope(Predictions model, int out) {
    long[] labels =
        Arrays.stream(model.labels())
            .map(label -> label == out ? OutOfScope.LABEL : label)
            .toArray();
    return new Predictions(model.ids(), labels, model.classes(), model.answers());
  }

  /** Of 2 samples out of scope and 2 in scope, 3 of the 4 pairs are in order, one of them tied. */
  @Test
  void doubt_isTheShareOfPairsInOrder() {
    float[] logits = {0, 0, 3, 0, 0, 3, 9, 0};
    long[] labels = {OutOfScope.LABEL, OutOfScope.LABEL, 0, 1};
    Predictions model = Predictions.ofLogits(new long[] {0, 1, 2, 3}, labels, 2, logits);
    assertThat(new OutOfScopeAuc().of(model, null)).hasValue(3.5 / 4);
    assertThat(model.accuracy()).isZero(); // of the two in scope alone
    long[] inScope = {0, 1, 0, Functional.IGNORE};
    assertThat(
            new OutOfScopeAuc()
                .of(Predictions.ofLogits(new long[] {0, 1, 2, 3}, inScope, 2, logits), null))
        .isEmpty();
  }

  @Test
  void whatDecides_isWhatTheTaskSays_orTheConfiguration() {
    assertThat(TaskMetrics.deciding(CLASSES, Optional.empty()).name()).isEqualTo("accuracy");
    assertThat(TaskMetrics.deciding(LABELS, Optional.empty()).name()).isEqualTo("auc");
    assertThat(TaskMetrics.deciding(NUMBERS, Optional.empty()).name()).isEqualTo("rmse");
    assertThat(TaskMetrics.deciding(CLASSES, Optional.of(new MacroF1())).name())
        .isEqualTo("macro-f1");
  }

  /** The share of errors below a bound. */
  private record Within(double bound) implements Metric {
    @Override
    public String name() {
      return "within";
    }

    @Override
    public boolean serves(Task task) {
      return task instanceof Task.Numbers;
    }

    @Override
    public OptionalDouble of(Predictions model, @Nullable Predictions teacher) {
      float[] truth = Objects.requireNonNull(model.truth());
      double[][] answers = model.byOutput();
      return IntStream.range(0, truth.length)
          .mapToDouble(
              i ->
                  Math.abs(answers[i % model.classes()][i / model.classes()] - truth[i]) < bound
                      ? 1
                      : 0)
          .average();
    }
  }

  /** What stands in a user's jar. */
  public static final class Mine implements Catalogue {
    @Override
    public List<Provider<?>> providers() {
      return List.of(
          Provider.of(
              Metric.class,
              "within",
              "Share of errors below a bound.",
              options -> new Within(options.number("bound", 1, "The bound", Rule.above(0)))));
    }
  }

  @Test
  void ownMetric_isShownBehindThoseOfTheTask_andDecidesWithItsOptions(@TempDir Path folder)
      throws Exception {
    Predictions model =
        Predictions.ofNumbers(
            new long[2], new float[] {0, 0, 0, 0}, 2, new float[] {0.5f, 2, 0.1f, 3});
    List<Metric> shown = OwnJar.with(folder, Mine.class, () -> TaskMetrics.shown(NUMBERS));
    assertThat(shown).extracting(Metric::name).containsExactly("rmse", "mae", "within");
    assertThat(shown.get(2).of(model, null)).hasValue(0.5);
    Metric chosen =
        OwnJar.with(
            folder,
            Mine.class,
            () ->
                ConfigDocument.parse(
                        "a.yaml", "metric: {within: {bound: 0.2}}", List.of(), Map.of())
                    .bind(
                        options ->
                            options
                                .optionalChoice("metric", "Which", Provider.all(Metric.class))
                                .orElseThrow()));
    assertThat(TaskMetrics.deciding(NUMBERS, Optional.of(chosen)).of(model, null)).hasValue(0.25);
  }

  @Test
  void agreement_decidesNothing() {
    assertThatThrownBy(() -> TaskMetrics.deciding(LABELS, Optional.of(new Agreement())))
        .hasMessage(
            "The metric 'agreement' is unknown to the task labels. Choose one of auc, accuracy,"
                + " macro-f1.");
  }

  @Test
  void whatATaskShows_standsInItsOrder() {
    assertThat(TaskMetrics.shown(CLASSES))
        .extracting(Metric::name)
        .containsExactly("accuracy", "top-5", "macro-f1", "auc", "out-of-scope-auc", "agreement");
    assertThat(TaskMetrics.shown(new Task.Classes(List.of("a", "b"))))
        .extracting(Metric::name)
        .containsExactly("accuracy", "macro-f1", "auc", "out-of-scope-auc", "agreement");
    assertThat(TaskMetrics.shown(LABELS))
        .extracting(Metric::name)
        .containsExactly("auc", "accuracy", "macro-f1", "agreement");
    assertThat(TaskMetrics.shown(NUMBERS)).extracting(Metric::name).containsExactly("rmse", "mae");
  }

  @Test
  void metricUnknownToTheTask_isRefusedInOneSentenceWithThoseThatThereAre() {
    assertThatThrownBy(() -> TaskMetrics.deciding(NUMBERS, Optional.of(new Accuracy())))
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
    assertThat(TaskMetrics.deciding(LABELS, Optional.empty()).of(oneSide, null)).isEmpty();
    assertThat(oneSide.accuracy()).isNaN();
  }

  @Test
  void errors_scoreSoThatMoreIsBetter() {
    Predictions near = Predictions.ofNumbers(new long[1], new float[] {1}, 1, new float[] {1.5f});
    Predictions far = Predictions.ofNumbers(new long[1], new float[] {1}, 1, new float[] {3});
    Metric rmse = TaskMetrics.deciding(NUMBERS, Optional.empty());
    assertThat(rmse.score(near, null)).isEqualTo(-0.5).isGreaterThan(rmse.score(far, null));
  }
}
