package io.ranbiki.strategy;

import io.ranbiki.data.Loader;
import io.ranbiki.model.Model;
import io.ranbiki.objective.Objective;
import io.ranbiki.teacher.ModelTeacher;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.train.EpochStats;
import io.ranbiki.train.TrainOptions;
import io.ranbiki.train.Trainer;
import io.ranbiki.train.TrainingListener;
import io.ranbiki.train.Watch;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A frozen teacher teaches a student: the basic distillation (Hinton, Vinyals and Dean 2015,
 * arXiv:1503.02531). Without a teacher and with {@code hard-labels} alone it is ordinary training.
 *
 * <pre>{@code
 * try (Model student = Model.create(ModelSpec.of("student-cnn", List.of(1, 28, 28), 10), 1);
 *     Teacher teacher = new ModelTeacher(teacherModel, List.of())) {
 *   Objective objective = Objective.of(new HardLabels(0.3), new SoftTargets(0.7, 4));
 *   new OfflineDistillation(objective, options, 1).fit(student, teacher, loader);
 * }
 * }</pre>
 *
 * @param objective what the student is taught by
 * @param options how it is fitted
 * @param seed source of initial values for what terms train themselves
 */
public record OfflineDistillation(Objective objective, TrainOptions options, long seed) {

  /**
   * Asks everybody and binds the objective once, and trains nothing, so that mistakes show before
   * any work is done.
   *
   * @throws io.ranbiki.RanbikiException as {@code fit} would
   */
  public void tryStep(Model student, @Nullable Teacher teacher, Loader loader) {
    TrainingListener nobody = TrainingListener.NONE;
    new Trainer(student, teacher, objective, loader, options, seed, nobody).close();
  }

  /**
   * The same with a copy of a network as teacher, for it must not be frozen before it is fitted.
   */
  void tryStepWithCopy(Model student, Model teacher, Loader loader) {
    try (Model copy = teacher.copy(0);
        Teacher frozen = new ModelTeacher(copy, objective.teacherLayers())) {
      tryStep(student, frozen, loader);
    }
  }

  /** Fits a student in place, with nobody looking on. */
  public List<EpochStats> fit(Model student, @Nullable Teacher teacher, Loader loader) {
    return fit(student, teacher, loader, Watch.NONE);
  }

  /**
   * Fits a student in place, from the newest checkpoint if there is one.
   *
   * @param teacher null if the objective needs none
   * @return what each epoch did, from the checkpoint on
   * @throws io.ranbiki.train.Interrupted if it was asked to stop
   */
  public List<EpochStats> fit(
      Model student, @Nullable Teacher teacher, Loader loader, Watch watch) {
    try (Trainer trainer =
        new Trainer(student, teacher, objective, loader, options, seed, watch.listener())) {
      return trainer.run(watch);
    }
  }
}
