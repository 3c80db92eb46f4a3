package io.ranbiki.objective;

import io.ranbiki.nn.Signal;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.util.Map;

/** Makes allInputs with random features for tests. */
final class Features {

  private Features() {}

  /** A generator that lives with the process. */
  static Generator generator() {
    return new Generator(1);
  }

  /** A inputs with one layer on each side. */
  static LossInputs inputs(
      String studentLayer, long[] studentShape, String teacherLayer, long[] teacherShape) {
    try (Generator generator = generator()) {
      return inputs(
          Map.of(studentLayer, generator.normal(0, 1, studentShape).setRequiresGrad(true)),
          Map.of(teacherLayer, generator.normal(0, 1, teacherShape)));
    }
  }

  /** A inputs with the given features. */
  static LossInputs inputs(Map<String, Tensor> student, Map<String, Tensor> teacher) {
    long batch = student.values().iterator().next().size(0);
    Tensor logits = Tensors.zeros(batch, 2);
    return LossExamples.of(
        new Signal(logits, student),
        new Signal(logits, teacher),
        Tensors.zeros(DType.INT64, batch));
  }
}
