package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.artifact.OnnxFile;
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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows of one number, a run whose student says whether it is above its mean. */
class ExportCommandTest {

  private static final ModelSpec ABOVE =
      ModelSpec.of("mlp", List.of(1), 2, Map.of("hidden", 2, "layers", 1));

  @TempDir Path folder;

  private Path run;

  @BeforeEach
  void makeRun() throws IOException {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 300; i++) {
      double number = (i + 0.5) / 300;
      rows.append(number).append(number < 0.5 ? ",down\n" : ",up\n");
    }
    Files.writeString(folder.resolve("train.csv"), rows);
    Files.writeString(folder.resolve("test.csv"), "0.1,down\n0.3,down\n0.7,up\n0.8,up\n");
    run = Files.createDirectories(folder.resolve("run"));
    Files.writeString(run.resolve("config.yaml"), config(", normalize: {mean: 0.5, std: 0.25}"));
    model(run.resolve("model"), 1);
    model(run.resolve("stages/student-2"), -1);
  }

  private String config(String normalize) {
    return """
        name: rows
        seed: [1, 2, 3]
        data: {format: csv, folder: "%s"%s}
        model: {architecture: mlp, hidden: 2}
        train: {threads: 1}
        """
        .formatted(folder, normalize);
  }

  /** Right where the sign is 1, wrong where it is -1. */
  private static void model(Path to, float sign) {
    try (TensorScope scope = TensorScope.open("test");
        Model model = Model.create(ABOVE, 1)) {
      Map<String, Tensor> state = model.module().state();
      state.get("layers.0.weight").copyFrom(Tensors.ones(2, 1));
      state.get("layers.0.bias").copyFrom(Tensors.zeros(2));
      state.get("layers.2.weight").copyFrom(Tensors.of(new float[] {0, 0, sign, 0}, 2, 2));
      state.get("layers.2.bias").copyFrom(Tensors.of(new float[] {0, sign * -0.001f}, 2));
      ModelConfig config =
          new ModelConfig(
              ABOVE,
              new Normalization(new float[] {0.5f}, new float[] {0.25f}),
              List.of("down", "up"));
      ModelFolder.write(to, model, config, "# a card\n");
    }
  }

  private Typed export(String... words) {
    return Typed.run(
        Stream.concat(Stream.of("export", run.toString()), Stream.of(words))
            .toArray(String[]::new));
  }

  private static void refused(Typed typed, int code, String message) {
    assertThat(typed.err()).isEqualTo("error: " + message + System.lineSeparator());
    assertThat(typed.exitCode()).isEqualTo(code);
  }

  private Path file(String name) {
    return run.resolve("model").resolve(name);
  }

  @Test
  void aRun_becomesAFileThatWasHeldAgainstItsStudent() throws IOException {
    Typed typed = export("--to", "onnx");
    assertThat(typed.err()).isEmpty();
    assertThat(typed.exitCode()).isZero();
    assertThat(typed.out().lines())
        .satisfiesExactly(
            head -> assertThat(head).contains("engine", "size", "accuracy", "same class"),
            student -> assertThat(student).matches("student +libtorch +\\d+ B +100.00 % +- .*"),
            onnx ->
                assertThat(onnx).matches("float32 +ONNX Runtime +\\d+ k?B +100.00 % +100.00 % .*"),
            parity ->
                assertThat(parity)
                    .matches("largest difference .*, at answers up to .*, over 256 samples"),
            wrote -> assertThat(wrote).isEqualTo("wrote " + file("model.onnx")),
            next ->
                assertThat(next)
                    .isEqualTo("Next: ranbiki predict " + file("model.onnx") + " INPUT"));
    byte[] first = Files.readAllBytes(file("model.onnx"));
    assertThat(new String(first, java.nio.charset.StandardCharsets.ISO_8859_1))
        .doesNotContain(folder.toString());
    assertThat(OnnxFile.read(file("model.onnx")).info().metadata())
        .containsEntry("ranbiki.run", "rows")
        .containsEntry("ranbiki.classes", "down\nup")
        .doesNotContainKey("ranbiki.unchecked");

    refused(
        export("--to", "onnx"),
        6,
        file("model.onnx")
            + " exists already. Choose another name with --output, or replace it with --replace.");
    assertThat(export("--to", "onnx", "--replace").exitCode()).isZero();
    assertThat(file("model.onnx")).hasBinaryContent(first);
  }

  @Test
  void weightsOfFewerBits_areShownBesideThoseOf32() {
    Typed half = export("--to", "onnx", "--weights", "float16", "--raw", "--probabilities");
    assertThat(half.err()).isEmpty();
    assertThat(half.out())
        .containsPattern("float32 +ONNX Runtime")
        .containsPattern("float16 +ONNX Runtime +\\d kB +100.00 %");
    OnnxFile file = OnnxFile.read(file("model.float16.onnx"));
    assertThat(file.preparation().orElseThrow().outside().mean()).containsExactly(0.5f);

    Typed int8 = export("--to", "onnx", "--weights", "int8");
    assertThat(int8.exitCode()).isZero();
    assertThat(int8.out()).containsPattern("int8 +ONNX Runtime +\\d kB +100.00 %");
    assertThat(OnnxFile.read(file("model.int8.onnx")).info().layers())
        .anyMatch(layer -> layer.operator().equals("QuantizeLinear"));
  }

  @Test
  void aSeed_choosesTheStudent() {
    Typed typed = export("--to", "onnx", "--seed", "2");
    assertThat(typed.out()).containsPattern("student +libtorch +\\d+ B +0.00 %");
    assertThat(run.resolve("stages/student-2/model.onnx")).exists();

    refused(
        export("--to", "onnx", "--seed", "9"),
        3,
        "Run "
            + run
            + " has students of the seeds [1, 2, 3], but none of seed 9. Choose one of these.");
    refused(
        export("--to", "onnx", "--seed", "3"),
        4,
        "Run " + run + " has no student of seed 3 yet. Finish it with: ranbiki resume " + run);
    refused(
        Typed.run("export", run.resolve("model").toString(), "--to", "onnx", "--seed", "1"),
        3,
        "A seed chooses among the students of a run, but "
            + run.resolve("model")
            + " is the folder of one model. Leave the seed out, or name the run folder.");
  }

  @Test
  void withoutSamples_aFileIsWrittenOnlyWithAMark() throws IOException {
    String model = run.resolve("model").toString();
    refused(
        Typed.run("export", model, "--to", "onnx"),
        3,
        "There are no samples to ask the file about, since "
            + model
            + " is a model folder by itself. Name a configuration with --data, or write it unchecked"
            + " with --unchecked.");
    assertThat(file("model.onnx")).doesNotExist();

    Typed marked = Typed.run("export", model, "--to", "onnx", "--unchecked");
    assertThat(marked.out())
        .isEqualTo("wrote " + file("model.onnx") + ", which nobody has checked\n");
    assertThat(OnnxFile.read(file("model.onnx")).info().metadata())
        .containsEntry("ranbiki.unchecked", "true");

    Path data = Files.writeString(folder.resolve("data.yaml"), config(""));
    Typed checked =
        Typed.run(
            "export",
            model,
            "--to",
            "onnx",
            "--data",
            data.toString(),
            "--output",
            folder.resolve("x.onnx").toString());
    assertThat(checked.exitCode()).isZero();
    assertThat(checked.out()).contains("over 256 samples");
    assertThat(checked.err())
        .startsWith("note: The model " + model + " was trained on inputs normalised");

    refused(
        export("--to", "onnx", "--weights", "int8", "--unchecked"),
        3,
        "Weights of int8 need samples, which show between which numbers the values lie. Name a"
            + " configuration with --data, or choose float16.");
  }

  @Test
  void int8ThatLosesTooMuch_isRefusedUnlessForced() throws IOException {
    // Training shows numbers up to a thousand times as large: the steps swallow the test's.
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 300; i++) {
      rows.append(i % 2 == 0 ? "-500,down\n" : "500,up\n");
    }
    Files.writeString(folder.resolve("train.csv"), rows);
    refused(
        export("--to", "onnx", "--weights", "int8"),
        4,
        "With weights of int8 the model loses 50.00 points of accuracy, more than 0.5; nothing was"
            + " written. Choose float16, or write it all the same with --force.");
    assertThat(file("model.int8.onnx")).doesNotExist();
    assertThat(export("--to", "onnx", "--weights", "int8", "--force").exitCode()).isZero();
    assertThat(file("model.int8.onnx")).exists();
    assertThat(export("--to", "onnx", "--weights", "float16").exitCode()).isZero();
  }

  @Test
  void anExportedStudent_isComparedInspectedAndTeaches() throws IOException {
    export("--to", "onnx");
    export("--to", "onnx", "--raw", "--output", folder.resolve("raw.onnx").toString());
    String inside = file("model.onnx").toString();
    String raw = folder.resolve("raw.onnx").toString();
    Path plain = Files.writeString(folder.resolve("plain.yaml"), config(""));
    Path same =
        Files.writeString(
            folder.resolve("same.yaml"), config(", normalize: {mean: 0.5, std: 0.25}"));

    for (Path data : List.of(plain, same)) {
      Typed typed = Typed.run("compare", inside, raw, "--data", data.toString(), "--csv");
      assertThat(typed.exitCode()).isZero();
      assertThat(typed.out().lines().skip(1))
          .allMatch(line -> line.contains(",100.00 %,100.00 %,"));
      assertThat(typed.err().lines()).hasSize(data == plain ? 2 : 0);
    }
    assertThat(Typed.run("inspect", inside).out())
        .contains("run           rows", "classes       down, up", "weights       float32");

    for (String normalize : List.of("", ", normalize: {mean: 10, std: 20}")) {
      Path distil =
          Files.writeString(
              folder.resolve("distil.yaml"),
              config(normalize).replace("model:", "student:").replace("seed: [1, 2, 3]\n", "")
                  + "teacher: {model: \""
                  + inside
                  + "\"}\n"
                  + "objective: [{soft-targets: {temperature: 2}}]\n"
                  + "compare: {scratch: false, decisions: false}\n"
                  + "doctor: false\nlatency: false\n");
      Path to = folder.resolve("distilled" + normalize.length());
      Typed typed =
          Typed.run("distill", distil.toString(), "train.epochs=1", "--run-dir", to.toString());
      assertThat(typed.err()).doesNotContain("error");
      assertThat(typed.out()).containsPattern("teacher +100.00 %");
    }
  }

  @Test
  void otherClasses_areRefused() throws IOException {
    export("--to", "onnx");
    Files.writeString(folder.resolve("train.csv"), "0.1,down\n0.9,wide\n");
    Files.writeString(folder.resolve("test.csv"), "0.1,down\n0.9,wide\n");
    Path data = Files.writeString(folder.resolve("other.yaml"), config(""));
    refused(
        Typed.run("compare", file("model.onnx").toString(), "--data", data.toString()),
        3,
        "The model "
            + file("model.onnx")
            + " knows 'up', which the data does not have, and does not know 'wide' of the data;"
            + " both must have the same classes in the same order.");
    assertThat(export("--to", "onnx", "--replace").err()).contains("does not know 'wide'");
  }

  @Test
  void toFolder_copiesTheModelWithItsCard() throws IOException {
    Path to = folder.resolve("leaves");
    assertThat(export("--to", "folder", "--output", to.toString()).exitCode()).isZero();
    assertThat(to.resolve("README.md")).hasContent("# a card");
    assertThat(to.resolve("model.safetensors")).hasSameBinaryContentAs(file("model.safetensors"));
    assertThat(to.resolve("config.json")).hasSameTextualContentAs(file("config.json"));

    refused(
        export("--to", "folder", "--output", to.toString()),
        6,
        to
            + " exists and is not empty. Choose another folder with --output, or replace the model in"
            + " it with --replace.");
    assertThat(export("--to", "folder", "--output", to.toString(), "--replace").exitCode())
        .isZero();
    refused(
        export("--to", "folder", "--output", folder.toString(), "--replace"),
        6,
        folder + " exists and is not empty. Choose another folder with --output.");
    assertThat(export("--to", "folder", "--weights", "int8").exitCode()).isEqualTo(2);
    assertThat(export("--to", "folder").err()).contains("--to folder needs a folder to write");
  }

  @Test
  void placesThatCannotBeWritten_areRefusedFirst() {
    refused(
        export("--to", "onnx", "--output", folder.resolve("no/x.onnx").toString()),
        6,
        "There is no folder "
            + folder.resolve("no")
            + " to write into. Make it, or choose another with --output.");
    refused(
        export("--to", "onnx", "--output", folder.toString(), "--replace"),
        6,
        folder + " is a folder. Give --output the name of a file.");
    refused(
        Typed.run("export", folder.toString(), "--to", "onnx"),
        4,
        folder
            + " is neither a run folder nor a model folder. Give a folder that train or distill"
            + " wrote.");
  }
}
