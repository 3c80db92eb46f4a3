package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.result.Interval;
import io.ranbiki.result.ModelFigures;
import io.ranbiki.result.Quality;
import io.ranbiki.result.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

class ModelCardTest {

  /** Where the hub looks for front matter. */
  private static final Pattern FRONT = Pattern.compile("^(\\s*---\\n)([\\S\\s]*?)(\\n---\\n)");

  private static final Quality QUALITY =
      new Quality(
          10_000,
          new Interval(0.9199, 0.9144, 0.925),
          null,
          0.91888889,
          0.2358668843,
          0.1178183258,
          0.022789,
          new Interval(0.02, 0.01, 0.03),
          null,
          0.95,
          0.1,
          false);

  @TempDir Path folder;

  private static RunConfig config(String more) {
    String text =
        """
        name: birds
        data: {format: idx, folder: /home/somebody/fashion, labelled: 6000}
        teacher: {model: /home/somebody/teacher}
        student: {architecture: student-cnn}
        objective: [{hard-labels: {weight: 0.3}}, {soft-targets: {temperature: 4}}]
        """;
    return RunConfigReader.distillation(
        ConfigDocument.parse("a.yaml", text + more, List.of(), Map.of()));
  }

  private static String card(RunConfig config, @Nullable Quality quality, List<String> classes) {
    ModelSpec spec = ModelSpec.of("student-cnn", List.of(1, 28, 28), classes.size());
    return new ModelCard(
            config,
            Result.STUDENT,
            7,
            54_000,
            "0123abcd",
            new ModelConfig(
                spec, new Normalization(new float[] {0.286f}, new float[] {0.353f}), classes),
            new ModelFigures(0.9199, 105_866L, 423_464, 0.1),
            quality,
            Map.of(),
            new ModelFigures(0.9312, 3_604_682L, 14_418_728, 1.0),
            null)
        .text();
  }

  private static Map<Object, Object> front(String card) {
    Matcher front = FRONT.matcher(card);
    assertThat(front.find()).isTrue();
    return new LinkedHashMap<>(
        (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(front.group(2)));
  }

  @Test
  void frontMatter_saysToTheHubWhatWasMeasuredOnWhat() {
    Map<?, ?> front = front(card(config("license: apache-2.0\n"), QUALITY, List.of("ant", "bee")));
    assertThat(front.keySet())
        .extracting(Object::toString)
        .containsExactly("license", "library_name", "pipeline_tag", "tags", "model-index");
    assertThat(front.get("license")).isEqualTo("apache-2.0");
    assertThat(front.get("pipeline_tag")).isEqualTo("image-classification");
    Map<?, ?> index =
        (Map<?, ?>) ((List<?>) Objects.requireNonNull(front.get("model-index"))).get(0);
    assertThat(index.get("name")).isEqualTo("birds");
    Map<?, ?> result = (Map<?, ?>) ((List<?>) Objects.requireNonNull(index.get("results"))).get(0);
    assertThat(result.get("task")).isEqualTo(Map.of("type", "image-classification"));
    assertThat(result.get("dataset"))
        .isEqualTo(Map.of("type", "idx", "name", "fashion, test part", "revision", "0123abcd"));
    List<?> metrics = (List<?>) Objects.requireNonNull(result.get("metrics"));
    assertThat(metrics.get(0))
        .isEqualTo(
            Map.of(
                "type",
                "accuracy",
                "name",
                "Accuracy",
                "value",
                0.9199,
                "args",
                Map.of("interval-95-percent", List.of(0.9144, 0.925))));
    assertThat(metrics)
        .extracting(
            metric -> ((Map<?, ?>) metric).get("type") + " " + ((Map<?, ?>) metric).get("value"))
        .containsExactly(
            "accuracy 0.9199",
            "f1 0.918889",
            "expected_calibration_error 0.022789",
            "brier_score 0.117818",
            "negative_log_likelihood 0.235867");
  }

  @Test
  void text_saysWhatItIsFedAndWhatItDoesNotKnow_withoutPathsOrRecords() {
    String card = card(config(""), QUALITY, List.of("ant", "bee"));
    assertThat(card)
        .contains("\n# birds\n")
        .contains("A `student-cnn` with 105,866 parameters (423,464 bytes of weights)")
        .contains("a teacher with 3,604,682 parameters, which is right on 93.12 %")
        .contains("Trained on 54,000 samples of the training part of fashion, of which 6,000 had")
        .contains("| accuracy | 91.99 % | 91.44 % to 92.50 % |")
        .contains("| expected calibration error, 15 bins | 0.0228 | |")
        .contains("an array of 1 x 28 x 28: channels (grey)")
        .contains("mean 0.286, standard deviation 0.353.")
        .contains("\n0. ant\n1. bee\n")
        .contains("with seed 7")
        .contains("Prediction prediction = student.predict(Path.of(\"picture.png\"));\n")
        .doesNotContain("/home", "somebody", "Normalization", "mean=", "null");
  }

  @Test
  void licence_isNeverInvented() {
    String card = card(config(""), QUALITY, List.of("ant", "bee"));
    assertThat(front(card)).doesNotContainKey("license");
    assertThat(card).contains("- No licence was given, neither here nor for the data;");
    assertThat(card(config("license: other\n"), QUALITY, List.of("ant", "bee")))
        .doesNotContain("No licence");
    assertThatThrownBy(() -> config("license: My Own License\n"))
        .isInstanceOf(RanbikiException.class)
        .hasMessageEndingWith(
            "'license' must be the identifier of a licence, such as apache-2.0, or 'other', but is"
                + " 'My Own License'.");
  }

  @Test
  void namesOfOthers_areShownAsTheyAre() {
    String card =
        card(
            config(""),
            null,
            List.of(
                "<script>alert(1)</script>",
                "a|b\n---\n# c",
                "[x](http://y)",
                "*z*",
                "# h",
                "1. i"));
    assertThat(card)
        .contains(
            "0. \\<script\\>alert\\(1\\)\\</script\\>\n1. a\\|b --- # c\n"
                + "2. \\[x\\]\\(http://y\\)\n3. \\*z\\*\n4. \\# h\n5. 1\\. i\n")
        .contains("No test sample had a label.");
    assertThat(front(card)).doesNotContainKey("model-index");
  }

  @Test
  void aRunOfRows_writesACardForEveryModelItKeeps() throws IOException {
    Path rows = TinyRuns.rows(folder.resolve("rows"));
    RunConfig config =
        TinyRuns.distillation(
            rows,
            "seed: 3\nstrategy: {born-again: {generations: 2}}\n",
            "train.epochs=1",
            "compare.decisions=false",
            "latency=false");
    RunFolder run = RunFolder.create(folder.resolve("runs/born"));
    Result result = new Experiment(config, run, List.of(), RunListener.NONE, () -> false).run();
    Quality student = Objects.requireNonNull(result.evidence()).models().get(Result.STUDENT);
    String card = Files.readString(run.model().resolve("README.md"));
    Map<?, ?> index =
        (Map<?, ?>) ((List<?>) Objects.requireNonNull(front(card).get("model-index"))).get(0);
    assertThat(index.toString())
        .contains("value=" + Math.round(student.accuracy().value() * 1e6) / 1e6)
        .contains("value=" + Math.round(student.expectedCalibrationError() * 1e6) / 1e6);
    assertThat(card)
        .contains("Trained on 80 samples")
        .contains("A row of 4 numbers, in the order of the columns of the training file.")
        .contains("student.predict(new float[] {/* 4 */})");
    assertThat(front(card).get("pipeline_tag")).isEqualTo("tabular-classification");
    Path ancestor = run.stage("generation-1", 3);
    assertThat(ancestor.resolve(ModelFolder.CONFIG)).exists();
    assertThat(Files.readString(ancestor.resolve("README.md")))
        .contains("\n# tiny: generation-1\n")
        .contains("| accuracy | ");
  }
}
