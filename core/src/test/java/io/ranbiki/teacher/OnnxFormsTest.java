package io.ranbiki.teacher;

import static io.ranbiki.teacher.Foreign.batch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import io.ranbiki.artifact.OnnxFile;
import io.ranbiki.artifact.Weights;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One small network in the forms in which people have ONNX files: made, and answered by PyTorch,
 * ONNX Runtime and scikit-learn, in make_onnx_forms.py.
 */
class OnnxFormsTest {

  private static final List<Integer> IMAGE = List.of(1, 2, 3);
  private static final List<Integer> ROW = List.of(6);
  private static final List<Integer> COLOUR = List.of(3, 2, 3);
  private static final int CLASSES = 4;

  @TempDir Path folder;

  private static Path file(String name) {
    try {
      return Path.of(OnnxFormsTest.class.getResource("/onnx-forms/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, Tensor> expected() {
    return Weights.readTensors(file("expected.safetensors"));
  }

  private static OnnxTeacher open(
      String name, List<Integer> sample, @Nullable String output, Layout layout) {
    return OnnxTeacher.open(
        file(name + ".onnx"), sample, CLASSES, List.of(), new OnnxOptions(output, layout, 0));
  }

  private static OnnxTeacher open(String name, List<Integer> sample) {
    return open(name, sample, null, Layout.FROM_SHAPE);
  }

  private static void requireEqual(Tensor actual, Tensor expected, float tolerance) {
    assertThat(actual.shape()).isEqualTo(expected.shape());
    assertThat(actual.toFloats()).containsExactly(expected.toFloats(), within(tolerance));
  }

  private static void refused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            RanbikiException.class, e -> assertThat(e.kind()).isEqualTo(Kind.MODEL))
        .hasMessage(message);
  }

  @ParameterizedTest
  @CsvSource({
    "flat, logits, 1e-5",
    "no-channel, logits, 1e-5",
    "free, logits, 1e-5",
    "free-flat, logits, 1e-5",
    "uint8-nhwc, logits, 1e-5",
    "float64, logits, 1e-5",
    "float16, logits, 5e-3",
    "output-float64, logits, 1e-5",
    "output-4d, logits, 1e-5",
    "output-3d, logits, 1e-5",
    "label-and-probabilities, probabilities, 1e-5",
    "zipmap, probabilities, 1e-5",
    "text, logits, 1e-5",
  })
  void images_areAnsweredAsByPyTorch(String name, String answer, float tolerance) {
    try (TensorScope scope = TensorScope.open("test");
        OnnxTeacher teacher = open(name, IMAGE)) {
      Map<String, Tensor> expected = expected();
      requireEqual(
          teacher.signal(batch(expected.get("images"))).logits(), expected.get(answer), tolerance);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "flat, logits",
    "free-flat, logits",
    "image-for-rows, logits",
    "no-channel, logits",
    "zipmap, probabilities",
    "tree-zipmap, tree"
  })
  void rows_areAnsweredAsByPyTorchAndScikitLearn(String name, String answer) {
    try (TensorScope scope = TensorScope.open("test");
        OnnxTeacher teacher = open(name, ROW)) {
      Map<String, Tensor> expected = expected();
      Tensor rows = expected.get("images").reshape(5, 6);
      requireEqual(teacher.signal(batch(rows)).logits(), expected.get(answer), 1e-5f);
    }
  }

  @Test
  void flattenedColours_needTheOrderThatTheyWereFlattenedIn() {
    String advice =
        "colour-flat.onnx takes inputs x [n, 18], the pixels of samples of shape [3, 2, 3] in one"
            + " row, and does not say whether channels come first or last; say it: teacher.layout"
            + " nchw, as PyTorch flattens, or nhwc, as TensorFlow.";
    refused(() -> open("colour-flat", COLOUR), advice);
    try (TensorScope scope = TensorScope.open("test");
        OnnxTeacher first = open("colour-flat", COLOUR, null, Layout.NCHW);
        OnnxTeacher last = open("colour-flat", COLOUR, null, Layout.NHWC)) {
      Map<String, Tensor> expected = expected();
      Tensor colour = expected.get("colour");
      requireEqual(first.signal(batch(colour)).logits(), expected.get("colour-chw"), 1e-5f);
      requireEqual(last.signal(batch(colour)).logits(), expected.get("colour-hwc"), 1e-5f);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {"flat; 1,3,3", "flat; 7", "no-channel; 1,3,2", "flat; 3,2,3"})
  void otherSamples_areRefused(String name, String shape) {
    List<Integer> sample = java.util.Arrays.stream(shape.split(",")).map(Integer::valueOf).toList();
    refused(
        () -> open(name, sample),
        name
            + ".onnx takes inputs x "
            + (name.equals("flat") ? "[n, 6]" : "[n, 2, 3]")
            + ", but the data has samples of shape "
            + sample
            + "; use data of the shape that it was trained on.");
  }

  @Test
  void bytes_needPixelsThatWereNotNormalized() {
    try (TensorScope scope = TensorScope.open("test");
        OnnxTeacher teacher = open("uint8-nhwc", IMAGE)) {
      Tensor images = expected().get("images");
      assertThatThrownBy(() -> teacher.signal(batch(images.sub(2))))
          .hasMessageStartingWith("uint8-nhwc.onnx takes uint8, 0 to 255, but a sample holds -1.")
          .hasMessageEndingWith("; leave data.normalize out, so that pixels are 0 to 1.");
      teacher.signal(batch(images));
    }
  }

  @Test
  void inputsOfOtherTypes_areRefused() {
    refused(
        () -> open("int64", IMAGE),
        "int64.onnx takes input x [n, 1, 2, 3] of type INT64; export it with an input of float32"
            + " (or float16, float64, or uint8 for pixels).");
  }

  @Test
  void aListOfMaps_isReadAsTheTensorThatItIsMadeOf_andThatIsSaid() {
    for (String named : new String[] {null, "output_probability", "p"}) {
      try (OnnxTeacher teacher = open("zipmap", ROW, named, Layout.FROM_SHAPE)) {
        assertThat(teacher.notes())
            .containsExactly(
                "The output output_probability of zipmap.onnx is a list of maps; the tensor p that it is"
                    + " made of is read instead.");
      }
    }
    try (OnnxTeacher teacher = open("flat", ROW)) {
      assertThat(teacher.notes()).isEmpty();
    }
  }

  @Test
  void outputsThatCannotBeLogits_areNamed_withAdviceThatCanBeFollowed() {
    refused(
        () -> open("one-column-a-class", IMAGE),
        "one-column-a-class.onnx has no output that can be logits [batch, 4], among p [n, 1], q [n,"
            + " 1], r [n, 1], s [n, 1]; export it with one tensor for all classes (of scikit-learn"
            + " with the option zipmap: False).");
    open("zipmap", ROW).close(); // what that option makes is inside this file
    refused(
        () -> open("two-heads", IMAGE),
        "two-heads.onnx has 2 outputs that can be logits [batch, 4], among logits [n, 4], other [n,"
            + " 4]; name the one to use: teacher.output in the configuration, or --output for"
            + " inspect.");
    open("two-heads", IMAGE, "other", Layout.FROM_SHAPE).close();
    refused(
        () -> open("label-and-probabilities", IMAGE, "output_label", Layout.FROM_SHAPE),
        "label-and-probabilities.onnx answers in output output_label [n] with numbers of type"
            + " INT64, which can be decisions but no logits; name an output of floating-point"
            + " numbers (teacher.output in the configuration, or --output for inspect), or export"
            + " it with one.");
    open("label-and-probabilities", IMAGE, "probabilities", Layout.FROM_SHAPE).close();
  }

  @Test
  void aNewerIrVersion_isTheReasonThatIsNamed_andLoweringItHelps() throws IOException {
    Path newer = file("opset17-ir14.onnx");
    refused(
        () -> open("opset17-ir14", IMAGE),
        newer
            + " cannot be run: Unsupported model IR version: 14, max supported IR version: 13."
            + " Lower the number, which changes nothing else: python3 -c \"import onnx, sys; f ="
            + " sys.argv[1]; m = onnx.load(f); m.ir_version = 10; onnx.save(m, f)\" '"
            + newer
            + "'");
    byte[] model = Files.readAllBytes(newer);
    assertThat(model).startsWith(8, 14); // field 1 of the model is its IR version
    model[1] = 10;
    Path lowered = Files.write(folder.resolve("opset17-ir14.onnx"), model);
    try (TensorScope scope = TensorScope.open("test");
        OnnxTeacher teacher =
            OnnxTeacher.open(lowered, IMAGE, CLASSES, List.of(), OnnxOptions.STANDARD)) {
      Map<String, Tensor> expected = expected();
      requireEqual(
          teacher.signal(batch(expected.get("images"))).logits(), expected.get("logits"), 1e-5f);
    }
  }

  @Test
  void aNewerOpset_needsAnotherExport_whateverTheIrVersion() throws IOException {
    byte[] model = Files.readAllBytes(file("opset17-ir14.onnx"));
    assertThat(model).endsWith(0x42, 4, 0x0a, 0, 0x10, 17); // operators of no domain, version 17
    model[model.length - 1] = 28;
    Path newer = Files.write(folder.resolve("newer.onnx"), model);
    assertThatThrownBy(
            () -> OnnxTeacher.open(newer, IMAGE, CLASSES, List.of(), OnnxOptions.STANDARD))
        .hasMessageEndingWith(". Export it again, for opset 17 say.");
    open("free", IMAGE).close(); // which is of opset 17
  }

  // ---- what the files say

  @ParameterizedTest
  @ValueSource(strings = {"output-4d", "output-3d", "flat", "text"})
  void theNumberOfClasses_isReadFromTheFile(String name) {
    assertThat(new TeacherSource.Onnx(file(name + ".onnx"), OnnxOptions.STANDARD).classes())
        .isEqualTo(CLASSES);
  }

  @Test
  void whatIsNotKnown_isSaidToBeUnknown() {
    assertThat(OnnxFile.read(file("zipmap.onnx")).info().outputs())
        .extracting(Object::toString)
        .containsExactly("output_label [?] int64", "output_probability [unknown] sequence");
    assertThat(OnnxFile.read(file("text.onnx")).info().outputs())
        .extracting(Object::toString)
        .containsExactly("logits [n, 4] float32", "name [n] string");
    assertThat(parameters("flat.onnx")).isEqualTo(28);
    assertThat(parameters("tree-zipmap.onnx")).isNull();
    assertThat(
            Teachers.describe(
                    new TeacherSource.Ensemble(
                        List.of(source("flat.onnx"), source("tree-zipmap.onnx")),
                        List.of(),
                        new Combine.Logits()))
                .parameters())
        .isNull();
  }

  private static TeacherSource source(String name) {
    return new TeacherSource.Onnx(file(name), OnnxOptions.STANDARD);
  }

  private static @Nullable Long parameters(String name) {
    return Teachers.describe(source(name)).parameters();
  }
}
