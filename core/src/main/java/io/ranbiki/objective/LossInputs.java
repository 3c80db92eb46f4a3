package io.ranbiki.objective;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.nn.Signal;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Device;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
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
  private @Nullable Unit unit;

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

  /**
   * The student's logits {@code [rows, classes]}. Numbers that have a unit are in standard
   * deviations from the mean of their truth, those of the teacher and the labels as well: so none
   * of several outweighs the others, and steps are as large as for any other task.
   */
  public Tensor studentLogits() {
    return measured(rows().of(student.logits()));
  }

  /** The teacher's logits {@code [rows, classes]}, measured as {@link #studentLogits}. */
  public Tensor teacherLogits() {
    return measured(rows().of(teacher().logits()));
  }

  /**
   * The labels of the rows: {@code [rows]} INT64, or what the term that reads them asks for,
   * measured as {@link #studentLogits}.
   */
  public Tensor labels() {
    return measured(rows().ofLabels(batch.labels()));
  }

  private Tensor measured(Tensor numbers) {
    Normalization of = student.unit();
    if (of.equals(Normalization.none())) {
      return numbers;
    }
    Unit known = unit;
    if (known == null) {
      Device device = student.logits().device();
      known =
          new Unit(
              Tensors.of(of.mean(), of.mean().length).to(device),
              Tensors.of(of.std(), of.std().length).to(device));
      unit = known;
    }
    return numbers.to(DType.FLOAT32).sub(known.mean()).div(known.deviation());
  }

  private record Unit(Tensor mean, Tensor deviation) {}
}
