package io.ranbiki.objective;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.nn.Signal;
import io.ranbiki.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One batch with both answers: all that a term may look at.
 *
 * @param batch the samples
 * @param student the student's answer, with gradients
 * @param teacherOrNull the teacher's answer, without gradients; null when nobody teaches
 * @param progress how far training has come
 */
public record LossInputs(
    Batch batch, Signal student, @Nullable Signal teacherOrNull, Progress progress) {

  /** Cuts the teacher's answer from what made it, so that no term can teach the teacher. */
  public LossInputs {
    teacherOrNull = teacherOrNull == null ? null : teacherOrNull.detached();
  }

  /** The student's logits {@code [batch, classes]}. */
  public Tensor studentLogits() {
    return student.logits();
  }

  /** The teacher's logits {@code [batch, classes]}. */
  public Tensor teacherLogits() {
    return teacher().logits();
  }

  /**
   * The teacher's answer.
   *
   * @throws RanbikiException if nobody teaches
   */
  public Signal teacher() {
    if (teacherOrNull == null) {
      throw RanbikiException.configuration(
          "this objective compares with a teacher, but none is there; give a teacher, or use hard-labels alone");
    }
    return teacherOrNull;
  }

  /** The labels: {@code [batch]} INT64, or what the term that reads them asks for. */
  public Tensor labels() {
    return batch.labels();
  }
}
