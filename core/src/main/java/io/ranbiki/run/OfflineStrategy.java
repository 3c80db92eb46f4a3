package io.ranbiki.run;

import io.ranbiki.model.Model;
import io.ranbiki.objective.Objective;
import io.ranbiki.result.EpochRecord;
import io.ranbiki.strategy.OfflineDistillation;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.train.TrainOptions;
import java.util.List;

/** A frozen teacher, or nobody, teaches the student. */
public record OfflineStrategy() implements StrategyConfig {

  @Override
  public boolean needsTeacher() {
    return true;
  }

  @Override
  public boolean trainsStudentAlone() {
    return true;
  }

  /** An objective of labels alone is plain training, which is no mistake. */
  @Override
  public void requireFits(Objective objective, TrainOptions options) {}

  @Override
  public void tryStep(Trial trial) {
    try (Teacher live = trial.live()) {
      new OfflineDistillation(trial.objective(), trial.options(), trial.seed())
          .tryStep(trial.student(), live, trial.loader());
    }
  }

  @Override
  public List<EpochRecord> train(Training training, Model student) {
    return training.hasTeacher()
        ? training.taught(Stage.STUDENT, student)
        : training.fromLabels("model", student);
  }
}
