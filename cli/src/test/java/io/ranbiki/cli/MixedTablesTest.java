package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Row;
import io.ranbiki.prepare.Values;
import io.ranbiki.serve.Prediction;
import io.ranbiki.serve.Student;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A student of a table of numbers and categories, asked by a service with the raw rows. */
class MixedTablesTest {

  private static final List<String> NAMES = List.of("age", "work");
  private static final int ROWS = 256;

  @TempDir Path folder;

  private static String[] row(Random random) {
    String age =
        random.nextInt(9) == 0 ? "" : String.format(Locale.ROOT, "%.2f", 90 * random.nextDouble());
    return new String[] {age, List.of("", "a", "b b", "c,d").get(random.nextInt(4))};
  }

  @Test
  void service_preparesRowsToTheBit_andAnswersAsTheStudent() throws IOException {
    StringBuilder text = new StringBuilder("age,work,rich\n");
    Random random = new Random(1);
    for (int i = 0; i < ROWS; i++) {
      String[] row = row(random);
      text.append(String.format("%s,\"%s\",%s%n", row[0], row[1], i % 3 == 0 ? "no" : "yes"));
    }
    Path rows = Files.writeString(folder.resolve("train.csv"), text);
    Path yaml =
        Files.writeString(
            folder.resolve("m.yaml"),
            """
            name: m
            latency: false
            data: {format: csv, train: "%1$s", test: "%1$s", label: rich, numbers: age, categories: work}
            model: {architecture: mlp, hidden: 8, layers: 1}
            train: {epochs: 1, batch: 32, threads: 1}
            """
                .formatted(rows));
    Path run = folder.resolve("runs/m");
    Typed trained = Typed.run("train", yaml.toString(), "--run-dir", run.toString(), "-q");
    assertThat(trained.exitCode()).as(trained.err()).isZero();
    Path onnx = folder.resolve("m.onnx");
    Typed exported =
        Typed.run("export", run.toString(), "--to", "onnx", "--output", onnx.toString());
    assertThat(exported.exitCode()).as(exported.err()).isZero();

    Prepare prepare =
        Objects.requireNonNull(ModelFolder.readConfig(run.resolve("model")).prepare());
    try (Student student = Student.load(onnx);
        Predictor core = Predictor.open(run)) {
      Random others = new Random(2);
      for (int i = 0; i < ROWS; i++) {
        String[] row = row(others);
        Map<String, String> cells = Map.of("age", row[0], "work", row[1], "other", "x");
        float[] input = student.preparation().apply(cells);
        Row prepared = prepare.apply(Row.of("columns", new Values.Cells(NAMES, row)));
        assertThat(input).isEqualTo(((Values.Floats) prepared.get("features")).data());
        Prediction prediction = student.predict(cells);
        Prediction expected = core.answer().apply(input);
        assertThat(prediction.name()).isEqualTo(expected.name());
        assertThat(prediction.probability()).isCloseTo(expected.probability(), within(1e-5));
      }
    }

    Path asked = Files.writeString(folder.resolve("asked.csv"), "work,age\na,30\nb b,old\nc,\n");
    Typed predicted = Typed.run("predict", onnx.toString(), asked.toString());
    assertThat(predicted.exitCode()).isEqualTo(3);
    assertThat(predicted.err())
        .contains(
            "Column 'age' has 'old', but must have a finite number, or nothing where it is not"
                + " known. Correct it, or name the column under data.categories.");
    assertThat(predicted.out().lines().map(line -> line.replaceAll(": .*", "")))
        .containsExactly("row 1 of " + asked, "row 3 of " + asked);

    Typed typed =
        Typed.run(
            "predict",
            onnx.toString(),
            "--row",
            "age=30,work=a",
            "--row",
            "\"work=c,d\", age=,other=1",
            "--row",
            "age=4,work=new");
    assertThat(typed.exitCode()).as(typed.err()).isZero();
    assertThat(typed.out().lines().findFirst().map(line -> line.replaceAll(".*: ", "")))
        .isEqualTo(predicted.out().lines().findFirst().map(line -> line.replaceAll(".*: ", "")));
    assertThat(typed.out().lines()).hasSize(3);
    assertThat(typed.err())
        .isEqualToIgnoringNewLines(
            "note: Of 3 rows, 1 has a category that no training row has (work), which counts as"
                + " none; 1 has an empty cell (age).");
    assertThat(Typed.run("predict", run.toString(), asked.toString(), "--key", "age").out())
        .startsWith("30: ");
    refused(
        "age=30", "The row has no column 'work', which the network takes; it has age. Give it,");
    refused("30,a", "The row has '30', but a cell is the name of its column, =, and its value.");
    refused("age=1,age=2", "The row names 'age' twice. Name every column once.");
    refused("age=1,\"work=a", "--row is not a CSV file: ");
  }

  private void refused(String row, String message) {
    Typed typed = Typed.run("predict", folder.resolve("m.onnx").toString(), "--row", row);
    assertThat(typed.exitCode()).isEqualTo(3);
    assertThat(typed.err()).startsWith("error: " + message);
    assertThat(typed.out()).isEmpty();
  }
}
