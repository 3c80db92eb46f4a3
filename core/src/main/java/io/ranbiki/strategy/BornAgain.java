package io.ranbiki.strategy;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Loader;
import io.ranbiki.model.Model;
import io.ranbiki.objective.Objective;
import io.ranbiki.teacher.Combine;
import io.ranbiki.teacher.EnsembleTeacher;
import io.ranbiki.teacher.ModelTeacher;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.train.EpochStats;
import io.ranbiki.train.TrainOptions;
import java.util.ArrayList;
import java.util.List;

/**
 * Generations of the same network: the first learns from labels alone, each later one is a fresh
 * network that learns from those before it (Furlanello et al. 2018, arXiv:1805.04770).
 *
 * @param objective what each generation but the first is taught by; the first learns from {@link
 *     Objective#labelsAlone}
 * @param options how each is fitted
 * @param seed source of initial values for what terms train themselves
 * @param ancestors which generations teach
 */
public record BornAgain(Objective objective, TrainOptions options, long seed, Ancestors ancestors) {

  /** Which of the generations before teach the next one. */
  public enum Ancestors {
    /** The one before. */
    LAST,
    /** All of them, by the mean of their logits. */
    ALL
  }

  /** Checks that there is something to teach, and that an ensemble is not asked for its layers. */
  public BornAgain {
    Requirements.teaches("Born-again distillation", objective);
    if (ancestors == Ancestors.ALL && !objective.teacherLayers().isEmpty()) {
      throw RanbikiException.configuration(
          "All generations together give logits, and not the layers %s that the objective reads; let the last one teach alone.",
          objective.teacherLayers());
    }
  }

  /**
   * Fits the generations in place, one after the other.
   *
   * @param generations two or more networks with different initial weights; frozen once they teach
   * @return for each of them what each epoch did
   * @throws RanbikiException if there are too few, or they do not fit each other or the objective;
   *     none is trained then
   */
  public List<List<EpochStats>> fit(List<Model> generations, Loader loader) {
    tryStep(generations, loader);
    List<List<EpochStats>> history = new ArrayList<>();
    history.add(withoutTeacher().fit(generations.get(0), null, loader));
    for (int i = 1; i < generations.size(); i++) {
      try (Teacher teacher = teacher(generations.subList(0, i))) {
        history.add(withTeacher().fit(generations.get(i), teacher, loader));
      }
    }
    return history;
  }

  /**
   * Asks everybody and binds the objective once, and trains nothing, so that mistakes show before
   * any work is done.
   *
   * @throws io.ranbiki.RanbikiException as {@code fit} would
   */
  public void tryStep(List<Model> generations, Loader loader) {
    if (generations.size() < 2) {
      throw RanbikiException.configuration(
          "%d generations: the second is the first to be taught; give 2 or more.",
          generations.size());
    }
    Requirements.fitEachOther("generation", generations);
    withoutTeacher().tryStep(generations.get(0), null, loader);
    for (int i = 1; i < generations.size(); i++) {
      withTeacher().tryStepWithCopy(generations.get(i), generations.get(i - 1), loader);
    }
  }

  private OfflineDistillation withoutTeacher() {
    return new OfflineDistillation(objective.labelsAlone(), options, seed);
  }

  private OfflineDistillation withTeacher() {
    return new OfflineDistillation(objective, options, seed);
  }

  private Teacher teacher(List<Model> before) {
    if (ancestors == Ancestors.LAST) {
      return new ModelTeacher(before.get(before.size() - 1), objective.teacherLayers());
    }
    return EnsembleTeacher.ofEqual(
        before.stream().map(model -> new ModelTeacher(model, List.of())).toList(),
        new Combine.Logits());
  }
}
