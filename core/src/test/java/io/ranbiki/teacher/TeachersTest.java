package io.ranbiki.teacher;

import static io.ranbiki.teacher.Foreign.IMAGE;
import static io.ranbiki.teacher.Foreign.batch;
import static io.ranbiki.teacher.Foreign.expected;
import static io.ranbiki.teacher.Foreign.file;
import static io.ranbiki.teacher.Foreign.requireEqual;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.model.Architectures;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.nn.Signal;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TeachersTest {

  private static final ModelSpec SPEC = ModelSpec.of("student-cnn", IMAGE, 10);

  @TempDir Path folder;

  @Test
  void teachersOfEveryKind_answerTheSameQuestion() {
    Path model = writeModel("model", 1);
    for (Path path :
        List.of(
            model, model.resolve(ModelFolder.WEIGHTS), file("dynamic.onnx"), file("traced.pt"))) {
      try (TensorScope scope = TensorScope.open("test");
          Teacher teacher =
              Teachers.open(TeacherSource.of(path, true, null), IMAGE, 10, List.of())) {
        Signal signal = teacher.signal(batch(expected().get("images")));
        assertThat(signal.logits().shape()).containsExactly(3, 10);
        assertThat(signal.logits().requiresGrad()).isFalse();
        assertThat(teacher.classes()).isEqualTo(10);
      }
    }
  }

  @Test
  void aModelFolder_answersAsTheModelThatWasWritten() {
    Path path = writeModel("model", 3);
    try (TensorScope scope = TensorScope.open("test");
        Model model = Model.create(SPEC, 3);
        Teacher teacher = Teachers.open(source(path), IMAGE, 10, List.of("features.3"))) {
      model.module().freeze();
      var batch = batch(expected().get("images"));

      Signal signal = teacher.signal(batch);

      Tensor normalized = batch.inputs().sub(0.5f).div(0.25f); // as it was written with
      requireEqual(signal.logits(), model.apply(normalized));
      assertThat(signal.feature("features.3").shape()).startsWith(3);
    }
  }

  @Test
  void closingATeacher_freesItsModel() {
    Path path = writeModel("model", 1);
    long before = Tensor.live();
    Teachers.open(source(path), IMAGE, 10, List.of()).close();
    assertThat(Tensor.live()).isEqualTo(before);
    refused(() -> Teachers.open(source(path), IMAGE, 7, List.of()));
    assertThat(Tensor.live()).isEqualTo(before);
  }

  @Test
  void anEnsembleOfKinds_givesTheMeanOfTheirLogits() {
    TeacherSource ensemble =
        new TeacherSource.Ensemble(
            List.of(source(file("dynamic.onnx")), source(file("traced.pt"))),
            List.of(1.0, 3.0),
            new Combine.Logits());
    try (TensorScope scope = TensorScope.open("test");
        Teacher teacher =
            Teachers.open(
                ensemble,
                IMAGE,
                10,
                List.of("1.features.3", "0./features/features.3/Relu_output_0"))) {
      Map<String, Tensor> expected = expected();

      Signal signal = teacher.signal(batch(expected.get("images")));

      requireEqual(signal.logits(), expected.get("logits"));
      requireEqual(signal.feature("1.features.3"), expected.get("tap.features.3"));
      requireEqual(
          signal.feature("0./features/features.3/Relu_output_0"), expected.get("tap.features.3"));
      assertThat(teacher.title()).isEqualTo("ensemble of dynamic.onnx, traced.pt");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"features.3", "2.features.3", "-1.features.3"})
  void aLayerOfNoMember_isRefused(String layer) {
    TeacherSource ensemble =
        new TeacherSource.Ensemble(
            List.of(source(file("dynamic.onnx")), source(file("traced.pt"))),
            List.of(),
            new Combine.Logits());
    assertThatThrownBy(() -> Teachers.open(ensemble, IMAGE, 10, List.of(layer)))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "The layer '"
                + layer
                + "' of an ensemble must begin with the number of a teacher, 0 to 1, and a dot, as"
                + " in 0.features.2.");
  }

  @Test
  void anEnsembleOfNothing_isRefused() {
    assertThatThrownBy(() -> new TeacherSource.Ensemble(List.of(), List.of(), new Combine.Logits()))
        .isInstanceOf(RanbikiException.class)
        .hasMessage("An ensemble has no teachers; name one or more.");
  }

  @Test
  void aSource_isRecognisedByWhatLiesAtThePath() throws IOException {
    Path model = writeModel("run/model", 1);
    assertThat(source(folder.resolve("run"))).isEqualTo(new TeacherSource.Folder(model));
    assertThat(TeacherSource.of(model.resolve(ModelFolder.WEIGHTS), false, SPEC))
        .isEqualTo(new TeacherSource.Safetensors(model.resolve(ModelFolder.WEIGHTS), SPEC));
    assertThat(source(file("rows.onnx")))
        .isEqualTo(new TeacherSource.Onnx(file("rows.onnx"), OnnxOptions.STANDARD));
    assertThat(TeacherSource.of(file("traced.pt"), false, null))
        .isEqualTo(new TeacherSource.TorchScript(file("traced.pt"), false));
    Path alone = Files.copy(model.resolve(ModelFolder.WEIGHTS), folder.resolve("w.safetensors"));
    refused(() -> source(alone))
        .hasMessage(
            alone
                + " holds weights alone; say which 'architecture' they belong to, or put a"
                + " config.json beside it and name the folder.");
    Path other = Files.createFile(folder.resolve("teacher.h5"));
    refused(() -> source(other))
        .hasMessage(
            other
                + " is no model that is known by its ending; use a model folder, .safetensors,"
                + " .onnx, or TorchScript as .pt.");
    refused(() -> source(folder.resolve("none")))
        .hasMessageStartingWith("There is no file or folder ");
  }

  @Test
  void whatASourceSays_isReadFromItsFiles() {
    TeacherSource model = source(writeModel("model", 1));
    assertThat(model.classes()).isEqualTo(10);
    assertThat(model.input()).isEqualTo(IMAGE);
    assertThat(source(file("dynamic.onnx")).classes()).isEqualTo(10);
    assertThat(source(file("dynamic.onnx")).input()).isEqualTo(IMAGE);
    assertThat(source(file("two-outputs.onnx")).classes()).isZero();
    assertThat(
            new TeacherSource.Onnx(
                    file("two-outputs.onnx"), new OnnxOptions("coarse", Layout.FROM_SHAPE, 0))
                .classes())
        .isEqualTo(3);
    assertThat(source(file("traced.pt")).classes()).isZero();
  }

  @Test
  void hashes_areEqualForEqualAnswersAlone() throws IOException {
    String first = source(writeModel("a", 1)).hash();
    assertThat(first).matches("[0-9a-f]{64}");
    assertThat(source(writeModel("b", 1)).hash()).isEqualTo(first);
    assertThat(source(writeModel("c", 2)).hash()).isNotEqualTo(first);

    Path onnx = Files.copy(file("external.onnx"), folder.resolve("external.onnx"));
    Path weights = Files.copy(file("external.bin"), folder.resolve("external.bin"));
    String before = source(onnx).hash();
    assertThat(before).isEqualTo(source(file("external.onnx")).hash());
    byte[] bytes = Files.readAllBytes(weights);
    bytes[0] ^= 1;
    Files.write(weights, bytes);
    assertThat(source(onnx).hash()).isNotEqualTo(before);

    TeacherSource fine =
        new TeacherSource.Onnx(
            file("two-outputs.onnx"), new OnnxOptions("fine", Layout.FROM_SHAPE, 0));
    TeacherSource coarse =
        new TeacherSource.Onnx(
            file("two-outputs.onnx"), new OnnxOptions("coarse", Layout.FROM_SHAPE, 1));
    assertThat(fine.hash()).isNotEqualTo(coarse.hash());
    assertThat(ensemble(1, 3).hash()).isEqualTo(ensemble(2, 6).hash());
    assertThat(ensemble(1, 3).hash()).isNotEqualTo(ensemble(3, 1).hash());
  }

  private static TeacherSource ensemble(double first, double second) {
    return new TeacherSource.Ensemble(
        List.of(source(file("dynamic.onnx")), source(file("traced.pt"))),
        List.of(first, second),
        new Combine.Probabilities(4));
  }

  @Test
  void descriptions_listInputsOutputsLayersAndParameters() {
    TeacherInfo model = Teachers.describe(source(writeModel("model", 1)));
    assertThat(model.kind()).isEqualTo("student-cnn");
    assertThat(model.inputs()).containsExactly("[batch, 1, 28, 28]");
    assertThat(model.outputs()).containsExactly("[batch, 10]");
    assertThat(model.layers()).startsWith("features", "features.0");
    assertThat(model.parameters()).isEqualTo(105_866);

    TeacherInfo onnx = Teachers.describe(source(file("dynamic.onnx")));
    assertThat(onnx.kind()).isEqualTo("ONNX");
    assertThat(onnx.inputs()).containsExactly("pixels [n, 1, 28, 28] float32");
    assertThat(onnx.layers()).startsWith("/features/features.0/Conv_output_0");

    TeacherInfo script = Teachers.describe(source(file("scripted.pt")));
    assertThat(script.layers()).startsWith("features", "features.0");
    assertThat(script.parameters()).isEqualTo(3518);

    TeacherInfo ensemble = Teachers.describe(ensemble(1, 1));
    assertThat(ensemble.layers())
        .startsWith("0./features/features.0/Conv_output_0")
        .endsWith("1.classifier.3");
    assertThat(ensemble.parameters()).isEqualTo(onnx.parameters() + script.parameters());

    refused(() -> Teachers.describe(new TeacherSource.TorchScript(file("scripted.pt"), false)))
        .hasMessageContaining("--trusted");
  }

  @Test
  void aModelForOtherData_isRefused() {
    Path path = writeModel("model", 1);
    refused(() -> Teachers.open(source(path), List.of(3, 32, 32), 10, List.of()))
        .hasMessage(
            path
                + " takes samples of shape [1, 28, 28], but the data has samples of shape [3, 32,"
                + " 32]; use data of the shape that it was trained on.");
    refused(() -> Teachers.open(source(path), IMAGE, 7, List.of()))
        .hasMessage(
            path
                + " answers with 10 classes, but the data has 7; use a teacher that was trained on"
                + " these classes.");
  }

  @Test
  void oneNumberForTwoClasses_isToldWhatToExport() {
    refused(() -> Trial.requireClasses("spam.onnx", 1, 2))
        .hasMessage(
            "spam.onnx answers with one number for two classes; export it with one for each: 0 and"
                + " z for a logit z, 1 - p and p for a probability p.");
  }

  @Test
  void weightsOfAnotherArchitecture_areRefused() {
    Path weights = writeModel("model", 1).resolve(ModelFolder.WEIGHTS);
    TeacherSource source =
        new TeacherSource.Safetensors(weights, ModelSpec.of("teacher-cnn", IMAGE, 10));
    refused(() -> Teachers.open(source, IMAGE, 10, List.of()))
        .hasMessageStartingWith(weights + " does not fit this architecture: missing: ");
  }

  @Test
  void aFolderOfAnotherLibrary_namesTheArchitecturesThatAreKnown() throws IOException {
    Path config = folder.resolve(ModelFolder.CONFIG);
    Files.writeString(
        config, "{\"architectures\": [\"GPT2LMHeadModel\"], \"model_type\": \"gpt2\"}");
    refused(() -> Teachers.open(source(folder), IMAGE, 10, List.of()))
        .hasMessage(
            config
                + " describes a network of type \"gpt2\". Of networks of other libraries, those of"
                + " type bert, camembert, distilbert, modernbert, roberta, xlm-roberta can be read;"
                + " the architectures that can be built here are "
                + String.join(", ", Architectures.names())
                + ". Export any other network to ONNX and use that file.");
    Files.writeString(
        config, "{\"architecture\": \"vit\", \"input\": [1, 28, 28], \"classes\": 10}");
    refused(() -> Teachers.open(source(folder), IMAGE, 10, List.of()))
        .hasMessageContaining(
            "a network of the architecture 'vit', which is missing here; there are bert, ");
    Files.writeString(config, "{}");
    refused(() -> Teachers.open(source(folder), IMAGE, 10, List.of()))
        .hasMessageStartingWith(config + " describes no architecture. ");
  }

  @Test
  void aFolderWithoutWeightsOrConfiguration_isRefused() throws IOException {
    Path model = writeModel("model", 1);
    Files.delete(model.resolve(ModelFolder.WEIGHTS));
    String noWeights =
        model
            + " holds no weights: neither model.safetensors nor model.safetensors.index.json is"
            + " there. Copy them into it, converted to safetensors if they have another form.";
    refused(() -> Teachers.open(source(model), IMAGE, 10, List.of())).hasMessage(noWeights);
    refused(() -> source(model).hash()).hasMessage(noWeights);
    Path empty = Files.createDirectory(folder.resolve("empty"));
    String noConfig =
        "There is no model in "
            + empty
            + ": config.json is missing. Give a folder that train or distill wrote.";
    refused(() -> Teachers.open(source(empty), IMAGE, 10, List.of())).hasMessage(noConfig);
    refused(() -> source(empty).hash()).hasMessage(noConfig);
  }

  private static TeacherSource source(Path path) {
    return TeacherSource.of(path, true, null);
  }

  private Path writeModel(String name, long seed) {
    Path path = folder.resolve(name);
    try (Model model = Model.create(SPEC, seed)) {
      Normalization normalization = new Normalization(new float[] {0.5f}, new float[] {0.25f});
      ModelFolder.write(path, model, new ModelConfig(SPEC, normalization, List.of()), "card\n");
    }
    return path;
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> refused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    return assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            RanbikiException.class, e -> assertThat(e.kind()).isEqualTo(Kind.MODEL));
  }
}
