package io.ranbiki.objective;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.nn.Signal;
import io.ranbiki.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One batch with both answers: all that a term may look at. Terms on logits read rows, one for each
 * sample, token or pixel that counts: padding and positions without a label are left out.
 */
public final class LossInputs {

  private final Batch batch;
  private final Signal student;
  private final @Nullable Signal teacher;
  private final Progress progress;
  private @Nullable Rows rows;

  /**
   * Cuts the teacher's answer from what made it, so that no term can teach the teacher.
   *
   * @param batch the samples
   * @param student the student's answer, with gradients
   * @param teacher the teacher's answer; null when nobody teaches
   * @param progress how far training has come
   */
  public LossInputs(Batch batch, Signal student, @Nullable Signal teacher, Progress progress) {
    this.batch = batch;
    this.student = student;
    this.teacher = teacher == null ? null : teacher.detached();
    this.progress = progress;
  }

  /** The samples. */
  public Batch batch() {
    return batch;
  }

  /** The student's answer, with gradients. */
  public Signal student() {
    return student;
  }

  /** How far training has come. */
  public Progress progress() {
    return progress;
  }

  /** Whether anybody teaches. */
  public boolean isTaught() {
    return teacher != null;
  }

  /**
   * The teacher's answer, without gradients.
   *
   * @throws RanbikiException if nobody teaches
   */
  public Signal teacher() {
    if (teacher == null) {
      throw RanbikiException.configuration(
          "This objective compares with a teacher, but none is there; give a teacher, or use hard-labels alone.");
    }
    return teacher;
  }

  /** Whether answers have positions between batch and classes, such as tokens or pixels. */
  boolean hasPositions() {
    return student.outputs().containsKey(Signal.LOGITS) && student.logits().dim() > 2;
  }

  private Rows rows() {
    Rows known = rows;
    if (known == null) {
      known = Rows.of(batch, student.logits().shape());
      rows = known;
    }
    return known;
  }

  /** The student's logits {@code [rows, classes]}. */
  public Tensor studentLogits() {
    return rows().of(student.logits());
  }

  /** The teacher's logits {@code [rows, classes]}. */
  public Tensor teacherLogits() {
    return rows().of(teacher().logits());
  }

  /** The labels of the rows: {@code [rows]} INT64, or what the term that reads them asks for. */
  public Tensor labels() {
    return rows().ofLabels(batch.labels());
  }
}
