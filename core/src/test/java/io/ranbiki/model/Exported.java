package io.ranbiki.model;

import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.OnnxExport;
import io.ranbiki.artifact.OnnxFile;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Names;
import io.ranbiki.teacher.OnnxOptions;
import io.ranbiki.teacher.OnnxTeacher;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A network of texts as an ONNX file, in ONNX Runtime. */
public final class Exported {

  private Exported() {}

  /**
   * What it answers.
   *
   * @param ids INT64 [texts, length]
   * @param mask INT64 of the same shape
   * @return [texts, classes]
   */
  public static Tensor answers(Model model, Tensor ids, Tensor mask) {
    OnnxExport.Options options =
        new OnnxExport.Options(OnnxExport.WeightType.FLOAT32, false, false, Map.of(), Map.of());
    byte[] file =
        OnnxExport.bytes(model.module(), new ModelConfig(model.spec(), List.of()), options);
    int texts = (int) ids.size(0);
    try (OnnxTeacher teacher =
        OnnxTeacher.open(
            OnnxFile.of(Path.of("student.onnx"), file),
            List.of(-1),
            model.spec().classes(),
            List.of(),
            OnnxOptions.STANDARD)) {
      Batch batch =
          new Batch(
              Map.of("input_ids", ids, Batch.TRUTH, Tensors.of(new long[texts], texts)),
              Map.of("input_ids", mask),
              new Names(new long[texts], 0));
      return teacher.signal(batch).logits();
    }
  }
}
