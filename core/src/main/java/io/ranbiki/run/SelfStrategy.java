package io.ranbiki.run;

import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.model.Model;
import io.ranbiki.objective.Objective;
import io.ranbiki.result.EpochRecord;
import io.ranbiki.strategy.Past;
import io.ranbiki.strategy.SelfDistillation;
import io.ranbiki.train.TrainOptions;
import java.util.List;

/**
 * The student's own past teaches it.
 *
 * @param past which
 */
public record SelfStrategy(Past past) implements StrategyConfig {

  static SelfStrategy read(Options options) {
    return new SelfStrategy(
        options.either(
            "decay",
            Past.Average::read,
            snapshots ->
                new Past.Snapshot(
                    snapshots.integer(
                        "every", 3, "Epochs from one snapshot to the next", Rule.atLeast(1)))));
  }

  private SelfDistillation of(Told told) {
    return new SelfDistillation(told.objective(), told.options(), told.seed(), past);
  }

  @Override
  public void requireFits(Objective objective, TrainOptions options) {
    new SelfDistillation(objective, options, 0, past);
  }

  @Override
  public void tryStep(Trial trial) {
    of(trial).tryStep(trial.student(), trial.loader());
  }

  @Override
  public List<EpochRecord> train(Training training, Model student) {
    SelfDistillation distillation = of(training);
    return training.fit(student, (loader, watch) -> distillation.fit(student, loader, watch));
  }
}
