package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.data.Task;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Step;
import io.ranbiki.prepare.Tokenizer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProbeCommandTest {

  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void configuration() throws IOException {
    model("teacher", ModelSpec.of("teacher-cnn", List.of(1, 28, 28), 10));
    Files.writeString(
        folder.resolve("run.yaml"),
        """
        name: probed
        data: {format: digits, size: 64}
        teacher: {model: "%s"}
        student: {architecture: student-cnn}
        objective: [soft-targets]
        train: {threads: 1}
        """
            .formatted(folder.resolve("teacher")));
  }

  private void model(String name, ModelSpec spec) {
    model(name, Model.create(spec, 1));
  }

  private void model(String name, Model model) {
    try (model) {
      List<String> classes =
          IntStream.range(0, model.spec().classes()).mapToObj(Integer::toString).toList();
      ModelConfig config = new ModelConfig(model.spec(), Normalization.none(), classes);
      ModelFolder.write(folder.resolve(name), model, config, "a model for tests");
    }
  }

  private int probe(String... options) {
    String[] arguments = new String[2 + options.length];
    arguments[0] = "probe";
    arguments[1] = folder.resolve("run.yaml").toString();
    System.arraycopy(options, 0, arguments, 2, options.length);
    return Main.execute(
        Main.commandLine(), new PrintWriter(out, true), new PrintWriter(err, true), arguments);
  }

  @Test
  void layersAndTemperatures_areShown_andTheProposalCanBePasted() throws IOException {
    assertThat(probe("--batch", "16", "--batches", "2")).isZero();
    assertThat(err.toString()).isEmpty();
    assertThat(out.toString())
        .startsWith(
            "teacher teacher-cnn, student student-cnn at its initial weights, on 32 training"
                + " samples")
        .containsPattern("features\\.1 +16 x 28 x 28 +features\\.\\d \\d\\.\\d\\d")
        .containsPattern("\n +20 +\\d\\.\\d{3} +\\d+\\.\\d %")
        .contains("errors on 2,000 test samples")
        .contains("the teacher hardly tells the classes apart even at temperature 1");
    String text = out.toString();
    String proposal =
        text.substring(text.indexOf("  - hint:"), text.indexOf("the teacher's answers"));
    Path config = folder.resolve("run.yaml");
    Files.writeString(
        config,
        Files.readString(config)
            .replace("objective: [soft-targets]", "objective:\n  - soft-targets\n" + proposal));
    assertThat(
            Main.execute(
                Main.commandLine(),
                new PrintWriter(out, true),
                new PrintWriter(err, true),
                "distill",
                config.toString(),
                "train.epochs=1",
                "compare.scratch=false",
                "doctor=false", // the teacher knows nothing
                "latency=false",
                "--run-dir",
                folder.resolve("run").toString()))
        .as(err.toString())
        .isZero();
  }

  /** Divided by a temperature, logits are softer: the entropy rises, and never beyond ln 10. */
  @Test
  void entropy_risesWithTheTemperature() {
    ModelSpec spec = ModelSpec.of("student-cnn", List.of(1, 28, 28), 10);
    List<String> classes = IntStream.range(0, 10).mapToObj(Integer::toString).toList();
    try (Model sharp = Model.create(spec, 1)) {
      sharp.module().parameters().get("classifier.2.weight").detach().mulInPlace(100);
      ModelConfig config = new ModelConfig(spec, Normalization.none(), classes);
      ModelFolder.write(folder.resolve("sharp"), sharp, config, "a model for tests");
    }
    assertThat(probe("--teacher", folder.resolve("sharp").toString())).isZero();
    List<Double> entropies =
        out.toString()
            .lines()
            .dropWhile(line -> !line.contains("entropy (nats)"))
            .skip(1)
            .takeWhile(line -> !line.isBlank())
            .map(line -> Double.parseDouble(line.strip().split(" +")[1]))
            .toList();
    assertThat(entropies)
        .hasSize(11)
        .isSorted()
        .doesNotHaveDuplicates()
        .allMatch(entropy -> entropy > 0 && entropy < Math.log(10));
  }

  @Test
  void aStudentOfAFolder_isComparedInsteadOfTheArchitecture() {
    assertThat(
            probe("--batch", "16", "--batches", "1", "--student", folder.resolve("teacher") + ""))
        .isZero();
    assertThat(out.toString())
        .contains("teacher teacher-cnn, student teacher-cnn, on 16 training samples")
        .containsPattern("features\\.2 +64 x 28 x 28 +features\\.2 1\\.00")
        .contains("{teacher: features.");
  }

  @Test
  void aTeacherOfOtherClasses_isRefused() {
    model("three", ModelSpec.of("student-cnn", List.of(1, 28, 28), 3));
    assertThat(probe("--teacher", folder.resolve("three").toString())).isEqualTo(3);
    assertThat(err.toString())
        .startsWith("error: The teacher ")
        .contains(
            "does not know '3', '4', '5', '6', '7' and 2 more of the data; both must have the same"
                + " classes in the same order");
  }

  @Test
  void aTeacherOfAnotherNormalization_getsItsOwn() throws IOException {
    String own = probed("");
    assertThat(err.toString()).isEmpty();
    String other = probed(", normalize: {mean: 0.9, std: 0.01}");
    assertThat(err.toString())
        .isEqualTo(
            "note: The model "
                + folder.resolve("teacher")
                + " was trained on inputs as they are in the data and gets them so; the"
                + " configuration says normalised with mean [0.9] and std [0.01]."
                + System.lineSeparator());
    assertThat(temperatures(other)).isEqualTo(temperatures(own));
  }

  private String probed(String normalize) throws IOException {
    Path config = folder.resolve("run.yaml");
    String text = Files.readString(config);
    Files.writeString(config, text.replace("size: 64", "size: 64" + normalize));
    out.getBuffer().setLength(0);
    assertThat(probe("--batch", "16", "--batches", "1")).isZero();
    Files.writeString(config, text);
    return out.toString();
  }

  private static String temperatures(String text) {
    return text.substring(text.indexOf("the teacher's answers by temperature"));
  }

  @Test
  void answersThatAreNotFinite_areNamed() {
    ModelSpec spec = ModelSpec.of("student-cnn", List.of(1, 28, 28), 10);
    Model broken = Model.create(spec, 1);
    broken.module().parameters().values().forEach(weights -> weights.fill(Double.NaN));
    model("broken", broken);
    for (String role : List.of("teacher", "student")) {
      err.getBuffer().setLength(0);
      assertThat(probe("--batch", "16", "--batches", "1", "--" + role, path("broken")))
          .isEqualTo(4);
      assertThat(err.toString())
          .isEqualToIgnoringNewLines(
              "error: The "
                  + role
                  + " student-cnn answers sample 0 with NaN for class 0, and 15 more of this batch of"
                  + " 16. Check its weights, that sample, and data.normalize.");
    }
    Typed evaluated =
        Typed.run(
            "evaluate", path("teacher"), path("broken"), "--data", folder.resolve("run.yaml") + "");
    assertThat(evaluated.err())
        .startsWith("error: The model " + path("broken") + " answers sample");
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  @Test
  void aTeacherOfOtherSoftware_isRefused_andWhatTheMessageNamesTakesIt() {
    Path file = ForeignFiles.of("dynamic.onnx");
    assertThat(probe("--teacher", file.toString())).isEqualTo(4);
    assertThat(err.toString())
        .isEqualTo(
            "error: The teacher "
                + file
                + " is a file of other software, and probe reads the layers of networks that are"
                + " built here; give a model folder, which 'ranbiki import' makes of an"
                + " encoder of texts. 'ranbiki evaluate' and 'ranbiki inspect' take"
                + " such files."
                + System.lineSeparator());
    Typed evaluated =
        Typed.run("evaluate", file.toString(), "--data", folder.resolve("run.yaml").toString());
    assertThat(evaluated.exitCode()).as(evaluated.err()).isZero();
    assertThat(evaluated.out())
        .containsPattern("dynamic.onnx\\s+\\d+\\.\\d\\d % +100.00 %.* 3,510 ");
    assertThat(Typed.run("inspect", file.toString()).exitCode()).isZero();
  }

  @Test
  void tooFewSamplesInABatch_areAUsageError() {
    assertThat(probe("--batch", "3")).isEqualTo(2);
    assertThat(err.toString()).contains("--batch is 3, but must be 4 or more");
  }

  private void encoders(int layers, int heads) throws IOException {
    Path tokenizer = Path.of("../prepare/src/test/resources/tokenizers/uncased.json");
    ModelSpec spec =
        new ModelSpec(
            "bert",
            List.of(new Field("input_ids", Field.Kind.INT64, List.of(Field.ANY))),
            16,
            Map.of(
                "layers",
                layers,
                "width",
                16,
                "heads",
                heads,
                "vocabulary",
                610,
                "positions",
                32,
                "head",
                "none"));
    Prepare prepare = Prepare.of(new Step.Tokenize(Tokenizer.read(tokenizer), 12));
    try (Model model = Model.create(spec, 3)) {
      ModelFolder.write(
          folder.resolve("encoder"),
          model,
          new ModelConfig(spec, prepare, new Task.Embedding(16)),
          "a model for tests");
    }
    StringBuilder rows = new StringBuilder("text,label\n");
    for (int i = 0; i < 40; i++) {
      rows.append("card ".repeat(1 + i % 9)).append("the hello ".repeat(i % 4)).append(i);
      rows.append(",").append(i % 2).append("\n");
    }
    Files.writeString(folder.resolve("train.csv"), rows);
    Files.writeString(folder.resolve("test.csv"), rows);
    Files.writeString(
        folder.resolve("run.yaml"),
        """
        name: texts
        data: {format: csv, folder: "%1$s", text: text, label: label}
        teacher: {model: "%1$s/encoder", kind: embedding}
        student:
          architecture: bert
          layers: 2
          width: 8
          heads: 2
          positions: 32
          prepare: {tokenizer: "%2$s", at-most: 12}
        objective: [embedding: {}]
        train: {epochs: 1, batch: 8, threads: 1}
        doctor: false
        latency: false
        """
            .formatted(folder, tokenizer.toAbsolutePath()));
  }

  /** At its initial weights evenly spread ones; the CKA of a network with itself is 1. */
  @Test
  void encodersOfTexts_getALayerMap_thatCanBePasted() throws IOException {
    encoders(4, 2);
    assertThat(probe("--batch", "16", "--batches", "1")).as(err.toString()).isZero();
    assertThat(out.toString())
        .containsPattern("hidden\\.2 +tokens x 8 +hidden\\.\\d")
        .contains("      layers: [1, 3]   # evenly spread")
        .doesNotContain("attention-weight")
        .doesNotContain("by temperature");
    String text = out.toString();
    Path config = folder.resolve("run.yaml");
    Files.writeString(
        config,
        Files.readString(config)
            .replace(
                "objective: [embedding: {}]",
                "objective:\n  - embedding: {}\n"
                    + text.substring(text.indexOf("  - tinybert:"), text.indexOf("Next:"))));
    Typed distilled =
        Typed.run("distill", config.toString(), "--run-dir", folder.resolve("run").toString());
    assertThat(distilled.exitCode()).as(distilled.err()).isZero();

    out.getBuffer().setLength(0);
    assertThat(probe("--batch", "16", "--batches", "1", "--student", path("encoder"))).isZero();
    assertThat(out.toString())
        .contains("layers: [0, 1, 2, 3]   # CKA 1.00, 1.00, 1.00, 1.00")
        .containsPattern("hidden\\.3 +tokens x 16 +hidden\\.3 1\\.00");
  }

  @Test
  void aStudentDeeperThanItsTeacher_isToldSo() throws IOException {
    encoders(1, 2);
    assertThat(probe("--batch", "16", "--batches", "1")).as(err.toString()).isZero();
    assertThat(out.toString())
        .contains(
            "the student has more layers than the teacher, so that not each has one to follow;"
                + " match answers")
        .doesNotContain("is similar to one of the teacher");
  }

  @Test
  void aLayerMap_isWrittenAsJson_withoutAttentionWhereHeadsDiffer() throws IOException {
    encoders(3, 4);
    Typed json = Typed.run("probe", path("run.yaml"), "--json", "--batch", "16", "--batches", "1");
    assertThat(json.exitCode()).as(json.err()).isZero();
    JsonNode all = new ObjectMapper().readTree(json.out());
    assertThat(all.path("samples").asInt()).isEqualTo(16);
    assertThat(all.path("tinybert").toString())
        .isEqualTo("{\"layers\":[1,2],\"attention-weight\":0}");
    assertThat(all.path("similarity").path("hidden.1").size()).isEqualTo(4);
    assertThat(all.has("temperatures")).isFalse();

    configuration();
    assertThat(probe("--json", "--batch", "16", "--batches", "1")).isZero();
    JsonNode images = new ObjectMapper().readTree(out.toString());
    assertThat(images.path("pairs").get(0).path("teacher").asText()).startsWith("features.");
    assertThat(images.path("temperatures").get(0).path("temperature").asInt()).isEqualTo(1);
    assertThat(images.path("temperatures")).hasSize(11);
  }
}
