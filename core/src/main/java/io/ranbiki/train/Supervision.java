package io.ranbiki.train;

import io.ranbiki.data.Batch;
import io.ranbiki.nn.Signal;
import io.ranbiki.objective.LossInputs;
import io.ranbiki.objective.Progress;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.tensor.Tensor;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who teaches the students of a training. A frozen teacher is the plain case ({@link #of}); here a
 * teacher may also be made of the students themselves: their past, or each other's answers.
 *
 * <p>Answers that teach are cut from what made them, so that nobody learns by teaching.
 */
public interface Supervision extends AutoCloseable {

  /**
   * What the teaching of one batch can be made of.
   *
   * @param asked the answer of {@link #frozen}; null if there is no such teacher
   * @param answers what the students answer, in their order
   */
  record Question(Batch batch, Progress progress, @Nullable Signal asked, List<Signal> answers) {

    /**
     * What a student's terms look at: one for each of its teachers, or one in which nobody does.
     */
    List<LossInputs> inputs(int student, List<Signal> teaching) {
      Signal answer = answers.get(student);
      return teaching.isEmpty()
          ? List.of(new LossInputs(batch, answer, null, progress))
          : teaching.stream()
              .map(taught -> new LossInputs(batch, answer, taught, progress))
              .toList();
    }
  }

  /**
   * A teacher that never changes, and may be asked ahead of the students; null if there is none.
   */
  default @Nullable Teacher frozen() {
    return null;
  }

  /**
   * Whether {@link #frozen} teaches alone, or nobody does: then {@link #teach} may be asked about
   * parts of a batch by several threads at the same time.
   */
  default boolean isFrozenAlone() {
    return false;
  }

  /** Whether students teach by their own answers: these then hold the layers of a teacher, too. */
  default boolean studentsTeach() {
    return false;
  }

  /**
   * The answers that each student is taught by, in their order: a term is the mean over them. As
   * many as in {@link #example}, in that order; or none while nobody can teach yet, and then the
   * terms that need a teacher are left out.
   */
  List<List<Signal>> teach(Question question);

  /**
   * The answers from which terms read shapes before training: of the kind that will teach, even if
   * nobody can teach yet.
   */
  default List<List<Signal>> example(Question question) {
    return teach(question);
  }

  /** An epoch begins, from 0. Not called when a training goes on in the middle of one. */
  default void epochStarts(int epoch) {}

  /**
   * The students' weights changed.
   *
   * @param step number of the step over all epochs, from 1
   */
  default void stepDone(long step) {}

  /** What a checkpoint must hold for this to go on, by name; restored in place. */
  default Map<String, Tensor> state() {
    return Map.of();
  }

  /** Closes what this made; never a teacher that was given to it. */
  @Override
  default void close() {}

  /** Everybody is taught by one frozen teacher, or by labels alone if there is none. */
  static Supervision of(@Nullable Teacher teacher) {
    return new Supervision() {
      @Override
      public @Nullable Teacher frozen() {
        return teacher;
      }

      @Override
      public boolean isFrozenAlone() {
        return true;
      }

      @Override
      public List<List<Signal>> teach(Question question) {
        Signal asked = question.asked();
        return Collections.nCopies(
            question.answers().size(), asked == null ? List.of() : List.of(asked));
      }
    };
  }
}
