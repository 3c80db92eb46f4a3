package io.ranbiki.evaluate;

import io.ranbiki.data.Batch;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Epoch;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Task;
import io.ranbiki.model.Model;
import io.ranbiki.nn.Module;
import io.ranbiki.objective.Objective;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.teacher.StoreKey;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.tensor.TensorScope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a distillation before it begins, for what would silently ruin it. Asks teacher and
 * student for a few batches, and leaves everything as it was: gradients are taken on a copy of the
 * student with a random source of its own, so that the bits of the training do not change.
 *
 * <pre>{@code
 * for (Finding finding : new Doctor(student, teacher, network, objective, loader, labelled, 10).examine()) {
 *   System.out.println(finding.level() + " " + finding.check() + ": " + finding.sentence());
 * }
 * }</pre>
 *
 * @param student as it is before training
 * @param teacher live, not stored; gives the layers that the objective reads
 * @param network the teacher's own, if it is one of ours; null for files of others
 * @param objective what the student will be taught by
 * @param loader the batches of the training
 * @param labelled shuffled batches of samples with labels, not augmented
 * @param epochs of the training, 1 or more
 */
public record Doctor(
    Model student,
    Teacher teacher,
    @Nullable Module network,
    Objective objective,
    Loader loader,
    Loader labelled,
    int epochs) {

  /** Makes all checks of teacher, student and objective, in seconds. */
  public List<Finding> examine() {
    List<Finding> findings = new ArrayList<>();
    try (TensorScope scope = TensorScope.open("examine")) {
      Batch batch = first(loader);
      findings.add(TeacherCheck.frozen(network));
      findings.addAll(TeacherCheck.unmoved(teacher, network, batch, loader.dataset()));
      if (findings.stream().anyMatch(Finding::isOfFiniteness)) {
        return findings; // whatever else is seen follows from it
      }
      CompanyCheck.of(teacher, batch).ifPresent(findings::add);
      findings.add(TeacherCheck.separate(network, student));
      if (labelled.dataset().task() instanceof Task.Classes) {
        findings.addAll(AccuracyCheck.of(teacher, labelled));
      }
      if (findings.stream().anyMatch(Finding::isOfFiniteness)) {
        return findings;
      }
      findings.addAll(
          new GradientCheck(student, teacher, network, epochs)
              .of(objective, List.of(batch, first(labelled))));
    }
    return findings;
  }

  private static Batch first(Loader loader) {
    try (Epoch epoch = loader.epoch(0)) {
      return Batch.of(epoch.next());
    }
  }

  /** States what the inputs of teacher and student go through, each in its own way. */
  public static Finding preprocessing(Prepare teacher, Prepare student) {
    String check = "preprocessing";
    return teacher.equals(student)
        ? Finding.ok(check, "Teacher and student get inputs %s.", student.words())
        : Finding.ok(
            check, "The teacher gets inputs %s, the student %s.", teacher.words(), student.words());
  }

  /**
   * Compares how sure the teacher is of what it is asked in the training, and of test samples, by
   * 256 of each; a warning where it knows what it was trained on by heart.
   *
   * @param teacher live
   * @param training the batches of the training, with their views
   * @param ofTest the same teacher, as far as it answers test samples
   * @param test batches of test samples, not augmented
   */
  public static Finding certainty(Teacher teacher, Loader training, Teacher ofTest, Loader test) {
    return CertaintyCheck.of(teacher, training, ofTest, test);
  }

  /**
   * Asks the teacher some of what is stored once more: the answers must be the same within the
   * rounding of the encoding.
   *
   * @param file the store; it need not be there
   * @param key what the answers depend on
   * @param samples that will be trained on
   * @param views how many views of each, 1 or more
   * @param teacher live
   */
  public static Finding storedAnswers(
      Path file, StoreKey key, Dataset samples, int views, Teacher teacher) {
    return new AnswerCheck(file, key, teacher).of(samples, views);
  }
}
