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
import io.ranbiki.tensor.ScriptModule;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorException;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TorchScriptTeacherTest {

  /** Values in the parameters of the network of the test files. */
  private static final long PARAMETERS =
      (4 * 9 + 4) + (4 * 4 * 9 + 4) + (4 + 4) + (196 * 16 + 16) + (16 * 10 + 10);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"traced.pt", "scripted.pt", "frozen.pt"})
  void logits_areThoseOfPyTorch(String name) {
    try (TensorScope scope = TensorScope.open("test");
        TorchScriptTeacher teacher = open(file(name))) {
      Map<String, Tensor> expected = expected();

      Signal signal = teacher.signal(batch(expected.get("images")));

      requireEqual(signal.logits(), expected.get("logits"));
      assertThat(signal.logits().requiresGrad()).isFalse();
      assertThat(teacher.classes()).isEqualTo(10);
      assertThat(teacher.title()).isEqualTo(name);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"traced.pt", "scripted.pt"})
  void layers_areThoseOfPyTorch(String name) {
    List<String> layers = List.of("features.0", "features.3", "features.3.conv", "classifier.1");
    try (TensorScope scope = TensorScope.open("test");
        TorchScriptTeacher teacher = open(file(name), layers)) {
      Map<String, Tensor> expected = expected();

      Signal signal = teacher.signal(batch(expected.get("images")));

      for (String layer : layers) {
        requireEqual(signal.feature(layer), expected.get("tap." + layer));
      }
      requireEqual(signal.logits(), expected.get("logits"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"traced.pt", "scripted.pt"})
  void theSameSamples_getTheSameBitsAlways(String name) {
    try (TensorScope scope = TensorScope.open("test");
        TorchScriptTeacher teacher = open(file(name), List.of("features.3"));
        TorchScriptTeacher again = open(file(name), List.of("features.3"))) {
      Tensor images = expected().get("images");
      float[] first = teacher.signal(batch(images)).logits().toFloats();
      for (int i = 0; i < 5; i++) {
        teacher.signal(batch(images.narrow(0, 0, 1 + i % 3)));
        assertThat(teacher.signal(batch(images)).logits().toFloats()).containsExactly(first);
      }
      assertThat(again.signal(batch(images)).logits().toFloats()).containsExactly(first);
    }
  }

  @Test
  void anAnswer_leavesOnlyItsOwnTensorsBehind() {
    try (TensorScope scope = TensorScope.open("test");
        TorchScriptTeacher teacher = open(file("traced.pt"), List.of("features.0"))) {
      var batch = batch(expected().get("images"));
      long before = Tensor.live();
      teacher.signal(batch);
      assertThat(Tensor.live() - before).isEqualTo(2);
    }
  }

  @Test
  void aClosedTeacher_saysSo() {
    try (TensorScope scope = TensorScope.open("test")) {
      ScriptModule module = ScriptModule.load(file("traced.pt"));
      module.close();
      module.close();
      assertThatThrownBy(() -> module.run(Tensors.zeros(1, 1, 28, 28)))
          .isInstanceOf(TensorException.class)
          .hasMessageContaining("after it was closed");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"traced.pt", "scripted.pt"})
  void pathsAndParameters_areListed(String name) {
    try (ScriptModule module = ScriptModule.load(file(name))) {
      assertThat(module.paths())
          .hasSize(13)
          .startsWith("features", "features.0", "features.1", "features.2", "features.3")
          .contains("features.3.conv", "features.3.norm", "classifier.3");
      assertThat(module.parameterCount()).isEqualTo(PARAMETERS);
    }
  }

  @Test
  void codeWithConditions_isAnsweredAndTapped() {
    try (TensorScope scope = TensorScope.open("test");
        TorchScriptTeacher teacher =
            TorchScriptTeacher.open(
                file("conditional.pt"), true, ROW, 3, List.of("stem", "head"))) {
      Map<String, Tensor> expected = Foreign.expectedRows();
      Signal signal = teacher.signal(batch(expected.get("rows")));
      requireEqual(signal.logits(), expected.get("conditional"));
      requireEqual(signal.feature("head"), expected.get("conditional"));
      assertThat(signal.feature("stem").shape()).containsExactly(4, 8);
    }
  }

  @Test
  void aLayerUnderACondition_isRefused() {
    assertThatThrownBy(
            () -> TorchScriptTeacher.open(file("conditional.pt"), true, ROW, 3, List.of("extra")))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "conditional.pt has a layer 'extra', but its output cannot be read, since forward does not call it, or calls it under a condition or in a loop; choose another.");
  }

  @Test
  void aFileThatIsNotTrusted_isRefusedBeforeItRuns() {
    Path file = file("traced.pt");
    refused(() -> TorchScriptTeacher.open(file, false, IMAGE, 10, List.of()))
        .hasMessage(
            file
                + " is a TorchScript file, which is a program that runs with your rights. If you know who made it, allow it: teacher.trusted: true in the configuration, or --trusted for inspect.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"state-dict.pt", "state-dict-legacy.pt"})
  void pickledWeights_areRefusedWithTheWayToConvertThem(String name) {
    for (boolean trusted : new boolean[] {false, true}) {
      refused(() -> TorchScriptTeacher.open(file(name), trusted, IMAGE, 10, List.of()))
          .hasMessage(
              file(name)
                  + " is pickled, and reading it could run anything, so it is never read here. If it holds weights, convert it once where you trust it: python3 -c \"import sys, torch, safetensors.torch as s; s.save_file({k: v.contiguous() for k, v in torch.load(sys.argv[1], map_location='cpu', weights_only=True).items()}, 'model.safetensors')\" '"
                  + file(name)
                  + "'");
    }
  }

  @Test
  void aTruncatedFile_isRefused() throws IOException {
    byte[] whole = Files.readAllBytes(file("traced.pt"));
    Path cut = write("cut.pt", Arrays.copyOf(whole, whole.length / 2));
    refused(() -> open(cut))
        .hasMessageStartingWith(cut + " is not a whole TorchScript file (")
        .hasMessageEndingWith(
            "). Save it again with torch.jit.save, or copy it again from where it came.");
  }

  @Test
  void anEmptyFile_isRefused() throws IOException {
    refused(() -> open(write("empty.pt", new byte[0])))
        .hasMessageContaining("is not a whole TorchScript file");
  }

  @Test
  void aMissingFile_isRefused() {
    refused(() -> open(folder.resolve("missing.pt"))).hasMessageStartingWith("There is no file ");
  }

  @Test
  void anotherKindOfZip_isRefused() throws IOException {
    Path zip = folder.resolve("other.pt");
    try (var out = new java.util.zip.ZipOutputStream(Files.newOutputStream(zip))) {
      out.putNextEntry(new java.util.zip.ZipEntry("hello.txt"));
      out.write("hello".getBytes(StandardCharsets.UTF_8));
    }
    refused(() -> open(zip))
        .hasMessageStartingWith(zip + " is neither a TorchScript file nor another");
  }

  @Test
  void damagedWeights_areNoticed() throws IOException {
    byte[] bytes = Files.readAllBytes(file("traced.pt"));
    byte[] weights = "traced/data/".getBytes(StandardCharsets.UTF_8);
    int at = 0;
    while (!Arrays.equals(bytes, at, at + weights.length, weights, 0, weights.length)) {
      at++;
    }
    bytes[at + 130] ^= 1;
    Path damaged = write("damaged.pt", bytes);
    refused(() -> open(damaged))
        .hasMessageStartingWith(damaged + " is damaged: its part \"traced/data/");
  }

  @Test
  void anUnknownLayer_isRefusedWithTheNearest() {
    assertThatThrownBy(() -> open(file("traced.pt"), List.of("feature.0")))
        .isInstanceOf(RanbikiException.class)
        .hasMessageStartingWith("traced.pt has no layer 'feature.0'; the nearest are 'features.0'");
  }

  @Test
  void layersOfAFrozenFile_areRefused() {
    assertThatThrownBy(() -> open(file("frozen.pt"), List.of("features.0")))
        .isInstanceOf(RanbikiException.class)
        .hasMessage("frozen.pt has no layer 'features.0'; it offers none.");
  }

  @Test
  void anotherNumberOfClasses_isRefused() {
    refused(() -> TorchScriptTeacher.open(file("traced.pt"), true, IMAGE, 7, List.of()))
        .hasMessageStartingWith("traced.pt answers with 10 classes, but the data has 7");
  }

  @Test
  void samplesOfAnotherShape_areRefusedInOneSentence() {
    refused(
            () ->
                TorchScriptTeacher.open(file("traced.pt"), true, List.of(3, 28, 28), 10, List.of()))
        .hasMessageStartingWith(
            "traced.pt does not take 2 samples of shape [3, 28, 28] in float32: ")
        .hasMessageNotContaining("\n");
  }

  @Test
  void aTupleInPlaceOfLogits_isRefused() {
    refused(() -> TorchScriptTeacher.open(file("pair.pt"), true, ROW, 3, List.of()))
        .hasMessage(
            "forward of pair.pt gives no single tensor, but a tuple, list or dictionary; wrap the network so that it gives one tensor, and save it again.");
  }

  @Test
  void aNetworkTracedInTraining_isRefused() {
    refused(() -> open(file("traced-in-training.pt")))
        .hasMessageStartingWith(
            "traced-in-training.pt answers the same samples differently each time");
  }

  private static TorchScriptTeacher open(Path file) {
    return open(file, List.of());
  }

  private static TorchScriptTeacher open(Path file, List<String> layers) {
    return TorchScriptTeacher.open(file, true, IMAGE, 10, layers);
  }

  private Path write(String name, byte[] bytes) throws IOException {
    return Files.write(folder.resolve(name), bytes);
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> refused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    return assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            RanbikiException.class, e -> assertThat(e.kind()).isEqualTo(Kind.MODEL));
  }
}
