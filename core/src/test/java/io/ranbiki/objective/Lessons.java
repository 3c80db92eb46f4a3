package io.ranbiki.objective;

import io.ranbiki.Golden;
import io.ranbiki.data.Batch;
import io.ranbiki.teacher.Signal;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.util.stream.LongStream;

/** Makes lessons for tests, without networks. */
final class Lessons {

  private Lessons() {}

  /** The lesson of a golden case, with its labels where it has some. */
  static Lesson of(Golden golden, Tensor studentLogits) {
    Tensor labels =
        golden.has("in.labels") ? golden.tensor("in.labels") : unlabelled(studentLogits);
    return golden.has("in.teacher_logits")
        ? of(studentLogits, golden.tensor("in.teacher_logits"), labels)
        : new Lesson(batch(labels), Signal.of(studentLogits), null, Progress.START);
  }

  /** A lesson of logits alone. */
  static Lesson of(Tensor studentLogits, Tensor teacherLogits, Tensor labels) {
    return of(Signal.of(studentLogits), Signal.of(teacherLogits), labels);
  }

  /** A lesson at the beginning of training. */
  static Lesson of(Signal student, Signal teacher, Tensor labels) {
    return new Lesson(batch(labels), student, teacher, Progress.START);
  }

  private static Batch batch(Tensor labels) {
    long size = labels.size(0);
    return new Batch(Tensors.zeros(size, 1), labels, LongStream.range(0, size).toArray(), 0);
  }

  private static Tensor unlabelled(Tensor logits) {
    return Tensors.full(Functional.IGNORE, DType.INT64, logits.size(0));
  }

  /** The value of an objective that is bound to this very lesson. */
  static LossBreakdown loss(Objective objective, Lesson lesson) {
    try (Generator generator = new Generator(1);
        Objective.Bound bound = objective.bind(lesson, generator)) {
      return bound.loss(lesson);
    }
  }

  /** The value of one term, without its weight. */
  static Tensor loss(Term term, Lesson lesson) {
    return loss(Objective.of(term), lesson).terms().get(term.name());
  }
}
