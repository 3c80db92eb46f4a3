package io.ranbiki.teacher;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.OnnxExport;
import io.ranbiki.artifact.OnnxExport.WeightType;
import io.ranbiki.artifact.OnnxFile;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Names;
import io.ranbiki.model.BertTest;
import io.ranbiki.model.Model;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OnnxBertTest {

  private static final Path NAME = Path.of("student.onnx");

  private static byte[] exported(Model model, WeightType weights) {
    OnnxExport.Options options = new OnnxExport.Options(weights, false, false, Map.of(), Map.of());
    return OnnxExport.bytes(model.module(), new ModelConfig(model.spec(), List.of()), options);
  }

  @ParameterizedTest
  @CsvSource({"cls, FLOAT32, 1e-5", "mean, FLOAT32, 1e-5", "mean, FLOAT16, 0.02"})
  void exportedEncoder_answersInOnnxRuntimeAsItself(
      String pooling, WeightType weights, float tolerance) {
    try (TensorScope scope = TensorScope.open("test")) {
      Map<String, Tensor> reference = BertTest.reference();
      try (Model model = BertTest.model(pooling, reference);
          OnnxTeacher teacher =
              OnnxTeacher.open(
                  OnnxFile.of(NAME, exported(model, weights)),
                  List.of(-1),
                  5,
                  List.of(),
                  OnnxOptions.STANDARD)) {
        Tensor ids = reference.get("ids");
        Batch batch =
            new Batch(
                Map.of("input_ids", ids, Batch.TRUTH, Tensors.of(new long[3], 3)),
                Map.of("input_ids", reference.get("mask")),
                new Names(new long[3], 0));

        Tensor difference =
            teacher.signal(batch).logits().sub(reference.get(pooling + ".logits")).abs();

        for (float value : difference.toFloats()) {
          assertThat(value).isLessThan(tolerance);
        }
      }
    }
  }
}
