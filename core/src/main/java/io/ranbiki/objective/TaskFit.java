package io.ranbiki.objective;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Task;

/** Which terms can teach which task. A term of somebody else is taken at its word. */
public final class TaskFit {

  private TaskFit() {}

  /**
   * Refuses an objective with a term that has no meaning for a task.
   *
   * @throws RanbikiException of kind configuration, which names another term
   */
  public static void require(Objective objective, Task task) {
    for (Term term : objective.terms()) {
      if (!fits(term, task)) {
        throw RanbikiException.configuration(
            "The term %s is for %s, but the task of the data is %s. Take %s instead.",
            term.name(), meaning(term), task.word(), advice(term, task));
      }
    }
  }

  private static boolean fits(Term term, Task task) {
    if (isOfClasses(term)) {
      return task.excludesOthers();
    }
    if (term instanceof BinaryLabels || term instanceof BinaryTargets) {
      return task instanceof Task.Labels;
    }
    return !isOfNumbers(term) || task instanceof Task.Numbers;
  }

  private static boolean isOfClasses(Term term) {
    return term instanceof HardLabels || term instanceof TeacherDecisions || term.matchesClasses();
  }

  private static boolean isOfNumbers(Term term) {
    return term instanceof LabelRegression || term instanceof BoundedRegression;
  }

  private static String meaning(Term term) {
    if (isOfClasses(term)) {
      return "classes of which one is right";
    }
    return isOfNumbers(term) ? "numbers" : "labels that do not exclude each other";
  }

  private static String advice(Term term, Task task) {
    boolean taught = term.needsTeacher();
    if (task instanceof Task.Embedding) {
      return "embedding";
    }
    if (task instanceof Task.Numbers) {
      return taught ? "output-regression" : "label-regression";
    }
    if (task instanceof Task.Labels) {
      return taught ? "binary-targets" : "binary-labels";
    }
    return taught ? "soft-targets" : "hard-labels";
  }

  /** What a student is taught by from labels alone. */
  public static Term labels(Task task) {
    if (task instanceof Task.Numbers) {
      return new LabelRegression(1, Distance.SQUARED);
    }
    return task instanceof Task.Labels ? new BinaryLabels(1) : new HardLabels(1);
  }
}
