package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.artifact.OnnxExport.WeightType;
import io.ranbiki.artifact.OnnxFile;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.evaluate.Limit;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.report.Report;
import io.ranbiki.result.Judgement;
import io.ranbiki.result.MethodComparison;
import io.ranbiki.result.Result;
import io.ranbiki.result.Scores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Regression and labels that do not exclude each other, from a CSV file to the result. */
class TabularTasksTest {

  @TempDir Path folder;

  /**
   * Two features with noise, and a price, or whether that is dear and whether the product of both
   * is above 0.
   */
  private Path rows(boolean price) throws IOException {
    Random random = new Random(3);
    Path rows = Files.createDirectories(folder.resolve("rows"));
    for (String part : List.of("train", "test")) {
      StringBuilder text = new StringBuilder(price ? "code,a,b,price\n" : "code,a,b,dear,odd\n");
      for (int i = 0; i < 300; i++) {
        double a = random.nextGaussian();
        double b = random.nextGaussian();
        double worth = 3 + 2 * a - b + 0.3 * random.nextGaussian();
        text.append(String.format(Locale.ROOT, "%s%d,%.4f,%.4f,", part, i, a, b));
        text.append(
            price
                ? String.format(Locale.ROOT, "%.4f%n", worth)
                : (worth > 3 ? 1 : 0) + "," + (i % 10 == 0 ? "" : a * b > 0 ? "1" : "0") + "\n");
      }
      Files.writeString(rows.resolve(part + ".csv"), text);
    }
    return rows;
  }

  private static final String TRAINING =
      """
      name: teacher
      latency: false
      data: {format: csv, folder: "%s", key: code, %s}
      model: {architecture: mlp, hidden: 16, layers: 1}
      train: {epochs: 12, batch: 16, threads: 1, optimizer: {adam: {learning-rate: 0.02}}}
      """;

  private static final String DISTILLATION =
      """
      name: tiny
      seed: [1, 2]
      latency: false
      doctor: %s
      teacher: {model: "%s"}
      data: {format: csv, folder: "%s", key: code, %s}
      student: {architecture: mlp, hidden: 4, layers: 1}
      objective: [%s]
      train: {epochs: 6, batch: 16, threads: 1, optimizer: {adam: {learning-rate: 0.02}}}
      """;

  private static RunConfig training(String text, String... overrides) {
    return RunConfigReader.training(
        ConfigDocument.parse("t.yaml", text, List.of(overrides), Map.of()));
  }

  private Result run(RunConfig config) {
    RunFolder run = RunFolder.create(folder.resolve("runs/" + config.name()));
    Result result =
        new Experiment(config, run, List.of("test"), RunListener.NONE, () -> false).run();
    assertThat(ResultJson.read(run.result())).isEqualTo(result);
    assertThat(FinishedRuns.read(run.path()).result()).isEqualTo(result);
    return result;
  }

  private Result distilled(Path rows, String data, String objective) {
    run(training(TRAINING.formatted(rows, data)));
    Path teacher = folder.resolve("runs/teacher/model");
    String text = DISTILLATION.formatted(true, teacher, rows, data, objective);
    return run(
        RunConfigReader.distillation(ConfigDocument.parse("d.yaml", text, List.of(), Map.of())));
  }

  private static double mean(Scores scores, String role, String metric) {
    return scores.models().get(role).get(metric).mean();
  }

  @Test
  void numbers_areLearnedAndJudgedByTheirErrors() throws IOException {
    Result result =
        distilled(
            rows(true),
            "label: price, task: numbers",
            "{label-regression: {weight: 0.5}}, {output-regression: {weight: 0.5}}");
    Scores scores = Objects.requireNonNull(result.scores());
    assertThat(scores.task()).isEqualTo("numbers");
    assertThat(scores.decides()).isEqualTo("rmse");
    assertThat(scores.largerIsBetter()).isFalse();
    assertThat(scores.models().keySet())
        .as("no arm of decisions")
        .containsExactly(Result.TEACHER, Result.SCRATCH, Result.STUDENT);
    assertThat(mean(scores, Result.TEACHER, "rmse")).as("noise 0.3").isBetween(0.25, 0.6);
    assertThat(mean(scores, Result.STUDENT, "rmse")).as("spread 2.2").isLessThan(1.2);
    assertThat(mean(scores, Result.STUDENT, "mae"))
        .isLessThan(mean(scores, Result.STUDENT, "rmse"));
    assertThat(scores.gains()).hasSize(1);
    assertThat(result.verdict()).contains("rmse").contains("labels alone");
    assertThat(result.models().get(Result.STUDENT).accuracy()).isNull();
    assertThat(result.history().get(0).validationScore()).isPositive();
    assertThat(result.history().get(0).validationAccuracy()).isNull();
    leaves("rmse", "price", "predicts 1 number.", "tabular-regression");
  }

  /** The student goes to another place with its task. */
  private void leaves(String metric, String name, String does, String hub) throws IOException {
    Path run = folder.resolve("runs/tiny");
    MethodComparison comparison = RunComparison.of(List.of(run), null);
    assertThat(comparison.metric()).isEqualTo(metric);
    assertThat(comparison.methods().get(0).score())
        .isEqualTo(
            Objects.requireNonNull(FinishedRuns.read(run).result().scores())
                .models()
                .get(Result.STUDENT)
                .get(metric));
    assertThatThrownBy(() -> RunComparison.of(List.of(run), 0.01))
        .hasMessageStartingWith("--margin judges right answers of classes, but the task of run");
    assertThat(RunComparison.judge(run, Map.of(Limit.BYTES, 1e6)).overall())
        .isEqualTo(Judgement.MET);
    assertThatThrownBy(() -> RunComparison.judge(run, Map.of(Limit.AGREEMENT, 0.5)))
        .hasMessageStartingWith(
            "The limit 'agreement' is for classes, but the task of the data is");
    assertThat(Report.of(FinishedRuns.read(run)).html())
        .contains("The models", metric + " of every model", metric + " on samples held out")
        .doesNotContain("Right answers", "right answers");
    assertThat(Report.of(List.of(FinishedRuns.read(run)), comparison).html())
        .contains("has the best " + metric)
        .doesNotContain("Right answers");
    assertThat(Files.readString(run.resolve("model/README.md")))
        .contains(does, "| " + metric + " |", "0. " + name, "pipeline_tag: " + hub)
        .doesNotContain("classes", "No test sample had a label");
    StudentFolder student = StudentFolder.find(run, Optional.of(1L));
    Path file = folder.resolve("student.onnx");
    try (RunData data = RunData.open(student.config().orElseThrow())) {
      Export.Request whole = new Export.Request(WeightType.FLOAT32, false, false, false);
      Export.Checked checked = new Export(student, whole, file).checked(data, note -> {});
      assertThat(checked.metric().name()).isEqualTo(metric);
      assertThat(checked.forms().get(0).score())
          .isCloseTo(checked.forms().get(1).score(), within(1e-5));
      Export.Request half = new Export.Request(WeightType.FLOAT16, false, false, false);
      new Export(student, half, folder.resolve("half.onnx")).checked(data, note -> {});
      assertThat(OnnxFile.read(file).task()).contains(data.task().word());
    }
  }

  @Test
  void labels_areLearnedEachByItself_andJudgedByTheirCurves() throws IOException {
    Result result =
        distilled(
            rows(false),
            "label: [dear, odd]",
            "{binary-labels: {weight: 0.5}}, {binary-targets: {weight: 0.5, temperature: 2}}");
    Scores scores = Objects.requireNonNull(result.scores());
    assertThat(scores.task()).isEqualTo("labels");
    assertThat(scores.decides()).isEqualTo("auc");
    assertThat(scores.models().get(Result.STUDENT).keySet())
        .containsExactly("auc", "accuracy", "macro-f1", "agreement");
    assertThat(mean(scores, Result.TEACHER, "auc")).isGreaterThan(0.85);
    assertThat(mean(scores, Result.STUDENT, "auc")).isGreaterThan(0.6);
    assertThat(result.verdict()).contains("auc");
    leaves("auc", "dear", "says of 2 labels which hold", "tabular-classification");
  }

  @Test
  void metricOfClasses_isShownBesideAccuracy_andDecidesIfAsked() throws IOException {
    Path rows = rows(false);
    for (String part : List.of("train.csv", "test.csv")) {
      Path file = rows.resolve(part);
      Files.writeString(file, Files.readString(file).replace(",\n", ",0\n")); // a feature here
    }
    Result result = run(training(TRAINING.formatted(rows, "label: dear"), "train.metric=auc"));
    Scores scores = Objects.requireNonNull(result.scores());
    assertThat(scores.decides()).isEqualTo("auc");
    assertThat(scores.models().get(Result.STUDENT).keySet())
        .containsExactly("auc", "accuracy", "macro-f1");
    assertThat(result.history().get(0).validationScore()).isBetween(0.5, 1.0);
    assertThat(result.models().get(Result.STUDENT).accuracy()).isGreaterThan(0.8);
  }

  private void refused(String data, String more, String message) throws IOException {
    RunConfig config = training(TRAINING.formatted(rows(data.contains("price")), data) + more);
    RunFolder run = RunFolder.create(folder.resolve("runs/refused"));
    assertThatThrownBy(
            () -> new Experiment(config, run, List.of(), RunListener.NONE, () -> false).run())
        .isInstanceOf(RanbikiException.class)
        .hasMessage(message);
    assertThat(run.checkpoints()).doesNotExist();
  }

  /** The same data with the price in other units: everything that is learned has that unit, too. */
  @Test
  void unitOfNumbers_changesNothingButTheUnit() throws IOException {
    Map<Integer, Double> errors = new TreeMap<>();
    for (int unit : List.of(1, 100_000)) {
      Path rows = rows(true);
      for (String part : List.of("train.csv", "test.csv")) {
        List<String> lines = Files.readAllLines(rows.resolve(part));
        lines.replaceAll(
            line -> {
              int price = line.lastIndexOf(',') + 1;
              return line.startsWith("code")
                  ? line
                  : line.substring(0, price) + unit * Double.parseDouble(line.substring(price));
            });
        Files.write(rows.resolve(part), lines);
      }
      Result result =
          run(
              training(
                  TRAINING.formatted(rows, "label: price, task: numbers"),
                  "name=unit-" + unit,
                  "train.optimizer={sgd: {learning-rate: 0.05}}"));
      Scores scores = Objects.requireNonNull(result.scores());
      errors.put(unit, mean(scores, Result.STUDENT, "rmse") / unit);
      assertThat(result.history().get(0).terms().get("label-regression"))
          .as("in squared standard deviations")
          .isLessThan(1);
    }
    assertThat(errors.get(1)).as("noise 0.3, spread 2.2").isBetween(0.25, 0.8);
    assertThat(errors.get(100_000)).isCloseTo(errors.get(1), within(0.02));
    ModelSpec kept = ModelFolder.readConfig(folder.resolve("runs/unit-100000/model")).spec();
    // The mean and the deviation of what was drawn: 3, and the root of 4 + 1 + 0.09.
    assertThat(kept.unit().mean()[0] / 1e5).isCloseTo(3, within(0.3));
    assertThat(kept.unit().std()[0] / 1e5).isCloseTo(Math.sqrt(5.09), within(0.2));
    Path file = folder.resolve("unit.onnx");
    StudentFolder student =
        StudentFolder.find(folder.resolve("runs/unit-100000"), Optional.empty());
    try (RunData data = RunData.open(student.config().orElseThrow())) {
      Export.Request whole = new Export.Request(WeightType.FLOAT32, false, false, false);
      Export.Checked checked = new Export(student, whole, file).checked(data, note -> {});
      assertThat(checked.forms().get(1).score())
          .as("an engine that knows nothing of units answers in them")
          .isCloseTo(1e5 * errors.get(100_000), within(1.0));
      Export.Request bytes = new Export.Request(WeightType.INT8, false, false, false);
      assertThat(new Export(student, bytes, file).checked(data, note -> {}).forms().get(2).score())
          .isLessThan(1.05e5 * errors.get(100_000));
    }
  }

  @Test
  void termOfAnotherTask_isRefusedBeforeTraining() throws IOException {
    refused(
        "label: price, task: numbers",
        "objective: [hard-labels]\n",
        "The term hard-labels is for classes of which one is right, but the task of the data is"
            + " numbers. Take label-regression instead.");
    refused(
        "label: [dear, odd]",
        "objective: [{label-regression: {weight: 1}}]\n",
        "The term label-regression is for numbers, but the task of the data is labels. Take"
            + " binary-labels instead.");
  }

  @Test
  void metricOfAnotherTask_isRefusedBeforeTraining() throws IOException {
    RunConfig config =
        training(
            TRAINING.formatted(rows(true), "label: price, task: numbers"), "train.metric=accuracy");
    RunFolder run = RunFolder.create(folder.resolve("runs/refused"));
    assertThatThrownBy(
            () -> new Experiment(config, run, List.of(), RunListener.NONE, () -> false).run())
        .hasMessage(
            "The metric 'accuracy' is unknown to the task numbers. Choose one of rmse, mae.");
  }
}
