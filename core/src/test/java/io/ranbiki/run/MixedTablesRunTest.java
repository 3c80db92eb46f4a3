package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.prepare.Columns;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.result.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables of numbers and categories, from two files to a model that knows its columns. */
class MixedTablesRunTest {

  private static final String YAML =
      """
      name: mixed
      latency: false
      data:
        format: csv
        train: "%1$s/train.csv"
        test: "%1$s/test.csv"
        label: kind
        numbers: [size]
        categories: [colour]
        ignore: remark
      model: {architecture: mlp, hidden: 8, layers: 1}
      train: {epochs: 12, batch: 16, threads: 1, optimizer: {adam: {learning-rate: 0.02}}}
      """;

  @TempDir Path folder;

  /** Red things are fruit unless they are large; a size or colour in ten is not known. */
  @BeforeEach
  void writeTables() throws IOException {
    StringBuilder train = new StringBuilder("remark,size,colour,kind\n");
    StringBuilder test = new StringBuilder("colour,kind,remark,size\n"); // in another order
    for (int i = 0; i < 240; i++) {
      int size = 100 + 900 * (i % 7);
      String colour = List.of("red", "green", "blue").get(i % 3);
      String kind = colour.equals("red") && size < 3000 ? "fruit" : "thing";
      String known = i % 10 == 0 ? "" : Integer.toString(size);
      String seen = i % 10 == 5 ? "" : colour;
      train.append(String.join(",", "r" + i, known, seen, kind)).append("\n");
      test.append(String.join(",", i == 3 ? "mauve" : seen, kind, "", known)).append("\n");
    }
    Files.writeString(folder.resolve("train.csv"), train);
    Files.writeString(folder.resolve("test.csv"), test);
  }

  private RunConfig config(String... overrides) {
    return RunConfigReader.training(
        ConfigDocument.parse("m.yaml", YAML.formatted(folder), List.of(overrides), Map.of()));
  }

  private Result run(RunConfig config) {
    RunFolder run = RunFolder.create(folder.resolve("runs/" + config.name()));
    return new Experiment(config, run, List.of("test"), RunListener.NONE, () -> false).run();
  }

  @Test
  void columns_areFittedOnTrainingRows_andStayWithTheModel() {
    Result result = run(config());
    assertThat(result.models().get(Result.STUDENT).accuracy()).isGreaterThan(0.85);
    Prepare prepare =
        Objects.requireNonNull(
            ModelFolder.readConfig(folder.resolve("runs/mixed/model")).prepare());
    try (RunData data = RunData.open(config())) {
      assertThat(prepare).isEqualTo(data.prepare());
      assertThat(data.shape()).containsExactly(6);
    }
    Columns columns = prepare.columns().orElseThrow();
    assertThat(columns.list().get(1))
        .isEqualTo(new Columns.Category("colour", List.of("blue", "green", "red"), true));
    assertThat(((Columns.Number) columns.list().get(0)).mean()).isBetween(2500f, 3000f);
  }

  @Test
  void rowsOfTheTestThatSayLess_areCountedOnce() {
    try (RunData data = RunData.open(config())) {
      assertThat(data.notes(List.of(1L)))
          .containsExactly(
              "Of 240 rows of the test, 1 has a category that no training row has (colour), which"
                  + " counts as none; 48 have an empty cell (colour, size).");
      assertThat(data.readingNotes()).isEmpty();
    }
  }

  private void refused(RunConfig config, String message) {
    assertThatThrownBy(() -> run(config))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(message.replace("DIR", folder.toString()));
    assertThat(folder.resolve("runs/mixed/checkpoints")).doesNotExist();
  }

  @Test
  void columnsWithoutMeaning_areRefusedByName() {
    refused(
        config("data.ignore=[]"),
        "DIR/train.csv has columns that nobody names: [remark]. Say what they are (data.numbers,"
            + " data.categories), or leave them out (data.ignore).");
    refused(
        config("data.numbers=[size, weight]"),
        "DIR/train.csv has no number column 'weight'; it must be one of [remark, size, colour,"
            + " kind], or 0 to 3 or -1 for the last. Name another.");
    refused(
        config("data.numbers=[size, kind]"),
        "The column 'kind' of DIR/train.csv is named twice among label, key, numbers, categories"
            + " and ignore, but must have one meaning. Name it once.");
    refused(
        config("data.numbers=colour", "data.categories=size"),
        "Line 2 of DIR/train.csv has 'red' in column colour, but a feature must be a finite number."
            + " Repair or remove the line.");
    refused(
        config("data.normalize={mean: 0, std: 1}"),
        "The columns of numbers are normalized by the mean and standard deviation of the training"
            + " rows, but 'normalize' says others. Leave it out, or say normalize: auto.");
  }

  @Test
  void decimalComma_andColumnOfOneValue_areRefused() throws IOException {
    Path train = folder.resolve("train.csv");
    String rows = Files.readString(train);
    Files.writeString(train, rows.replaceFirst("r1,1000,", "r1,\"1000,5\","));
    refused(
        config(),
        "Line 3 of DIR/train.csv has '1000,5' in column size, but a feature must be a finite"
            + " number. Write decimal numbers with a point.");
    Files.writeString(train, rows.replaceAll("(?m)^(r\\d+),\\d*,", "$1,7,"));
    refused(
        config(),
        "Column 'size' has the one value '7.0' in the training rows, so nothing can be learned from"
            + " it. Leave it out (data.ignore).");
  }

  @Test
  void keysThatDoNotGoTogether_areMistakes() {
    assertThatThrownBy(() -> config("data.folder=x"))
        .hasMessageContaining("Unknown key 'folder' in 'data'");
    assertThatThrownBy(() -> config("data.text=remark"))
        .hasMessageContaining(
            "names a 'text', which is all that a sample has, and columns of 'numbers' or"
                + " 'categories'; leave one of them out.");
    assertThat(config("data.normalize=auto").data().normalization().mean()).isEmpty();
  }
}
