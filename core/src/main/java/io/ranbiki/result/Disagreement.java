package io.ranbiki.result;

import org.jspecify.annotations.Nullable;

/**
 * A test sample that student and teacher see differently.
 *
 * @param sample what a person calls it: its key and where it lies, or its id
 * @param truth name of its class; {@code null} if it has no label
 * @param teacher name of the class that the teacher answers
 * @param student name of the class that the student answers
 * @param divergence KL(teacher, student) of this sample, in nats, 0 or more; {@code null} if it is
 *     infinite
 * @param picture its file in the run's folder {@code evaluation}; {@code null} where samples are no
 *     pictures
 * @param text what there is to read of it, shortened; {@code null} where samples are no texts, and
 *     in results of earlier versions
 */
public record Disagreement(
    String sample,
    @Nullable String truth,
    String teacher,
    String student,
    @Nullable Double divergence,
    @Nullable String picture,
    @Nullable String text) {

  /** Checks the texts. */
  public Disagreement {
    Check.text("sample", sample);
    Check.text("teacher", teacher);
    Check.text("student", student);
  }
}
