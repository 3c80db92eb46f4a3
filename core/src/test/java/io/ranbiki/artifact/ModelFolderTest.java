package io.ranbiki.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Task;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFolderTest {

  private static final ModelSpec SPEC =
      ModelSpec.of("intermediate-cnn", List.of(3, 8, 8), 2, Map.of("hidden", 8));
  private static final ModelConfig CONFIG =
      new ModelConfig(
          SPEC,
          new Normalization(new float[] {0.1f, 0.2f, 0.3f}, new float[] {1, 2, 0.5f}),
          List.of("dog \"x\"", "cat")); // as the data numbers them, not as a dictionary

  @TempDir Path folder;

  private Path written() {
    try (Model model = Model.create(SPEC, 5)) {
      ModelFolder.write(folder.resolve("deep/model"), model, CONFIG, "# card\n");
    }
    return folder.resolve("deep/model");
  }

  @Test
  void writtenModel_readsBackAsItself() throws IOException {
    long before = Tensor.live();
    Path model = written();
    try (Model original = Model.create(SPEC, 5);
        ModelFolder.Loaded loaded = ModelFolder.read(model)) {
      assertThat(loaded.config().spec()).isEqualTo(SPEC);
      assertThat(loaded.config().normalization()).isEqualTo(CONFIG.normalization());
      assertThat(loaded.config().names()).isEqualTo(CONFIG.names());
      original
          .module()
          .state()
          .forEach(
              (name, tensor) ->
                  assertThat(loaded.model().module().state().get(name).toFloats())
                      .as(name)
                      .isEqualTo(tensor.toFloats()));
    }
    assertThat(model.resolve("README.md")).hasContent("# card");
    assertThat(Tensor.live()).isEqualTo(before);
    try (var files = Files.list(model)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("config.json", "model.safetensors", "README.md");
    }
  }

  /** Other programs number the classes by this list, and normalise by these numbers. */
  @Test
  void configuration_holdsClassNamesInTheirOrder_andEachNumberInItsPlace() throws IOException {
    String text = Files.readString(written().resolve("config.json")).replaceAll("\\s", "");
    assertThat(text)
        .contains("\"class-names\":[\"dog\\\"x\\\"\",\"cat\"]")
        .contains("\"normalize\":{\"mean\":[0.1,0.2,0.3],\"std\":[1.0,2.0,0.5]}")
        .contains("\"input\":[3,8,8]")
        .contains("\"options\":{\"hidden\":8}");
  }

  @Test
  void refusedModel_leaksNothing() {
    Path model = written();
    long before = Tensor.live();
    ModelSpec other = ModelSpec.of("intermediate-cnn", List.of(3, 8, 8), 3, Map.of("hidden", 8));
    assertThatThrownBy(() -> ModelFolder.read(model.resolve("model.safetensors"), other))
        .isInstanceOf(RanbikiException.class)
        .hasMessageContaining("misshapen: classifier.2.weight is [2, 8], but must be [3, 8]");
    assertThat(Tensor.live()).isEqualTo(before);
  }

  private void refused(String content, String message) throws IOException {
    Path model = Files.createDirectories(folder.resolve("model"));
    Files.writeString(model.resolve("config.json"), content);
    assertThatThrownBy(() -> ModelFolder.readConfig(model))
        .isInstanceOfSatisfying(
            RanbikiException.class,
            e -> {
              assertThat(e.kind()).isEqualTo(RanbikiException.Kind.MODEL);
              assertThat(e.getMessage())
                  .startsWith(message.replace("#", model.resolve("config.json").toString()))
                  .doesNotContain("com.fasterxml");
            });
  }

  @Test
  void damagedConfigurations_areRefused() throws IOException {
    refused("", "# must hold a JSON object.");
    refused("[]", "# must hold a JSON object.");
    refused(
        "{\"architecture\": ",
        "# is not JSON: Unexpected end-of-input within/between Object entries, in line 1, column 18.");
    refused("{\"input\": [1,\n 2", "# is not JSON: Unexpected end-of-input");
    refused(
        "{}",
        "# describes no architecture. Of networks of other libraries, those of type bert, camembert,");
    refused(
        "{\"architecture\": \"student-cnn\", \"input\": [1, 8, 8]}",
        "# does not describe a model: # has no 'classes'.");
    refused(
        "{\"architecture\": \"student-cnn\", \"input\": [], \"classes\": 2}",
        "# does not describe a model: input shape [] must have one or more lengths");
    refused(
        "{\"architecture\": \"student-cnn\", \"input\": [1, 8, 8], \"classes\": \"two\"}",
        "# does not describe a model: classes 0 must be 1 or more");
    refused(
        "{\"architecture\": \"student-cnn\", \"input\": [1, 8, 8], \"classes\": 3,"
            + " \"class-names\": [\"a\"]}",
        "# does not describe a model: 1 class names for 3 classes");
    refused(
        "{\"architecture\": \"resnet\", \"input\": [1, 8, 8], \"classes\": 3,"
            + " \"options\": {\"depth\": 9}}",
        "# does not describe a model: The architecture 'resnet': 'depth' must be 6n + 2, but is 9.");
  }

  @Test
  void missingFolder_isNamed() {
    assertThatThrownBy(() -> ModelFolder.read(folder.resolve("nowhere")))
        .hasMessage(
            "There is no model in %s: config.json is missing. Give a folder that train or distill wrote.",
            folder.resolve("nowhere"));
  }

  @Test
  void task_isKept_andIsClassesInFoldersOfTheFirstSchema() throws IOException {
    ModelSpec spec = ModelSpec.of("mlp", List.of(2), 2, Map.of("hidden", 2, "layers", 1));
    Path file = folder.resolve(ModelFolder.CONFIG);
    for (Task task :
        List.of(new Task.Numbers(List.of("a", "b")), new Task.Labels(List.of("a", "b")))) {
      try (Model model = Model.create(spec, 1)) {
        ModelFolder.write(folder, model, new ModelConfig(spec, Prepare.NONE, task), "");
      }
      assertThat(Files.readString(file)).contains("\"schema\" : 2", task.word());
      assertThat(ModelFolder.readConfig(folder).task()).isEqualTo(task);
    }
    Files.writeString(
        file,
        """
        {"architecture": "mlp", "input": [2], "classes": 2, "options": {"hidden": 2, "layers": 1},
         "normalize": {"mean": [], "std": []}, "class-names": ["a", "b"]}
        """);
    assertThat(ModelFolder.readConfig(folder))
        .isEqualTo(new ModelConfig(spec, Prepare.NONE, new Task.Classes(List.of("a", "b"))));
    try (ModelFolder.Loaded loaded = ModelFolder.read(folder)) {
      assertThat(loaded.model().spec()).isEqualTo(spec);
    }
  }

  @Test
  void laterSchemasAndTasks_areRefused() throws IOException {
    refused(
        "{\"schema\": 3, \"architecture\": \"mlp\"}",
        "# has the schema 3, but this version of Ranbiki reads 1 to 2. Use a newer version.");
    refused(
        "{\"architecture\": \"mlp\", \"input\": [2], \"classes\": 2, \"task\": \"poems\"}",
        "# does not describe a model: the task 'poems' is unknown to this version of Ranbiki");
  }
}
