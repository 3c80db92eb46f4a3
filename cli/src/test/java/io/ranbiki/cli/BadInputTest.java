package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.artifact.Weights;
import io.ranbiki.file.Identity;
import io.ranbiki.model.Architectures;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said about every kind of bad input, and that nothing is lost by it. */
class BadInputTest {

  private static final String TRAIN =
      """
      name: bad-input
      data: {format: idx, folder: %s, validation: 0}
      model: {architecture: student-cnn}
      train: {epochs: 1, batch: 8, threads: 1}
      """;

  private static final String DISTILL =
      """
      name: bad-input
      data: {format: idx, folder: %s, validation: 0}
      teacher: {model: %s}
      student: {architecture: student-cnn}
      objective: [{soft-targets: {temperature: 4}}]
      train: {epochs: 1, batch: 8, threads: 1}
      """;

  @TempDir static Path shared;
  private static Path data;
  private static Path train;
  private static Path distill;
  private static Path trained;

  @TempDir Path folder;

  @BeforeAll
  static void trainATeacher() throws IOException {
    data = IdxFiles.write(shared.resolve("data"), 28, 10);
    trained = shared.resolve("runs/teacher");
    train = Files.writeString(shared.resolve("train.yaml"), TRAIN.formatted(data));
    distill =
        Files.writeString(
            shared.resolve("distill.yaml"), DISTILL.formatted(data, trained.resolve("model")));
    Typed typed = Typed.run("train", train.toString(), "--run-dir", trained.toString());
    assertThat(typed.exitCode()).as(typed.err()).isZero();
  }

  /** Checks exit code and message, in which {@code #} stands for the folder of the test. */
  private void refused(int exitCode, String message, String... arguments) {
    Typed typed = Typed.run(arguments);
    String expected = message.replace("#", folder.toString()).replace("~", shared.toString());
    assertThat(typed.err()).isEqualTo(expected + System.lineSeparator());
    assertThat(typed.exitCode()).isEqualTo(exitCode);
  }

  private void trainingRefused(int exitCode, String message, String... overrides) {
    runRefused("train", train, exitCode, message, overrides);
  }

  private void distillationRefused(int exitCode, String message, String... overrides) {
    runRefused("distill", distill, exitCode, message, overrides);
  }

  /** Also checks that the folder of the run can be used for the corrected run. */
  private void runRefused(
      String verb, Path config, int exitCode, String message, String... overrides) {
    Path run = folder.resolve("run");
    Stream<String> start = Stream.of(verb, config.toString(), "--run-dir", run.toString());
    refused(
        exitCode, message, Stream.concat(start, Arrays.stream(overrides)).toArray(String[]::new));
    assertThat(contents(run)).as("what a refused run leaves").isEmpty();
  }

  /** The files of a folder with the SHA-256 of their content. */
  private static Map<String, String> contents(Path folder) {
    Map<String, String> contents = new TreeMap<>();
    if (!Files.exists(folder)) {
      return contents;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        contents.put(folder.relativize(file).toString(), Identity.of("", List.of(file)));
      }
      return contents;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  // ---- data

  /** A copy of the good data with one file changed, as an override. */
  private String damaged(String file, byte[] content) throws IOException {
    Path copy = IdxFiles.write(folder.resolve("data"), 28, 10);
    Files.write(copy.resolve(file), content);
    return "data.folder=" + copy;
  }

  @Test
  void missingDataFile_isNamed() throws IOException {
    Path copy = IdxFiles.write(folder.resolve("data"), 28, 10);
    Files.delete(copy.resolve(IdxFiles.TRAIN_LABELS));
    trainingRefused(
        3,
        "error: The folder #/data has neither train-labels-idx1-ubyte nor"
            + " train-labels-idx1-ubyte.gz. Put the four files of the data set there under their"
            + " usual names.",
        "data.folder=" + copy);
  }

  @Test
  void missingDataFolder_isNamed() {
    trainingRefused(
        3,
        "error: The data folder #/nowhere does not exist. Check the path.",
        "data.folder=" + folder.resolve("nowhere"));
  }

  @Test
  void truncatedDataFile_isNamed() throws IOException {
    byte[] half = Arrays.copyOf(IdxFiles.images(40, 28), 5_000);
    trainingRefused(
        3,
        "error: #/data/train-images-idx3-ubyte is truncated: its header promises 31360 bytes, but"
            + " 4984 follow. Fetch it again.",
        damaged(IdxFiles.TRAIN_IMAGES, half));
  }

  @Test
  void emptyDataFile_isNamed() throws IOException {
    trainingRefused(
        3,
        "error: #/data/train-images-idx3-ubyte ends after 0 bytes, inside its header of 16 bytes."
            + " Fetch it again.",
        damaged(IdxFiles.TRAIN_IMAGES, new byte[0]));
  }

  @Test
  void wrongMagicNumber_isNamed() throws IOException {
    byte[] images = IdxFiles.images(40, 28);
    images[3] = 2;
    trainingRefused(
        3,
        "error: #/data/train-images-idx3-ubyte starts with 0x00000802, but an IDX file of images"
            + " starts with 0x00000803. Check that it is the right file.",
        damaged(IdxFiles.TRAIN_IMAGES, images));
  }

  @Test
  void imagesAndLabelsThatDoNotMatch_areNamed() throws IOException {
    trainingRefused(
        3,
        "error: #/data/train-images-idx3-ubyte holds 40 images, but"
            + " #/data/train-labels-idx1-ubyte holds 39 labels; there must be one label for each"
            + " image. Take both files from the same part of the data set.",
        damaged(IdxFiles.TRAIN_LABELS, IdxFiles.labels(39, 10)));
  }

  @Test
  void labelOutOfRange_isNamed() throws IOException {
    trainingRefused(
        3,
        "error: Label 10 of #/data/t10k-labels-idx1-ubyte is 10, but there are 10 classes, so it"
            + " must be 0 to 9. Give training samples of this class, too, or remove those of the"
            + " test.",
        damaged(IdxFiles.TEST_LABELS, IdxFiles.labels(20, 12)));
  }

  @Test
  void testImagesOfAnotherSize_areRefusedBeforeTraining() throws IOException {
    trainingRefused(
        3,
        "error: The training samples have shape [1, 28, 28], but those of the test have"
            + " shape [1, 14, 14]; both must have the same. Check the files in #/data.",
        damaged(IdxFiles.TEST_IMAGES, IdxFiles.images(20, 14)));
  }

  // ---- what does not fit together

  @Test
  void teacherOfOtherClasses_isRefused() throws IOException {
    distillationRefused(
        3,
        "error: The teacher ~/runs/teacher/model knows '5', '6', '7', '8', '9', which the data does"
            + " not have; both must have the same classes in the same order.",
        "data.folder=" + IdxFiles.write(folder.resolve("data"), 28, 5));
  }

  @Test
  void teacherOfOtherSamples_isRefused() throws IOException {
    distillationRefused(
        3,
        "error: The teacher ~/runs/teacher/model takes samples of shape [1, 28, 28], but the data"
            + " has [1, 8, 8]; use the data that it was trained on.",
        "data.folder=" + IdxFiles.write(folder.resolve("data"), 8, 10));
  }

  @Test
  void networkForOtherSamples_isRefused() {
    distillationRefused(
        3,
        "error: The architecture 'mlp' takes rows of numbers [features], but the data has samples"
            + " of shape [1, 28, 28].",
        "student.architecture=mlp");
  }

  @Test
  void unknownLayer_isRefusedBeforeAnyTraining() {
    distillationRefused(
        3,
        "error: The student student-cnn has no module 'features.9'; the nearest paths are"
            + " 'features.0', 'features.1', 'features.2'.",
        "objective=[{hint: {pairs: [{teacher: features.0, student: features.9}]}}]");
    distillationRefused(
        3,
        "error: The teacher student-cnn has no module 'features.9'; the nearest paths are"
            + " 'features.0', 'features.1', 'features.2'.",
        "objective=[{hint: {pairs: [{teacher: features.9, student: features.0}]}}]");
  }

  @Test
  void comparedModelOfOtherData_isRefused() throws IOException {
    Path small = IdxFiles.write(folder.resolve("data"), 8, 10);
    Path config = Files.writeString(folder.resolve("small.yaml"), TRAIN.formatted(small));
    refused(
        3,
        "error: The model ~/runs/teacher takes samples of shape [1, 28, 28], but the data has [1,"
            + " 8, 8]; use the data that it was trained on.",
        "compare",
        trained.toString(),
        "--data",
        config.toString());
  }

  // ---- models

  /** A copy of the good model whose tensors were changed. */
  private Path changedModel(Consumer<Map<String, Tensor>> change) throws IOException {
    Path copy = Files.createDirectories(folder.resolve("model"));
    Files.copy(trained.resolve("model/config.json"), copy.resolve("config.json"));
    try (TensorScope scope = TensorScope.open("test")) {
      Map<String, Tensor> tensors = Weights.readTensors(trained.resolve("model/model.safetensors"));
      change.accept(tensors);
      Weights.writeTensors(copy.resolve("model.safetensors"), tensors, Map.of());
    }
    return copy;
  }

  @Test
  void tensorsThatAreMissingExtraOrMisshapen_areListed() throws IOException {
    Path model =
        changedModel(
            tensors -> {
              tensors.remove("features.0.bias");
              tensors.put("features.9.bias", Tensors.ones(2));
              tensors.put("classifier.2.bias", Tensors.ones(7));
            });
    String message =
        "error: #/model/model.safetensors does not fit this architecture: missing:"
            + " features.0.bias; unknown: features.9.bias; misshapen: classifier.2.bias is [7], but"
            + " must be [10]. Check the architecture, its options, the shape of a"
            + " sample and the number of classes.";
    distillationRefused(4, message, "teacher.model=" + model);
    trainingRefused(4, message, "model.weights=" + model.resolve("model.safetensors"));
    refused(4, message, "inspect", model.toString());
  }

  @Test
  void missingModel_isNamed() throws IOException {
    distillationRefused(
        4,
        "error: There is no file or folder #/nowhere; give the path of a model.",
        "teacher.model=" + folder.resolve("nowhere"));
    refused(
        4,
        "error: There is no file or folder #/nowhere; give the path of a model.",
        "compare",
        folder.resolve("nowhere").toString(),
        "--data",
        train.toString());
  }

  @Test
  void truncatedWeights_areNamed() throws IOException {
    Path model = changedModel(tensors -> {});
    Path weights = model.resolve("model.safetensors");
    Files.write(weights, Arrays.copyOf(Files.readAllBytes(weights), 300_000));
    Typed typed =
        Typed.run(
            "distill",
            distill.toString(),
            "--run-dir",
            folder.resolve("run").toString(),
            "teacher.model=" + model);
    assertThat(typed.exitCode()).isEqualTo(4);
    assertThat(typed.err())
        .startsWith("error: " + weights + ": tensor \"")
        .endsWith(
            "The file is damaged or no safetensors file: make or download it again."
                + System.lineSeparator());
    assertThat(contents(folder.resolve("run"))).isEmpty();
  }

  @Test
  void modelOfAnUnknownArchitecture_isNamed() throws IOException {
    Path model = changedModel(tensors -> {});
    Path config = model.resolve("config.json");
    Files.writeString(config, Files.readString(config).replace("student-cnn", "studnt-cnn"));
    distillationRefused(
        4,
        "error: #/model holds a network of the architecture 'studnt-cnn', which is missing here;"
            + " there are "
            + String.join(", ", Architectures.names())
            + ". Name the jar that holds it in"
            + " RANBIKI_CLASSPATH.",
        "teacher.model=" + model);
  }

  @Test
  void inspectedFiles_thatAreNoModels_areRefused() throws IOException {
    refused(
        4,
        "error: #/nothing is neither a run folder, nor a model folder, nor a file. Give a folder"
            + " that train or distill wrote, or a .safetensors, .onnx, .pt or .store file.",
        "inspect",
        folder.resolve("nothing").toString());
    Path empty = Files.createFile(folder.resolve("empty.safetensors"));
    refused(
        4,
        "error: #/empty.safetensors is empty: make or download it again.",
        "inspect",
        empty.toString());
    assertThat(Typed.run("inspect", empty.toString()).out()).isEmpty();
  }

  // ---- configurations

  @Test
  void unknownNames_getTheNearestOne() {
    trainingRefused(
        3,
        "error: override 'train.epoch=3': Unknown key 'epoch' in 'train'; did you mean 'epochs'?",
        "train.epoch=3");
    trainingRefused(
        3,
        "error: override 'model.architecture=studnt-cnn': 'model.architecture' must be one of "
            + String.join(", ", Architectures.names())
            + ", but is 'studnt-cnn'; did you mean 'student-cnn'?",
        "model.architecture=studnt-cnn");
  }

  @Test
  void configurationOfTheOtherVerb_isRefusedWithLines() {
    refused(
        3,
        """
        error: ~/distill.yaml has 3 mistakes:
        ~/distill.yaml:1:1: The key 'model' is missing.
        ~/distill.yaml:3:1: Unknown key 'teacher'; choose one of name, seed, data, model, objective, train, license, latency, accept.
        ~/distill.yaml:4:1: Unknown key 'student'; choose one of name, seed, data, model, objective, train, license, latency, accept.\
        """,
        "train",
        distill.toString());
  }

  @Test
  void missingConfiguration_isNamed() {
    String message = "error: The configuration file '#/no.yaml' does not exist; check the path.";
    refused(3, message, "train", folder.resolve("no.yaml").toString());
    refused(3, message, "distill", folder.resolve("no.yaml").toString());
    refused(
        3, message, "compare", trained.toString(), "--data", folder.resolve("no.yaml").toString());
  }

  @Test
  void nameOutsideTheRuns_isRefused() {
    refused(
        3,
        "error: The name '../x' cannot name a folder; use up to 100 letters, digits, '.', '_' and"
            + " '-', beginning with a letter or digit.",
        "train",
        train.toString(),
        "name=../x");
  }

  // ---- training

  @Test
  void lossThatIsNotANumber_endsWithItsOwnCode() {
    refused(
        5,
        "error: The loss is NaN at step 2 ({hard-labels=NaN}), where the student answers sample 1"
            + " (image 1 of ~/data/train-images-idx3-ubyte) with NaN for class 0, and 7 more of"
            + " this batch of 8; the weights of the step before are kept. Try a smaller learning"
            + " rate, smaller weights of terms, clip-norm, or a warm-up.",
        "train",
        train.toString(),
        "--run-dir",
        folder.resolve("run").toString(),
        "train.optimizer={sgd: {learning-rate: 1e20}}");
    assertThat(folder.resolve("run/model")).doesNotExist();
    assertThat(folder.resolve("run/result.json")).doesNotExist();
  }

  // ---- output

  @Test
  void existingRun_isLeftUntouched() {
    Map<String, String> before = contents(trained);
    assertThat(before).containsKey("result.json");
    refused(
        6,
        "error: The run folder '~/runs/teacher' already holds files; choose another with --run-dir,"
            + " or resume the run that is there.",
        "train",
        train.toString(),
        "--run-dir",
        trained.toString());
    assertThat(contents(trained)).isEqualTo(before);
  }

  @Test
  void outputThatCannotBeWritten_isRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "mine");
    refused(
        6,
        "error: Cannot write the run folder '#/file': '#/file' is a file; choose another with"
            + " --run-dir.",
        "train",
        train.toString(),
        "--run-dir",
        file.toString());
    Typed inside =
        Typed.run("train", train.toString(), "--run-dir", file.resolve("run").toString());
    assertThat(inside.exitCode()).isEqualTo(6);
    assertThat(inside.err())
        .startsWith("error: Cannot write the run folder '" + file.resolve("run") + "': ");
    assertThat(file).hasContent("mine");
  }

  @Test
  void resumeWithoutARun_isRefused() throws IOException {
    refused(
        6,
        "error: There is no run folder '#/nothing'; check the path.",
        "resume",
        folder.resolve("nothing").toString());
    refused(
        3,
        "error: No run was begun in '#': config.yaml is missing. Begin one with train or distill.",
        "resume",
        folder.toString());
  }

  // ---- usage

  @Test
  void mistypedVerbsAndOptions_areUsageErrors() {
    refused(
        2,
        lines(
            "error: Unmatched arguments from index 0: 'trian', 'x.yaml'.",
            "Did you mean: plan, train?",
            "'ranbiki --help' shows how to use it."),
        "trian",
        "x.yaml");
    refused(
        2,
        lines(
            "error: Unknown option: '--runn-dir'.",
            "Did you mean: --run-dir?",
            "'ranbiki train --help' shows how to use it."),
        "train",
        "x.yaml",
        "--runn-dir");
    refused(
        2,
        lines(
            "error: Missing required parameter: 'CONFIG'.",
            "'ranbiki distill --help' shows how to use it."),
        "distill");
    refused(
        3,
        lines(
            "error: x is no run folder that keeps answers; name a configuration with --data to"
                + " measure models, such as the config.yaml of a run."),
        "compare",
        "x");
  }

  private static String lines(String... lines) {
    return String.join(System.lineSeparator(), lines);
  }
}
