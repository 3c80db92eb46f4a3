package io.ranbiki.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.OnnxExport;
import io.ranbiki.artifact.OnnxExport.WeightType;
import io.ranbiki.artifact.OnnxFile;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Names;
import io.ranbiki.model.Model;
import io.ranbiki.model.SoundCnnTest;
import io.ranbiki.prepare.Field;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OnnxSoundTest {

  private static final Path NAME = Path.of("student.onnx");

  private static OnnxTeacher exported(Model model, WeightType weights) {
    OnnxExport.Options options = new OnnxExport.Options(weights, false, false, Map.of(), Map.of());
    byte[] bytes =
        OnnxExport.bytes(model.module(), new ModelConfig(model.spec(), List.of()), options);
    return OnnxTeacher.open(
        OnnxFile.of(NAME, bytes), model.spec().input(), 3, List.of(), OnnxOptions.STANDARD);
  }

  @ParameterizedTest
  @CsvSource({"FLOAT32, 1e-5", "FLOAT16, 0.02"})
  void exportedNetwork_hearsSoundsOfAnyLengthAsPytorchDoes(WeightType weights, float tolerance) {
    try (TensorScope scope = TensorScope.open("test")) {
      Map<String, Tensor> reference = SoundCnnTest.reference();
      try (Model model = SoundCnnTest.model(Field.ANY, reference);
          OnnxTeacher teacher = exported(model, weights)) {
        Batch batch =
            new Batch(
                Map.of(
                    "input_features",
                    SoundCnnTest.padded(reference),
                    Batch.TRUTH,
                    Tensors.of(new long[3], 3)),
                Map.of("input_features", SoundCnnTest.mask()),
                new Names(new long[3], 0));
        assertThat(teacher.signal(batch).logits().toFloats())
            .containsExactly(SoundCnnTest.answers(reference), within(tolerance));
      }
    }
  }

  @Test
  void exportedNetwork_hearsSoundsOfOneLengthAsPytorchDoes() {
    try (TensorScope scope = TensorScope.open("test")) {
      Map<String, Tensor> reference = SoundCnnTest.reference();
      try (Model model = SoundCnnTest.model(11, reference);
          OnnxTeacher teacher = exported(model, WeightType.FLOAT32)) {
        Batch batch =
            new Batch(
                Map.of(
                    "input_features",
                    reference.get("in.long"),
                    Batch.TRUTH,
                    Tensors.of(new long[1], 1)),
                Map.of(),
                new Names(new long[1], 0));
        assertThat(teacher.signal(batch).logits().toFloats())
            .containsExactly(reference.get("out.long").toFloats(), within(1e-5f));
      }
    }
  }

  @Test
  void aFileForOneLength_isRefusedForSoundsOfMany() {
    try (TensorScope scope = TensorScope.open("test");
        Model model = SoundCnnTest.model(11, SoundCnnTest.reference())) {
      byte[] bytes =
          OnnxExport.bytes(
              model.module(),
              new ModelConfig(model.spec(), List.of()),
              OnnxExport.Options.STANDARD);
      assertThatThrownBy(
              () ->
                  OnnxTeacher.open(
                      OnnxFile.of(NAME, bytes),
                      List.of(1, Field.ANY, 7),
                      3,
                      List.of(),
                      OnnxOptions.STANDARD))
          .isInstanceOf(RanbikiException.class)
          .hasMessageStartingWith("student.onnx takes the inputs ")
          .hasMessageEndingWith(
              "but sounds of different lengths need input_features of float32 [batch, 1, frames, 7]"
                  + " and attention_mask of int64 [batch, frames]. Say prepare.log-mel.seconds to"
                  + " bring sounds to one length.");
    }
  }
}
