package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows of one number, and a network that says whether it is above its mean. */
class CompareCommandTest {

  private static final ModelSpec ABOVE =
      ModelSpec.of("mlp", List.of(1), 2, Map.of("hidden", 2, "layers", 1));
  private static final Normalization OWN =
      new Normalization(new float[] {0.5f}, new float[] {0.25f});

  @TempDir Path folder;

  @BeforeEach
  void rows() throws IOException {
    Files.writeString(folder.resolve("train.csv"), "0.1,café\n0.9,hiver\n");
    Files.writeString(folder.resolve("test.csv"), "0.1,café\n0.2,café\n0.8,hiver\n0.9,hiver\n");
    config("normalized", ", normalize: {mean: 0.5, std: 0.25}");
    config("plain", "");
  }

  private void config(String name, String normalize) throws IOException {
    Files.writeString(
        folder.resolve(name + ".yaml"),
        """
        name: rows
        data: {format: csv, folder: "%s"%s}
        model: {architecture: mlp, hidden: 2}
        train: {threads: 1}
        """
            .formatted(folder, normalize));
  }

  private String model(String name, @Nullable Normalization normalization, String... classes) {
    try (TensorScope scope = TensorScope.open("test");
        Model model = Model.create(ABOVE, 1)) {
      Map<String, Tensor> state = model.module().state();
      state.get("layers.0.weight").copyFrom(Tensors.ones(2, 1));
      state.get("layers.0.bias").copyFrom(Tensors.zeros(2));
      state.get("layers.2.weight").copyFrom(Tensors.of(new float[] {0, 0, 1, 0}, 2, 2));
      state.get("layers.2.bias").copyFrom(Tensors.of(new float[] {0, -0.001f}, 2));
      ModelConfig config = new ModelConfig(ABOVE, normalization, List.of(classes));
      ModelFolder.write(folder.resolve(name), model, config, "a model for tests");
    }
    return folder.resolve(name).toString();
  }

  private Typed evaluate(String config, String... models) {
    String[] words = new String[models.length + 3];
    words[0] = "evaluate";
    System.arraycopy(models, 0, words, 1, models.length);
    words[models.length + 1] = "--data";
    words[models.length + 2] = folder.resolve(config + ".yaml").toString();
    return Typed.run(words);
  }

  private static void refused(Typed typed, String message) {
    assertThat(typed.err()).isEqualTo("error: " + message + System.lineSeparator());
    assertThat(typed.exitCode()).isEqualTo(3);
    assertThat(typed.out()).isEmpty();
  }

  @Test
  void aModelGetsItsOwnNormalization_andItIsSaidWhereTheConfigurationDiffers() {
    String model = model("own", OWN, "café", "hiver");

    Typed same = evaluate("normalized", model);
    assertThat(same.err()).isEmpty();
    assertThat(same.out()).contains(" 100.00 %");

    Typed other = evaluate("plain", model);
    assertThat(other.exitCode()).isZero();
    assertThat(other.out()).contains(" 100.00 %");
    assertThat(other.err())
        .isEqualTo(
            "note: The model "
                + model
                + " was trained on inputs normalised with mean [0.5] and std [0.25] and gets them"
                + " so; the configuration says as they are in the data."
                + System.lineSeparator());
  }

  /** The figures, which stand below the long names of temporary folders. */
  private static Stream<String> rows(Typed typed) {
    return typed.out().lines().filter(line -> line.startsWith("  ")).skip(1);
  }

  @Test
  void eachOfSeveralModels_getsItsOwnNormalization() {
    // Without normalisation every number is above 0.
    Typed both =
        evaluate("plain", model("own", OWN), model("none", Normalization.none(), "café", "hiver"));
    assertThat(rows(both))
        .satisfiesExactly(
            own -> assertThat(own).contains(" 100.00 %").contains("1.0x"),
            none -> assertThat(none).contains(" 50.00 %"));
    assertThat(both.err().lines()).hasSize(1);
  }

  @Test
  void figures_areHeldAgainstTheFirstModel() {
    String right = model("right", OWN);
    String half = model("half", Normalization.none());
    // accuracy, agreement, retention, parameters: the second model is always right on one half
    assertThat(rows(evaluate("normalized", right, half)))
        .satisfiesExactly(
            row -> assertThat(row).matches(".* 100.00 % +100.00 % +100.0 % +10 .*"),
            row -> assertThat(row).matches(".* 50.00 % +50.00 % +50.0 % +10 .*"));
    assertThat(rows(evaluate("normalized", half, right)))
        .satisfiesExactly(
            row -> assertThat(row).matches(".* 50.00 % +100.00 % +100.0 % +10 .*"),
            row -> assertThat(row).matches(".* 100.00 % +50.00 % +200.0 % +10 .*"));
  }

  @Test
  void aModelThatDoesNotSayItsNormalization_getsThatOfTheConfiguration() {
    String model = model("unknown", null);
    assertThat(evaluate("normalized", model).out()).contains(" 100.00 %");
    assertThat(evaluate("plain", model).out()).contains(" 50.00 %");
    assertThat(evaluate("plain", model).err()).isEmpty();
    assertThat(Typed.run("inspect", model).out()).contains("[1], normalization unknown");
  }

  @Test
  void classNamesAreComparedAsTheyAreReadByPeople() {
    // A Mac writes the accents as characters of their own (NFD).
    String decomposed = model("decomposed", OWN, "cafe\u0301", "hiver");
    assertThat(evaluate("normalized", decomposed).out()).contains(" 100.00 %");
  }

  @Test
  void otherClasses_areRefusedByName() {
    String other = model("other", OWN, "summer", "hiver");
    refused(
        evaluate("normalized", other),
        "The model "
            + other
            + " knows 'summer', which the data does not have, and does not know 'café' of the data;"
            + " both must have the same classes in the same order.");
    String turned = model("turned", OWN, "hiver", "café");
    refused(
        evaluate("normalized", turned),
        "The model "
            + turned
            + " has the data's classes in another order: class 0 is 'hiver' there, but 'café' in the"
            + " data; both must have the same classes in the same order.");
  }

  @Test
  void whatIsNotKnown_isShownAsNotKnown() throws IOException {
    // A first model that is never right has no accuracy that another could retain.
    Files.writeString(folder.resolve("test.csv"), "0.1,hiver\n0.2,hiver\n");
    Typed never = evaluate("normalized", model("own", OWN), model("none", Normalization.none()));
    assertThat(never.exitCode()).isZero();
    assertThat(never.out()).doesNotContain("NaN").doesNotContain("Infinity");
    assertThat(rows(never)).allMatch(line -> line.contains(" - "));
  }

  @Test
  void figures_areRoundedToWhatTheySay() {
    assertThat(Shown.percent(Double.NaN, 2)).isEqualTo("-");
    assertThat(Shown.percent(null, 2)).isEqualTo("-");
    assertThat(Shown.percent(0.12345, 1)).isEqualTo("12.3 %");
    assertThat(Shown.times(Double.NaN)).isEqualTo("-");
    assertThat(Shown.times(Double.POSITIVE_INFINITY)).isEqualTo("-");
    assertThat(Shown.times(63.04)).isEqualTo("63.0x");
    assertThat(Shown.times(1.0)).isEqualTo("1.0x");
    assertThat(Shown.times(0.5)).isEqualTo("0.50x");
    assertThat(Shown.times(0.0312)).isEqualTo("0.031x");
    assertThat(Shown.count(null)).isEqualTo("-");
    assertThat(Shown.count(1_682_954L)).isEqualTo("1,682,954");
    assertThat(Shown.milliseconds(null)).isEqualTo("-");
    assertThat(Shown.milliseconds(1.006)).isEqualTo("1.01");
    assertThat(Shown.milliseconds(0.0031)).isEqualTo("0.0031");
    assertThat(Shown.bytes(40)).isEqualTo("40 B");
    assertThat(Shown.bytes(107_000)).isEqualTo("107 kB");
    assertThat(Shown.bytes(6_700_000)).isEqualTo("6.7 MB");
  }

  @Test
  void tables_areWrittenAsTextCsvMarkdownAndJson() {
    String own = model("own", OWN, "café", "hiver");
    String plain = model("none", Normalization.none(), "café", "hiver");
    String config = folder.resolve("plain.yaml").toString();

    assertThat(Typed.run("compare", own, plain, "--data", config, "--csv").out().lines())
        .satisfiesExactly(
            head -> assertThat(head).startsWith("model,accuracy,agreement,retention,"),
            first -> assertThat(first).startsWith(own + ",100.00 %,100.00 %,100.0 %,"),
            second -> assertThat(second).startsWith(plain + ",50.00 %,50.00 %,50.0 %,"));
    assertThat(Typed.run("compare", own, plain, "--data", config, "--markdown").out().lines())
        .satisfiesExactly(
            head -> assertThat(head).startsWith("| model | accuracy | agreement |"),
            rule -> assertThat(rule).startsWith("|---|---|"),
            first -> assertThat(first).startsWith("| " + own + " | 100.00 % |"),
            second -> assertThat(second).startsWith("| " + plain + " | 50.00 % |"));
    assertThat(
            Typed.run("compare", own, plain, "--data", config, "--json", "--margin", "1.5").out())
        .contains("\"accuracy\" : 0.5", "\"judgement\" : \"open\"");
    assertThat(Typed.run("compare", own, plain, "--data", config, "--margin", "1.5").out())
        .contains(plain + ": Cannot be shown with these data: -50.00 points against " + own);
  }

  @Test
  void withoutData_onlyRunsThatKeepAnswersCanBeCompared() {
    String own = model("own", OWN, "café", "hiver");
    refused(
        Typed.run("compare", own),
        own
            + " is no run folder that keeps answers; name a configuration with --data to measure"
            + " models, such as the config.yaml of a run.");
    refused(
        Typed.run("compare", own, "--margin", "-1"),
        "--margin is -1.0, but must be 0 to 100 points; try 1.5.");
  }
}
