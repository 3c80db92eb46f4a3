package io.ranbiki.objective;

import io.ranbiki.Golden;
import io.ranbiki.data.Batch;
import io.ranbiki.nn.Signal;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.util.stream.LongStream;

/** Makes allInputs for tests, without networks. */
final class LossExamples {

  private LossExamples() {}

  /** The inputs of a golden case, with its labels where it has some. */
  static LossInputs of(Golden golden, Tensor studentLogits) {
    Tensor labels =
        golden.has("in.labels") ? golden.tensor("in.labels") : unlabelled(studentLogits);
    return golden.has("in.teacher_logits")
        ? of(classesLast(studentLogits), classesLast(golden.tensor("in.teacher_logits")), labels)
        : new LossInputs(batch(labels), Signal.of(studentLogits), null, Progress.START);
  }

  /** Logits of pixels stand as {@code [batch, classes, height, width]} in golden cases. */
  private static Tensor classesLast(Tensor logits) {
    return logits.dim() == 4 ? logits.permute(0, 2, 3, 1) : logits;
  }

  /** A inputs of logits alone. */
  static LossInputs of(Tensor studentLogits, Tensor teacherLogits, Tensor labels) {
    return of(Signal.of(studentLogits), Signal.of(teacherLogits), labels);
  }

  /** A inputs at the beginning of training. */
  static LossInputs of(Signal student, Signal teacher, Tensor labels) {
    return new LossInputs(batch(labels), student, teacher, Progress.START);
  }

  private static Batch batch(Tensor labels) {
    long size = labels.size(0);
    return new Batch(Tensors.zeros(size, 1), labels, LongStream.range(0, size).toArray(), 0);
  }

  private static Tensor unlabelled(Tensor logits) {
    return Tensors.full(Functional.IGNORE, DType.INT64, logits.size(0));
  }

  /** The value of an objective that is bound to this very inputs. */
  static LossBreakdown loss(Objective objective, LossInputs inputs) {
    try (Generator generator = new Generator(1);
        Objective.Bound bound = objective.bind(inputs, generator)) {
      return bound.loss(inputs);
    }
  }

  /** The value of one term, without its weight. */
  static Tensor loss(Term term, LossInputs inputs) {
    return loss(Objective.of(term), inputs).terms().get(term.name());
  }
}
