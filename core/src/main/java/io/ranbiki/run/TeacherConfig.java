package io.ranbiki.run;

import io.ranbiki.teacher.Encoding;
import io.ranbiki.teacher.Precision;
import java.nio.file.Path;

/**
 * Who teaches.
 *
 * @param model a model folder
 * @param answers whether the teacher is asked once for every sample and view, or for every batch
 * @param precision how it computes its stored answers
 * @param encoding how the logits of its stored answers are written
 */
public record TeacherConfig(Path model, Answers answers, Precision precision, Encoding encoding) {

  /** When the teacher is asked. */
  public enum Answers {
    /** Stored, unless the objective reads outputs of layers, which take much space. */
    AUTO,
    /** Once for every sample and view, layers too; other runs share the answers. */
    STORED,
    /** For every batch. */
    LIVE
  }
}
