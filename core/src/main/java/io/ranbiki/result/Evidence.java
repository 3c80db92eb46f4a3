package io.ranbiki.result;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the answers to the test samples show beyond one accuracy.
 *
 * @param models how good each model of the first seed is, by role
 * @param gains the difference of each pair of arms over all seeds, in the order in which they
 *     explain each other: labels alone to the teacher's decisions, decisions to soft answers, and
 *     labels alone to soft answers as a whole; each arm at its best where epochs are judged by
 *     validation
 * @param equalSteps the same differences where every arm is taken after its last epoch; empty where
 *     no epoch was chosen, so that {@code gains} are at equal steps
 * @param changes what the student of the first seed does differently from the teacher and from the
 *     other arms
 * @param disagreements the test samples on which the first seed's student is farthest from its
 *     teacher, the farthest first
 * @param seenByTeacher which samples that are taken for unlabelled or new the teacher was trained
 *     on; {@code null} without a teacher, and in results of earlier versions
 * @param heldOut by what epochs were judged; {@code null} if nothing was held out, and in results
 *     of earlier versions
 */
public record Evidence(
    Map<String, Quality> models,
    List<Gain> gains,
    List<Gain> equalSteps,
    List<Changes> changes,
    List<Disagreement> disagreements,
    @Nullable SeenByTeacher seenByTeacher,
    @Nullable HeldOut heldOut) {

  /** Copies. */
  public Evidence {
    models = Check.ordered("evidence.models", models);
    gains = List.copyOf(Check.present("gains", gains));
    equalSteps = List.copyOf(Check.present("equal-steps", equalSteps));
    changes = List.copyOf(Check.present("changes", changes));
    disagreements = List.copyOf(Check.present("disagreements", disagreements));
  }
}
