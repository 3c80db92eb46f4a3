package io.ranbiki.strategy;

import io.ranbiki.data.Loader;
import io.ranbiki.model.Model;
import io.ranbiki.objective.Objective;
import io.ranbiki.train.EpochStats;
import io.ranbiki.train.TrainOptions;
import io.ranbiki.train.Trainer;
import io.ranbiki.train.TrainingListener;
import io.ranbiki.train.Watch;
import java.util.List;

/**
 * A student learns from its own past, without any other teacher. See {@link BornAgain} for the form
 * in which a fresh student learns from a finished one.
 *
 * @param objective what the student is taught by; at least one term without a teacher, such as
 *     hard-labels, because there is no past at the beginning
 * @param options how it is fitted
 * @param seed source of initial values for what terms train themselves
 * @param past which past teaches
 */
public record SelfDistillation(Objective objective, TrainOptions options, long seed, Past past) {

  /** Checks that there is something to teach, and that the training can begin without it. */
  public SelfDistillation {
    Requirements.teaches("Self-distillation", objective);
    Requirements.hasTimeFor(past, "Self-distillation", objective, options);
  }

  /**
   * Asks everybody and binds the objective once, and trains nothing, so that mistakes show before
   * any work is done.
   *
   * @throws io.ranbiki.RanbikiException as {@code fit} would
   */
  public void tryStep(Model student, Loader loader) {
    List<Model> alone = List.of(student);
    TrainingListener nobody = TrainingListener.NONE;
    try (PastSelf self = new PastSelf(student, past, objective)) {
      new Trainer(alone, self, objective, loader, options, seed, nobody).close();
    }
  }

  /** Fits a student in place, with nobody looking on. */
  public List<EpochStats> fit(Model student, Loader loader) {
    return fit(student, loader, Watch.NONE);
  }

  /**
   * Fits a student in place, from the newest checkpoint if there is one.
   *
   * @return what each epoch did, from the checkpoint on
   * @throws io.ranbiki.train.Interrupted if it was asked to stop
   */
  public List<EpochStats> fit(Model student, Loader loader, Watch watch) {
    TrainingListener listener = watch.listener();
    try (PastSelf self = new PastSelf(student, past, objective);
        Trainer trainer =
            new Trainer(List.of(student), self, objective, loader, options, seed, listener)) {
      return trainer.run(watch);
    }
  }
}
