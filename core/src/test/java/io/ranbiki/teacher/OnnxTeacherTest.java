package io.ranbiki.teacher;

import static io.ranbiki.teacher.Foreign.IMAGE;
import static io.ranbiki.teacher.Foreign.ROW;
import static io.ranbiki.teacher.Foreign.batch;
import static io.ranbiki.teacher.Foreign.expected;
import static io.ranbiki.teacher.Foreign.file;
import static io.ranbiki.teacher.Foreign.requireEqual;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import io.ranbiki.nn.Signal;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OnnxTeacherTest {

  private static final String FIRST = "/features/features.0/Conv_output_0";
  private static final String BLOCK = "/features/features.3/Relu_output_0";
  private static final String HIDDEN = "/classifier/classifier.1/Gemm_output_0";

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"dynamic.onnx", "fixed.onnx", "nhwc.onnx", "external.onnx"})
  void logits_areThoseOfPyTorch(String name) {
    try (TensorScope scope = TensorScope.open("test");
        OnnxTeacher teacher = open(name)) {
      Map<String, Tensor> expected = expected();

      Signal signal = teacher.signal(batch(expected.get("images")));

      requireEqual(signal.logits(), expected.get("logits"));
      assertThat(signal.features()).isEmpty();
      assertThat(teacher.classes()).isEqualTo(10);
      assertThat(teacher.title()).isEqualTo(name);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"dynamic.onnx", "fixed.onnx", "external.onnx"})
  void tensorsInside_areThoseOfPyTorch(String name) {
    try (TensorScope scope = TensorScope.open("test");
        OnnxTeacher teacher =
            OnnxTeacher.open(
                file(name), IMAGE, 10, List.of(FIRST, BLOCK, HIDDEN), OnnxOptions.STANDARD)) {
      Map<String, Tensor> expected = expected();

      Signal signal = teacher.signal(batch(expected.get("images")));

      requireEqual(signal.feature(FIRST), expected.get("tap.features.0"));
      requireEqual(signal.feature(BLOCK), expected.get("tap.features.3"));
      requireEqual(signal.feature(HIDDEN), expected.get("tap.classifier.1"));
      requireEqual(signal.logits(), expected.get("logits"));
    }
  }

  @Test
  void theLogitsThemselves_canBeAFeature() {
    try (TensorScope scope = TensorScope.open("test");
        OnnxTeacher teacher =
            OnnxTeacher.open(
                file("dynamic.onnx"), IMAGE, 10, List.of("scores"), OnnxOptions.STANDARD)) {
      Map<String, Tensor> expected = expected();
      Signal signal = teacher.signal(batch(expected.get("images")));
      requireEqual(signal.feature("scores"), expected.get("logits"));
      requireEqual(signal.logits(), expected.get("logits"));
    }
  }

  @Test
  void aSingleThread_answersTheSame() {
    try (TensorScope scope = TensorScope.open("test");
        OnnxTeacher teacher =
            OnnxTeacher.open(
                file("dynamic.onnx"),
                IMAGE,
                10,
                List.of(),
                new OnnxOptions(null, Layout.FROM_SHAPE, 1))) {
      Map<String, Tensor> expected = expected();
      requireEqual(teacher.signal(batch(expected.get("images"))).logits(), expected.get("logits"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"dynamic.onnx", "fixed.onnx"})
  void partsOfABatch_areAnsweredAsThePythonOnesWere_inTheirOrder(String name) {
    OnnxOptions inParts = new OnnxOptions(null, Layout.FROM_SHAPE, 3).withParts();
    try (TensorScope scope = TensorScope.open("test");
        OnnxTeacher teacher =
            OnnxTeacher.open(file(name), IMAGE, 10, List.of(FIRST, HIDDEN), inParts)) {
      Map<String, Tensor> expected = new HashMap<>(expected());
      expected.replaceAll((tensor, values) -> Tensors.cat(Collections.nCopies(5, values), 0));
      long before = Tensor.live();
      Signal signal = teacher.signal(batch(expected.get("images")));
      assertThat(Tensor.live() - before).isLessThan(8);
      requireEqual(signal.logits(), expected.get("logits"));
      requireEqual(signal.feature(FIRST), expected.get("tap.features.0"));
      requireEqual(signal.feature(HIDDEN), expected.get("tap.classifier.1"));
    }
  }

  @Test
  void rowsOfNumbers_areAnsweredToo() {
    try (TensorScope scope = TensorScope.open("test");
        OnnxTeacher teacher =
            OnnxTeacher.open(file("rows.onnx"), ROW, 0, List.of(), OnnxOptions.STANDARD)) {
      Map<String, Tensor> expected = Foreign.expectedRows();
      requireEqual(teacher.signal(batch(expected.get("rows"))).logits(), expected.get("matmul"));
      assertThat(teacher.classes()).isEqualTo(3);
    }
  }

  @Test
  void anAnswer_leavesOnlyItsOwnTensorsBehind() {
    try (TensorScope scope = TensorScope.open("test");
        OnnxTeacher teacher =
            OnnxTeacher.open(file("fixed.onnx"), IMAGE, 10, List.of(FIRST), OnnxOptions.STANDARD)) {
      var batch = batch(expected().get("images"));
      long before = Tensor.live();
      teacher.signal(batch);
      assertThat(Tensor.live() - before).isEqualTo(2);
    }
  }

  @Test
  void severalOutputs_theOnlyOneWithTheDatasClassesIsTaken() {
    try (TensorScope scope = TensorScope.open("test");
        OnnxTeacher fine = open("two-outputs.onnx", 10, null);
        OnnxTeacher coarse = open("two-outputs.onnx", 3, null);
        OnnxTeacher named = open("two-outputs.onnx", 0, "coarse")) {
      Map<String, Tensor> expected = expected();
      requireEqual(fine.signal(batch(expected.get("images"))).logits(), expected.get("logits"));
      assertThat(coarse.classes()).isEqualTo(3);
      assertThat(named.classes()).isEqualTo(3);
    }
  }

  @Test
  void severalPossibleOutputs_askForAName() {
    refused(() -> open("two-outputs.onnx", 0, null))
        .hasMessage(
            "two-outputs.onnx has 2 outputs that can be logits [batch, classes], among fine [n, 10], coarse [n, 3]; name the one to use: teacher.output in the configuration, or --output for inspect.");
  }

  @Test
  void anUnknownOutput_isRefusedWithTheNearest() {
    assertThatThrownBy(() -> open("two-outputs.onnx", 10, "fin"))
        .isInstanceOf(RanbikiException.class)
        .hasMessage("two-outputs.onnx has no output 'fin'; the nearest are 'fine', 'coarse'.");
  }

  @Test
  void anUnknownLayer_isRefusedWithTheNearest() {
    assertThatThrownBy(
            () ->
                OnnxTeacher.open(
                    file("dynamic.onnx"),
                    IMAGE,
                    10,
                    List.of("/features/features.0/Conv_output"),
                    OnnxOptions.STANDARD))
        .isInstanceOf(RanbikiException.class)
        .hasMessageStartingWith(
            "dynamic.onnx has no layer '/features/features.0/Conv_output'; the nearest are '"
                + FIRST
                + "', ");
  }

  @Test
  void anotherNumberOfClasses_isRefused() {
    refused(() -> open("dynamic.onnx", 7, null))
        .hasMessage(
            "dynamic.onnx answers with 10 classes, but the data has 7; use a teacher that was trained on these classes.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"dynamic.onnx", "nhwc.onnx"})
  void anotherNumberOfChannels_isRefused(String name) {
    refused(
            () ->
                OnnxTeacher.open(
                    file(name), List.of(3, 28, 28), 10, List.of(), OnnxOptions.STANDARD))
        .hasMessageStartingWith(name + " takes inputs ")
        .hasMessageEndingWith(
            ", but the data has samples of shape [3, 28, 28]; use data of the shape that it was trained on.");
  }

  @Test
  void anotherLayoutThanTheFiles_isRefused() {
    refused(
            () ->
                OnnxTeacher.open(
                    file("dynamic.onnx"),
                    IMAGE,
                    10,
                    List.of(),
                    new OnnxOptions(null, Layout.NHWC, 0)))
        .hasMessage(
            "dynamic.onnx takes inputs pixels [n, 1, 28, 28], read as NHWC, but the data has samples of shape [1, 28, 28]; use data of the shape that it was trained on.");
  }

  @Test
  void rowsForAnImageModel_areItsPixelsRowByRow() {
    try (TensorScope scope = TensorScope.open("test");
        OnnxTeacher teacher =
            OnnxTeacher.open(
                file("dynamic.onnx"), List.of(784), 10, List.of(), OnnxOptions.STANDARD)) {
      Tensor images = expected().get("images");
      requireEqual(
          teacher.signal(batch(images.reshape(images.size(0), 784))).logits(),
          expected().get("logits"));
    }
    refused(
            () ->
                OnnxTeacher.open(
                    file("dynamic.onnx"), List.of(783), 10, List.of(), OnnxOptions.STANDARD))
        .hasMessageContaining("samples of shape [783]");
  }

  @Test
  void aBatchOfAnotherShape_isRefused() {
    try (TensorScope scope = TensorScope.open("test");
        OnnxTeacher teacher = open("dynamic.onnx")) {
      assertThatThrownBy(() -> teacher.signal(batch(Tensors.zeros(2, 1, 32, 32))))
          .isInstanceOf(RanbikiException.class)
          .hasMessage(
              "dynamic.onnx was opened for samples of shape [1, 28, 28], but got a batch of shape [2, 1, 32, 32].");
    }
  }

  @Test
  void severalInputs_areRefused() {
    refused(
            () ->
                OnnxTeacher.open(file("two-inputs.onnx"), ROW, 3, List.of(), OnnxOptions.STANDARD))
        .hasMessage(
            "two-inputs.onnx asks for 2 inputs (x [n, 6], mask [n, 3]); a teacher takes one, the samples. Export it with one input.");
  }

  @Test
  void anInputOfBytes_takesRowsOfWholeNumbers() {
    try (TensorScope scope = TensorScope.open("test");
        OnnxTeacher teacher =
            OnnxTeacher.open(file("bytes.onnx"), ROW, 3, List.of(), OnnxOptions.STANDARD)) {
      teacher.signal(batch(Tensors.ones(2, 6).mul(255)));
      for (double other : new double[] {0.5, -1, 256}) {
        refused(() -> teacher.signal(batch(Tensors.ones(2, 6).mul(other))))
            .hasMessage(
                "bytes.onnx takes uint8, 0 to 255, but a sample holds "
                    + other
                    + "; use data of such numbers, or export it with a float32 input.");
      }
    }
  }

  @Test
  void answersThatChangeFromCallToCall_areRefused() {
    refused(() -> OnnxTeacher.open(file("noisy.onnx"), ROW, 3, List.of(), OnnxOptions.STANDARD))
        .hasMessage(
            "noisy.onnx answers the same samples differently each time; export it in evaluation mode (model.eval()).");
  }

  @Test
  void aMissingFile_isRefused() {
    Path missing = folder.resolve("missing.onnx");
    refused(() -> open(missing))
        .hasMessage("There is no file " + missing + "; give the path of an ONNX model.");
  }

  @Test
  void anEmptyFile_isRefused() throws IOException {
    Path empty = Files.createFile(folder.resolve("empty.onnx"));
    refused(() -> open(empty))
        .hasMessage(empty + " has 0 bytes; an ONNX model has at least 1 and less than 2 GiB.");
  }

  @Test
  void aTruncatedFile_isRefused() throws IOException {
    byte[] whole = Files.readAllBytes(file("dynamic.onnx"));
    Path cut = write("cut.onnx", Arrays.copyOf(whole, whole.length / 2));
    refused(() -> open(cut))
        .hasMessage(
            cut
                + " is not a whole ONNX model: it ends in the middle of a field. Export it again, or copy it again from where it came.");
  }

  @Test
  void anotherKindOfFile_isRefused() throws IOException {
    Path text = write("text.onnx", "<html>not found</html>".getBytes(StandardCharsets.UTF_8));
    refused(() -> open(text)).hasMessageStartingWith(text + " is not a whole ONNX model: ");
  }

  /** Made by onnx.helper; the body adds the sample to itself, twice or for ever. */
  @Test
  void aLoopThatEnds_answers() {
    try (TensorScope scope = TensorScope.open("test");
        OnnxTeacher teacher =
            OnnxTeacher.open(file("loop.onnx"), List.of(3), 3, List.of(), OnnxOptions.STANDARD)) {
      Signal signal = teacher.signal(batch(Tensors.of(new float[] {1, -2, 0.5f}, 1, 3)));
      assertThat(signal.logits().toFloats()).containsExactly(4, -8, 2);
    }
  }

  @Test
  void aLoopWithoutEnd_isStopped() {
    Path endless = file("endless.onnx");
    OnnxOptions impatient =
        new OnnxOptions(null, Layout.FROM_SHAPE, 1).withPatience(Duration.ofMillis(100));
    refused(() -> OnnxTeacher.open(endless, List.of(3), 3, List.of(), impatient))
        .hasMessage(
            endless
                + " did not answer 2 samples within 0.2 s. It holds a loop, which may have no end:"
                + " export the model without it, or correct its condition.");
  }

  @Test
  void anOperatorThatIsUnknown_isNamedWithoutNativeFrames() throws IOException {
    byte[] model = Files.readAllBytes(file("rows.onnx"));
    replace(model, "MatMul", "MatOul");
    Path unknown = write("unknown.onnx", model);
    refused(() -> OnnxTeacher.open(unknown, ROW, 3, List.of(), OnnxOptions.STANDARD))
        .hasMessageStartingWith(unknown + " cannot be run: ")
        .hasMessageContaining("No Op registered for MatOul")
        .hasMessageNotContainingAny("onnxruntime::", "Error code", "\n");
  }

  @Test
  void missingWeightsBesideTheFile_areNamed() throws IOException {
    Path alone = write("alone.onnx", Files.readAllBytes(file("external.onnx")));
    refused(() -> open(alone))
        .hasMessage(
            alone
                + " keeps weights in a file \"external.bin\" beside it, which is missing. Copy both files into one folder.");
  }

  @Test
  void truncatedWeightsBesideTheFile_areRefused() throws IOException {
    Path model = write("model.onnx", Files.readAllBytes(file("external.onnx")));
    write("external.bin", Arrays.copyOf(Files.readAllBytes(file("external.bin")), 13000));
    refused(() -> open(model))
        .hasMessageContaining("\"external.bin\", which has 13000 bytes and should have ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../external.", "/etc/passwd!", "a/../../x.bi", "\0xternal.bin"})
  void weightsOutsideTheFolder_areRefused(String location) throws IOException {
    Path inner = Files.createDirectories(folder.resolve("inner"));
    write("external.", new byte[100_000]);
    byte[] model = Files.readAllBytes(file("external.onnx"));
    replace(model, "external.bin", location.substring(0, 12));
    Path moved = Files.write(inner.resolve("model.onnx"), model);
    refused(() -> open(moved)).hasMessageContaining("outside its own folder, which is not allowed");
  }

  @Test
  void aLinkToWeightsOutsideTheFolder_isRefused() throws IOException {
    Path inner = Files.createDirectories(folder.resolve("inner"));
    Path outside = write("external.bin", Files.readAllBytes(file("external.bin")));
    Files.createSymbolicLink(inner.resolve("external.bin"), outside);
    Path model =
        Files.write(inner.resolve("model.onnx"), Files.readAllBytes(file("external.onnx")));
    refused(() -> open(model)).hasMessageContaining("outside its own folder, which is not allowed");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 1025})
  void threads_mustBeInRange(int threads) {
    assertThatThrownBy(() -> new OnnxOptions(null, Layout.FROM_SHAPE, threads))
        .isInstanceOf(RanbikiException.class)
        .hasMessageContaining(Integer.toString(threads));
  }

  private static OnnxTeacher open(String name) {
    return open(file(name));
  }

  private static OnnxTeacher open(Path file) {
    return OnnxTeacher.open(file, IMAGE, 10, List.of(), OnnxOptions.STANDARD);
  }

  private static OnnxTeacher open(String name, int classes, String output) {
    return OnnxTeacher.open(
        file(name), IMAGE, classes, List.of(), new OnnxOptions(output, Layout.FROM_SHAPE, 0));
  }

  private Path write(String name, byte[] bytes) throws IOException {
    return Files.write(folder.resolve(name), bytes);
  }

  private static void replace(byte[] bytes, String old, String replacement) {
    byte[] from = old.getBytes(StandardCharsets.UTF_8);
    byte[] to = replacement.getBytes(StandardCharsets.UTF_8);
    assertThat(to).hasSameSizeAs(from);
    for (int i = 0; i + from.length <= bytes.length; i++) {
      if (Arrays.equals(bytes, i, i + from.length, from, 0, from.length)) {
        System.arraycopy(to, 0, bytes, i, to.length);
      }
    }
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> refused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    return assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            RanbikiException.class, e -> assertThat(e.kind()).isEqualTo(Kind.MODEL));
  }
}
