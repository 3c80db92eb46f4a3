package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.artifact.LabelsSeen;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.model.Architectures;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Normalization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models of other software; {@link EndToEndIT} inspects our own. */
class InspectCommandTest {

  @TempDir Path folder;

  private static Typed inspect(Path path, String... options) {
    String[] arguments = new String[2 + options.length];
    arguments[0] = "inspect";
    arguments[1] = path.toString();
    System.arraycopy(options, 0, arguments, 2, options.length);
    return Typed.run(arguments);
  }

  private static String shown(Path path, String... options) {
    Typed typed = inspect(path, options);
    assertThat(typed.exitCode()).as(typed.err()).isZero();
    assertThat(typed.err()).isEmpty();
    return typed.out();
  }

  private static void refused(int exitCode, String message, Path path, String... options) {
    Typed typed = inspect(path, options);
    assertThat(typed.err()).isEqualTo("error: " + message + System.lineSeparator());
    assertThat(typed.out()).isEmpty();
    assertThat(typed.exitCode()).isEqualTo(exitCode);
  }

  @Test
  void anOnnxFile_showsPortsSizeTimeAndLayers() {
    Path file = ForeignFiles.of("dynamic.onnx");
    assertThat(shown(file).lines())
        .startsWith("ONNX file " + file, "  input         pixels [n, 1, 28, 28] float32")
        .anyMatch(line -> line.matches("  output        \\S+ \\[n, 10] float32"))
        // 3,518 in PyTorch; exporting folds the 16 of a batch normalisation into 8 biases.
        .contains("  parameters    3,510 in 16 kB")
        .anyMatch(
            line ->
                line.matches(
                    "  time          \\d+\\.\\d+ ms a sample of \\[1, 28, 28], 10 classes, in ONNX"
                        + " Runtime with one thread.*"))
        .contains("  layers that can be tapped:", "    /features/features.0/Conv_output_0");
  }

  @Test
  void anOnnxFileOfAFixedBatch_isTimedByTheBatch() {
    assertThat(shown(ForeignFiles.of("fixed.onnx")))
        .containsPattern(
            "  time +\\d+\\.\\d+ ms a sample of \\[1, 28, 28], 10 classes, asked 2 at once, as"
                + " the file fixes it");
  }

  @Test
  void anOnnxFileWithSeveralOutputs_isTimedOnceOneIsNamed() {
    Path file = ForeignFiles.of("two-outputs.onnx");
    assertThat(shown(file))
        .contains(
            "not measured: two-outputs.onnx has 2 outputs that can be logits [batch, classes],"
                + " among fine [n, 10], coarse [n, 3]; name the one to use: teacher.output in the"
                + " configuration, or --output for inspect.");
    assertThat(shown(file, "--output", "coarse"))
        .containsPattern("  time +\\d+\\.\\d+ ms a sample of \\[1, 28, 28], 3 classes");
  }

  @Test
  void weightsOfAModelFolder_showTheNetwork() {
    Path model = folder.resolve("model");
    ModelSpec spec = ModelSpec.of("student-cnn", List.of(1, 28, 28), 10, Map.of());
    try (Model network = Model.create(spec, 1)) {
      ModelFolder.write(model, network, new ModelConfig(spec, Normalization.none(), List.of()), "");
    }
    assertThat(shown(model.resolve("model.safetensors")))
        .contains("  architecture  student-cnn", " ms a sample", "    features.0", "  input ")
        .contains("  labels seen   not known", "tensors of ");
  }

  @Test
  void labelsThatANetworkHasSeen_areCounted() {
    Path model = folder.resolve("model");
    ModelSpec spec = ModelSpec.of("mlp", List.of(4), 2, Map.of());
    BitSet positions = new BitSet();
    positions.set(0, 6_000);
    LabelsSeen seen = new LabelsSeen(Map.of("0123456789abcdef0123", positions), null, true);
    ModelConfig config = new ModelConfig(spec, Normalization.none(), List.of());
    try (Model network = Model.create(spec, 1)) {
      ModelFolder.write(model, network, config, seen, "");
      assertThat(shown(model)).contains("  labels seen   6,000 of data 0123456789abcdef\n");
      ModelFolder.write(model, network, config, seen.and(LabelsSeen.UNKNOWN), "");
      assertThat(shown(model))
          .contains("6,000 of data 0123456789abcdef, and others that are not known\n");
      ModelFolder.write(model, network, config, LabelsSeen.NONE, "");
      assertThat(shown(model)).contains("  labels seen   none\n");
    }
  }

  @Test
  void storedAnswers_showWhatTheyDependOn() throws IOException {
    Path model = folder.resolve("teacher");
    ModelSpec spec = ModelSpec.of("student-cnn", List.of(1, 28, 28), 10, Map.of());
    try (Model network = Model.create(spec, 1)) {
      ModelFolder.write(model, network, new ModelConfig(spec, Normalization.none(), List.of()), "");
    }
    Path yaml = folder.resolve("a.yaml");
    Files.writeString(
        yaml,
        """
        name: a
        data: {format: digits, size: 32}
        teacher: {model: %s}
        student: {architecture: mlp}
        objective: [soft-targets: {}]
        """
            .formatted(model));
    Path run = folder.resolve("runs").resolve("a");
    assertThat(Typed.run("label", yaml.toString(), "--run-dir", run.toString()).exitCode())
        .isZero();
    try (Stream<Path> files = Files.list(folder.resolve("runs/answers"))) {
      Path store = files.filter(file -> file.toString().endsWith(".store")).findAny().orElseThrow();
      assertThat(shown(store).lines())
          .anyMatch(line -> line.matches("stored answers .*\\.store, \\d+ kB"))
          .anyMatch(line -> line.matches("  teacher +[0-9a-f]{64}"))
          .anyMatch(line -> line.matches("  layers +none"))
          .anyMatch(line -> line.matches("  made-with +ranbiki .*, libtorch .*, ONNX Runtime .*"));
    }
  }

  @Test
  void weightsBesideAnOnnxFile_countAsItsSize() {
    assertThat(shown(ForeignFiles.of("external.onnx"))).contains("  parameters    3,510 in 16 kB");
  }

  @Test
  void anOnnxFileThatCannotTeach_isShownWithTheReason() {
    assertThat(shown(ForeignFiles.of("noisy.onnx")))
        .contains(
            "  time          not measured: noisy.onnx answers the same samples differently each"
                + " time; export it in evaluation mode (model.eval()).");
    assertThat(shown(ForeignFiles.of("two-inputs.onnx")))
        .contains(
            "  time          not measured, since the file does not say the shape of a sample; give"
                + " it with --input");
  }

  @Test
  void aTrustedTorchScriptFile_showsItsLayers_andItsTimeOnceTheShapeIsSaid() {
    Path file = ForeignFiles.of("traced.pt");
    assertThat(shown(file, "--trusted").lines())
        .startsWith(
            "TorchScript file " + file,
            "  input         the file does not say",
            "  output        the file does not say",
            "  parameters    3,518 in 27 kB",
            "  time          not measured, since the file does not say the shape of a sample; give"
                + " it with --input",
            "  layers that can be tapped:",
            "    features");
    assertThat(shown(file, "--trusted", "--input", "1,28,28"))
        .containsPattern("  time +\\d+\\.\\d+ ms a sample of \\[1, 28, 28], 10 classes");
    assertThat(shown(file, "--trusted", "--input", "3,32,32"))
        .contains("  time          not measured: traced.pt does not take 2 samples of shape");
  }

  @Test
  void aFrozenTorchScriptFile_hasNoLayersAndNoNumberOfParameters() {
    assertThat(shown(ForeignFiles.of("frozen.pt"), "--trusted"))
        .contains("  parameters    unknown, since the file does not say their number, in 17 kB")
        .contains("  layers that can be tapped: none");
  }

  @Test
  void aTorchScriptFileThatNobodyTrusts_isNotRun() {
    Path file = ForeignFiles.of("traced.pt");
    refused(
        4,
        file
            + " is a TorchScript file, which is a program that runs with your rights. If you know"
            + " who made it, allow it: teacher.trusted: true in the configuration, or --trusted for"
            + " inspect.",
        file);
  }

  @Test
  void aPickledFile_isNeverRead() {
    for (String name : List.of("state-dict.pt", "state-dict-legacy.pt")) {
      Path file = ForeignFiles.of(name);
      refused(
          4,
          file
              + " is pickled, and reading it could run anything, so it is never read here. If it"
              + " holds weights, convert it once where you trust it: python3 -c \"import sys,"
              + " torch, safetensors.torch as s; s.save_file({k: v.contiguous() for k, v in"
              + " torch.load(sys.argv[1], map_location='cpu', weights_only=True).items()},"
              + " 'model.safetensors')\" '"
              + file
              + "'",
          file,
          "--trusted");
    }
  }

  @Test
  void truncatedFiles_areNamed() throws IOException {
    Path onnx = half("dynamic.onnx");
    Typed typed = inspect(onnx);
    assertThat(typed.exitCode()).isEqualTo(4);
    assertThat(typed.err())
        .startsWith("error: " + onnx + " is not a whole ONNX model: ")
        .endsWith(
            " Export it again, or copy it again from where it came." + System.lineSeparator());
    Path script = half("traced.pt");
    typed = inspect(script, "--trusted");
    assertThat(typed.exitCode()).isEqualTo(4);
    assertThat(typed.err())
        .startsWith("error: " + script + " is not a whole TorchScript file (")
        .endsWith(
            "). Save it again with torch.jit.save, or copy it again from where it came."
                + System.lineSeparator());
  }

  private Path half(String name) throws IOException {
    byte[] whole = Files.readAllBytes(ForeignFiles.of(name));
    return Files.write(folder.resolve(name), Arrays.copyOf(whole, whole.length / 2));
  }

  @Test
  void aFileOfAnotherKind_isRefused() throws IOException {
    Path file = Files.createFile(folder.resolve("teacher.h5"));
    refused(
        4,
        file
            + " is no model that is known by its ending; use a model folder, .safetensors, .onnx,"
            + " or TorchScript as .pt.",
        file);
  }

  @Test
  void aFolderOfTheHubWithAnotherNetwork_namesWhatCanBeBuilt() throws IOException {
    Path config = folder.resolve("config.json");
    Files.writeString(config, "{\"architectures\": [\"GPT2Model\"], \"model_type\": \"gpt2\"}");
    refused(
        4,
        config
            + " describes a network of type \"gpt2\". Of networks of other libraries, those of type"
            + " bert, camembert, distilbert, modernbert, roberta, xlm-roberta can be read; the"
            + " architectures that can be built here are "
            + String.join(", ", Architectures.names())
            + ". Export any other network to ONNX and use that file.",
        folder);
  }

  @Test
  void aShapeWithoutLength_isAUsageError() {
    refused(
        2,
        "--input is [1, 0]; every length must be 1 or more."
            + System.lineSeparator()
            + "'ranbiki inspect --help' shows how to use it.",
        ForeignFiles.of("traced.pt"),
        "--input",
        "1,0");
  }
}
