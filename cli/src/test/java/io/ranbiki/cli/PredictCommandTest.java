package io.ranbiki.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.artifact.OnnxExport;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.ImageFolder;
import io.ranbiki.data.Task;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Colour;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.serve.Prediction;
import io.ranbiki.serve.Student;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PredictCommandTest {

  /** Answers a row of two numbers with these numbers, as logits. */
  private static final ModelSpec ROWS =
      ModelSpec.of("mlp", List.of(2), 2, Map.of("hidden", 2, "layers", 1));

  private static final ModelSpec IMAGES = ModelSpec.of("student-cnn", List.of(3, 12, 16), 4);

  private static final Normalization COLOURS =
      new Normalization(new float[] {0.4f, 0.5f, 0.6f}, new float[] {0.2f, 0.25f, 0.3f});

  @TempDir Path folder;

  private Path rowModel(@Nullable Normalization normalization, String... classes) {
    Prepare prepare = normalization == null ? null : Prepare.of(normalization);
    return answering(new ModelConfig(ROWS, prepare, new Task.Classes(List.of(classes))));
  }

  private Path answering(ModelConfig config) {
    try (TensorScope scope = TensorScope.open("test");
        Model model = Model.create(ROWS, 1)) {
      Map<String, Tensor> state = model.module().state();
      for (String layer : List.of("layers.0", "layers.2")) {
        state.get(layer + ".weight").copyFrom(Tensors.of(new float[] {1, 0, 0, 1}, 2, 2));
        state.get(layer + ".bias").copyFrom(Tensors.zeros(2));
      }
      ModelFolder.write(folder.resolve("rows"), model, config, "a model for tests");
      OnnxExport.write(
          folder.resolve("rows.onnx"), model.module(), config, OnnxExport.Options.STANDARD);
    }
    return folder.resolve("rows");
  }

  private ModelConfig imageModel() {
    ModelConfig config = new ModelConfig(IMAGES, COLOURS, List.of("a", "b", "c, d", "é"));
    try (Model model = Model.create(IMAGES, 1)) {
      ModelFolder.write(folder.resolve("images"), model, config, "a model for tests");
      OnnxExport.write(
          folder.resolve("student.onnx"), model.module(), config, OnnxExport.Options.STANDARD);
      OnnxExport.write(
          folder.resolve("raw.onnx"),
          model.module(),
          config,
          new OnnxExport.Options(OnnxExport.WeightType.FLOAT32, true, true, Map.of(), Map.of()));
    }
    return config;
  }

  private Path image(String name, int width, int height) throws IOException {
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Random random = new Random(name.hashCode());
    for (int i = 0; i < width * height; i++) {
      picture.setRGB(i % width, i / width, random.nextInt(1 << 24));
    }
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    ImageIO.write(picture, name.substring(name.lastIndexOf('.') + 1), file.toFile());
    return file;
  }

  private Path rows(String text) throws IOException {
    return Files.writeString(folder.resolve("rows.csv"), text);
  }

  private static Typed predict(Object... words) {
    String[] all = new String[words.length + 1];
    all[0] = "predict";
    for (int i = 0; i < words.length; i++) {
      all[i + 1] = words[i].toString();
    }
    return Typed.run(all);
  }

  private static void refused(Typed typed, int exitCode, String message) {
    assertThat(typed.err()).isEqualTo("error: " + message + System.lineSeparator());
    assertThat(typed.exitCode()).isEqualTo(exitCode);
  }

  @Test
  void training_andService_seeTheSameBits() throws IOException {
    imageModel();
    Path png = image("set/a/1.png", 16, 12);
    Path jpg = image("set/b/2.jpg", 16, 12);
    try (Student normalizing = Student.load(folder.resolve("student.onnx"));
        Student raw = Student.load(folder.resolve("raw.onnx"));
        Dataset data = ImageFolder.open(folder.resolve("set"), Colour.RGB);
        ModelFolder.Loaded loaded = ModelFolder.read(folder.resolve("images"))) {
      for (Path file : List.of(png, jpg)) {
        float[] sample = data.numbers(file.equals(png) ? 0 : 1);
        assertThat(normalizing.preparation().apply(file)).containsExactly(sample);
        COLOURS.apply(sample, 0, data.shape());
        assertThat(raw.preparation().apply(file)).containsExactly(sample);
        float[] logits = logits(loaded.model(), sample);
        assertThat(raw.predict(file).logits()).containsExactly(logits, within(1e-5f));
        assertThat(normalizing.predict(file).logits()).containsExactly(logits, within(1e-5f));
      }
    }
  }

  private static float[] logits(Model model, float[] sample) {
    model.module().eval();
    try (NoGrad noGrad = new NoGrad();
        TensorScope scope = TensorScope.open("test")) {
      return model.apply(Tensors.of(sample, 1, 3, 12, 16)).toFloats();
    }
  }

  @Test
  void runFolderModelFolderAndOnnxFile_answerAlike() throws IOException {
    imageModel();
    Path png = image("set/a/1.png", 16, 12);
    Path run = Files.createDirectories(folder.resolve("run"));
    Files.writeString(run.resolve("config.yaml"), "name: run\n");
    refused(
        predict(run, png),
        4,
        "The run " + run + " has no student yet. Go on with: ranbiki resume " + run);
    Files.move(folder.resolve("images"), run.resolve("model"));
    String expected;
    try (Student student = Student.load(folder.resolve("student.onnx"))) {
      Prediction prediction = student.predict(png);
      expected =
          String.format(
              java.util.Locale.ROOT,
              "%s: %s (%.3f)%n",
              png,
              prediction.name(),
              prediction.probability());
    }
    for (Path model : List.of(run, run.resolve("model"), folder.resolve("student.onnx"))) {
      Typed typed = predict(model, png);
      assertThat(typed.err()).isEmpty();
      assertThat(typed.out()).isEqualTo(expected);
      assertThat(typed.exitCode()).isZero();
    }
  }

  @Test
  void folders_areSearchedAndBadFilesDoNotStopTheOthers() throws IOException {
    imageModel();
    Path png = image("set/a/1.png", 16, 12);
    Path large = image("set/a/2.png", 17, 12);
    Path broken = Files.writeString(folder.resolve("set/a/3.jpg"), "hello");
    Path jpg = image("set/b/2.jpg", 16, 12);
    Files.writeString(folder.resolve("set/note.txt"), "no image");
    Typed typed = predict(folder.resolve("student.onnx"), folder.resolve("set"));
    assertThat(typed.exitCode()).isEqualTo(3);
    assertThat(typed.out().lines())
        .satisfiesExactly(
            line -> assertThat(line).startsWith(png + ": "),
            line -> assertThat(line).startsWith(jpg + ": "));
    assertThat(typed.err().lines())
        .containsExactly(
            "error: "
                + large
                + " is 17 x 12 pixels large, but the network takes images of 16 x 12. Bring it to"
                + " that size.",
            "error: "
                + broken
                + " is empty, damaged, or not a PNG, JPEG, BMP, GIF or WebP image. Replace or"
                + " remove it.");
    JsonNode line =
        new ObjectMapper()
            .readTree(predict(folder.resolve("student.onnx"), broken, "--json").out());
    assertThat(line.path("input").asText()).isEqualTo(broken.toString());
    assertThat(line.path("error").asText()).startsWith(broken + " is empty, damaged");
  }

  @Test
  void rows_areAnsweredByTheirPlace() throws IOException {
    Path model = rowModel(new Normalization(new float[] {1, 0}, new float[] {1, 2}), "no", "yes");
    // After normalization: [0, 0] and [ln 3, 0].
    Path rows = rows("1,0\n%s,0\n".formatted(1 + Math.log(3)));
    Typed typed = predict(model, rows, "--top", 2);
    assertThat(typed.err()).isEmpty();
    assertThat(typed.out().lines())
        .containsExactly(
            "row 1 of " + rows + ": no (0.500), yes (0.500)",
            "row 2 of " + rows + ": no (0.750), yes (0.250)");
    Typed json = predict(model, rows, "--json");
    JsonNode last = new ObjectMapper().readTree(json.out().lines().toList().get(1));
    assertThat(last.path("class").asText()).isEqualTo("no");
    assertThat(last.path("probabilities").path("yes").asDouble()).isCloseTo(0.25, within(1e-6));
    assertThat(predict(model, rows, "--json", "--top", 1).out()).doesNotContain("yes");
    Typed typedRow = predict(model, rows, "--row", "1, 0");
    assertThat(typedRow.out()).startsWith("1, 0: no (0.500)");
    assertThat(predict(model, rows, "--row", "a=1").err())
        .isEqualToIgnoringNewLines(
            "error: The row has 'a=1', but the network takes 2 numbers without names. Give them in"
                + " the order of the training.");
  }

  @Test
  void labels_areAnsweredEachByItself_alikeByFolderAndFile() throws IOException {
    Path model =
        answering(new ModelConfig(ROWS, Prepare.NONE, new Task.Labels(List.of("dear", "odd"))));
    // Sigmoids of ln 3 and 0 behind the rectifier: 3 against 1, and 1 against 1.
    Path rows = rows("code,a,b,c\nx1,%s,0,1\nx2,0,0,\n".formatted(Math.log(3)));
    for (Path from : List.of(model, folder.resolve("rows.onnx"))) {
      Typed typed = predict(from, rows, "--key", "code", "--label", "c");
      assertThat(typed.err()).isEmpty();
      assertThat(typed.out().lines())
          .containsExactly("x1: dear (0.750), odd (0.500)", "x2: dear (0.500), odd (0.500)");
      JsonNode line =
          new ObjectMapper()
              .readTree(
                  predict(from, rows, "--key=code", "--label=c", "--json")
                      .out()
                      .lines()
                      .toList()
                      .get(0));
      assertThat(line.path("labels")).extracting(JsonNode::asText).containsExactly("dear", "odd");
      assertThat(line.path("probabilities").path("dear").asDouble()).isCloseTo(0.75, within(1e-6));
    }
  }

  @Test
  void numbers_areAnsweredByTheirNames_alikeByFolderAndFile() throws IOException {
    Path model =
        answering(new ModelConfig(ROWS, Prepare.NONE, new Task.Numbers(List.of("price", "age"))));
    Path rows = rows("code,a,b,price\nx1,120000.5,7,words\n");
    for (Path from : List.of(model, folder.resolve("rows.onnx"))) {
      Typed typed = predict(from, rows, "--key", "code", "--label", "price");
      assertThat(typed.err()).isEmpty();
      assertThat(typed.out().lines()).containsExactly("x1: price 120001, age 7.0000");
      assertThat(predict(from, rows, "--key", "code", "--label", "price", "--json").out())
          .isEqualToIgnoringNewLines(
              "{\"input\":\"x1\",\"numbers\":{\"price\":120000.5,\"age\":7.0}}");
      Typed top = predict(from, rows, "--top", 1);
      assertThat(top.err())
          .contains(
              "--top is for classes and labels, but the student answers numbers; leave it out.");
      assertThat(top.exitCode()).isEqualTo(2);
    }
  }

  @Test
  void probabilitiesInTheFile_areThoseOfTheTask() {
    OnnxExport.Options probabilities =
        new OnnxExport.Options(OnnxExport.WeightType.FLOAT32, true, true, Map.of(), Map.of());
    try (Model model = Model.create(ROWS, 1)) {
      ModelConfig labels =
          new ModelConfig(ROWS, Prepare.NONE, new Task.Labels(List.of("dear", "odd")));
      assertThat(new String(OnnxExport.bytes(model.module(), labels, probabilities), UTF_8))
          .contains("Sigmoid")
          .doesNotContain("Softmax");
      ModelConfig numbers =
          new ModelConfig(ROWS, Prepare.NONE, new Task.Numbers(List.of("price", "age")));
      assertThatThrownBy(() -> OnnxExport.bytes(model.module(), numbers, probabilities))
          .isInstanceOf(RanbikiException.class)
          .hasMessage(
              "mlp(hidden=2, layers=1) answers numbers, of which none is a probability. Leave"
                  + " --probabilities out.");
    }
  }

  @Test
  void rowsThatDoNotFit_areRefused_andTheAdviceHelps() throws IOException {
    Path model = rowModel(Normalization.none(), "no", "yes");
    Path rows = rows("x;y;class\n1;2;yes\n");
    refused(
        predict(model, rows),
        3,
        "Line 1 of "
            + rows
            + " has 'x;y;class' in column 0, but a feature must be a finite number. If another"
            + " character stands between the values, say --delimiter \";\".");
    refused(
        predict(model, rows, "--delimiter", ";"),
        3,
        "Line 1 of "
            + rows
            + " has 'x' in column 0, but a feature must be a finite number. If the first line names"
            + " the columns, say --header.");
    Path numbers = rows("x;y;z\n1;2;3\n");
    refused(
        predict(model, numbers, "--delimiter", ";", "--header"),
        3,
        numbers
            + " has 3 numbers in a row, but the network takes 2. Take its columns in their order;"
            + " one that is not for the network can be left out with --label.");
    Typed typed = predict(model, numbers, "--delimiter", ";", "--header", "--label", "z");
    assertThat(typed.out()).startsWith("row 1 of " + numbers + ": yes (0.731)");
    imageModel();
    refused(
        predict(folder.resolve("student.onnx"), numbers),
        3,
        numbers
            + " holds rows of numbers, but the network takes images of 16 x 12 pixels. Give it PNG"
            + " or JPEG files.");
  }

  @Test
  void modelsThatCannotAnswer_areRefusedByWhatToDo() throws IOException {
    Path png = image("1.png", 16, 12);
    refused(
        predict(folder.resolve("none"), png),
        4,
        folder.resolve("none")
            + " is neither a run folder, nor a model folder, nor an ONNX file. Give one that train,"
            + " distill or export wrote.");
    Path model = rowModel(null);
    refused(
        predict(model, rows("1,2\n")),
        4,
        model.resolve("config.json")
            + " does not say how inputs are normalized. Add \"normalize\": {\"mean\": [0.5],"
            + " \"std\": [0.25]} with the numbers of its training, or with empty lists for none.");
    Path config = model.resolve("config.json");
    Files.writeString(
        config,
        Files.readString(config)
            .replaceFirst("\\{", "{\"normalize\": {\"mean\": [], \"std\": []},"));
    // Classes without names are numbers.
    assertThat(predict(model, rows("1,2\n")).out()).contains(": 1 (0.731)");
  }

  @Test
  void exportedFileWithoutClasses_isRefused_andTheAdviceHelps() throws IOException {
    Path rows = rows("1,2\n");
    Path file = folder.resolve("student.onnx");
    for (List<String> classes : List.of(List.<String>of(), List.of("no", "yes"))) {
      Path model = rowModel(Normalization.none(), classes.toArray(String[]::new));
      try (ModelFolder.Loaded loaded = ModelFolder.read(model)) {
        OnnxExport.write(
            file, loaded.model().module(), loaded.config(), OnnxExport.Options.STANDARD);
      }
      if (classes.isEmpty()) {
        refused(
            predict(file, rows),
            4,
            file
                + " does not name its classes (ranbiki.classes is not in its metadata). Add"
                + " class-names to config.json of the model folder, and export it again.");
      }
    }
    assertThat(predict(file, rows).out())
        .isEqualTo("row 1 of " + rows + ": yes (0.731)" + System.lineSeparator());
  }

  @Test
  void damagedOnnxFile_isRefusedBeforeItRuns() throws IOException {
    imageModel();
    Path file = folder.resolve("student.onnx");
    Files.write(file, java.util.Arrays.copyOf(Files.readAllBytes(file), 1000));
    Typed typed = predict(file, image("1.png", 16, 12));
    assertThat(typed.exitCode()).isEqualTo(4);
    assertThat(typed.err()).startsWith("error: " + file + " is not a whole ONNX model: ");
  }

  @Test
  void folderWithoutImages_andOptionsOutOfRange_areRefused() throws IOException {
    imageModel();
    Path student = folder.resolve("student.onnx");
    Path empty = Files.createDirectories(folder.resolve("empty"));
    refused(
        predict(student, empty),
        3,
        "The folder "
            + empty
            + " holds no file that ends in .png, .jpg, .jpeg, .bmp, .gif, .webp or .wav. Put some"
            + " into it, or name another.");
    Path missing = folder.resolve("none.png");
    refused(
        predict(student, missing),
        3,
        "There is no file or folder " + missing + ". Check the path.");
    assertThat(predict(student, empty, "--top", 0).err())
        .startsWith("error: --top is 0; give 1 or more.");
    assertThat(predict(student, empty, "--delimiter", "").err())
        .startsWith("error: --delimiter is ''; give one character, or \\t for a tab.");
    assertThat(predict(student).err()).startsWith("error: Missing required parameter");
  }
}
