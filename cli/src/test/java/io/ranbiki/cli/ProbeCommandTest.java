package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Normalization;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
                + " built here; give a model folder. 'ranbiki evaluate' and 'ranbiki inspect' take"
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
}
