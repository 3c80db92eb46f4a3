package io.ranbiki.strategy;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Loader;
import io.ranbiki.model.Model;
import io.ranbiki.objective.Objective;
import io.ranbiki.teacher.ModelTeacher;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.train.EpochStats;
import io.ranbiki.train.TrainOptions;
import java.util.ArrayList;
import java.util.List;

/**
 * A teacher teaches an assistant, which teaches a smaller one, and so on down to the student: each
 * step bridges a smaller gap (Mirzadeh et al. 2020, arXiv:1902.03393). {@link AssistantPlan}
 * proposes the sizes.
 *
 * @param objective what each is taught by
 * @param options how each is fitted
 * @param seed source of initial values for what terms train themselves
 */
public record ProgressiveDistillation(Objective objective, TrainOptions options, long seed) {

  /** Checks that there is something to teach. */
  public ProgressiveDistillation {
    Requirements.teaches("Progressive distillation", objective);
  }

  /**
   * Fits every model of a chain in place.
   *
   * @param teacher of the first assistant
   * @param chain the assistants, largest first, and the student at the end; frozen once they teach
   * @return for each of them what each epoch did
   * @throws RanbikiException if the chain is empty, or its models do not fit each other or the
   *     objective; none is trained then
   */
  public List<List<EpochStats>> fit(Teacher teacher, List<Model> chain, Loader loader) {
    tryStep(teacher, chain, loader);
    OfflineDistillation step = step();
    List<List<EpochStats>> history = new ArrayList<>();
    history.add(step.fit(chain.get(0), teacher, loader));
    for (int i = 1; i < chain.size(); i++) {
      try (Teacher assistant = new ModelTeacher(chain.get(i - 1), objective.teacherLayers())) {
        history.add(step.fit(chain.get(i), assistant, loader));
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
  public void tryStep(Teacher teacher, List<Model> chain, Loader loader) {
    if (chain.isEmpty()) {
      throw RanbikiException.configuration(
          "The chain has no student; give the assistants, largest first, and the student at the end.");
    }
    Requirements.fitEachOther("model", chain);
    step().tryStep(chain.get(0), teacher, loader);
    for (int i = 1; i < chain.size(); i++) {
      step().tryStepWithCopy(chain.get(i), chain.get(i - 1), loader);
    }
  }

  private OfflineDistillation step() {
    return new OfflineDistillation(objective, options, seed);
  }
}
