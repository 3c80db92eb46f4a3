package io.ranbiki.strategy;

import io.ranbiki.RanbikiException;
import io.ranbiki.model.Model;
import io.ranbiki.objective.Objective;
import io.ranbiki.objective.Term;
import io.ranbiki.train.TrainOptions;
import java.util.List;

/** What strategies ask of objectives and networks before they begin. */
final class Requirements {

  private Requirements() {}

  /** Somebody must be able to teach something. */
  static void teaches(String strategy, Objective objective) {
    if (!objective.needsTeacher()) {
      throw RanbikiException.configuration(
          "%s would teach nothing, because no term of the objective compares with a teacher; add soft-targets.",
          strategy);
    }
  }

  /** The epochs before a past can teach must have something to teach, and must not be all. */
  static void hasTimeFor(Past past, String strategy, Objective objective, TrainOptions options) {
    if (objective.terms().stream().allMatch(Term::needsTeacher)) {
      throw RanbikiException.configuration(
          "%s begins without a past to learn from, but every term of the objective needs a teacher; add hard-labels.",
          strategy);
    }
    if (options.epochs() <= past.epochsBefore()) {
      throw RanbikiException.configuration(
          "%s would never teach: its %s first teaches in epoch %d, but there are %d epochs; train longer%s.",
          strategy,
          past instanceof Past.Snapshot ? "snapshot" : "average",
          past.epochsBefore() + 1,
          options.epochs(),
          past instanceof Past.Snapshot ? ", or take a snapshot more often" : "");
    }
  }

  /**
   * Networks that teach each other must be different ones that know the same classes.
   *
   * @param word for one of them, such as {@code peer}
   */
  static void fitEachOther(String word, List<Model> models) {
    Model first = models.get(0);
    for (int i = 1; i < models.size(); i++) {
      Model other = models.get(i);
      if (models.subList(0, i).contains(other)) {
        throw RanbikiException.configuration(
            "The %s %d is the same network as one before it, and would teach itself; give each a network of its own.",
            word, i + 1);
      }
      if (other.spec().classes() != first.spec().classes()) {
        throw RanbikiException.configuration(
            "The %s 1, %s, answers %d classes and the %s %d, %s, answers %d; all must have the same classes.",
            word,
            first.spec().title(),
            first.spec().classes(),
            word,
            i + 1,
            other.spec().title(),
            other.spec().classes());
      }
    }
  }
}
