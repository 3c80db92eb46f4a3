package io.ranbiki.run;

import io.ranbiki.config.Options;
import io.ranbiki.config.Provider;
import io.ranbiki.model.Model;
import io.ranbiki.objective.Objective;
import io.ranbiki.result.EpochRecord;
import io.ranbiki.strategy.OnlineDistillation;
import io.ranbiki.strategy.OnlineTeacher;
import io.ranbiki.strategy.Past;
import io.ranbiki.train.TrainOptions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The student and other networks are taught by a teacher that they form.
 *
 * @param others one or more
 * @param teacher how they form it
 */
public record OnlineStrategy(List<ModelChoice> others, OnlineTeacher teacher)
    implements StrategyConfig {

  /** Copies the list. */
  public OnlineStrategy {
    others = PeerNetworks.require(others);
  }

  static OnlineStrategy read(Options options, @Nullable ModelChoice student) {
    List<ModelChoice> others = PeerNetworks.read(options, student);
    OnlineTeacher teacher =
        options.variant(
            "teacher",
            "ensemble",
            "How they form a teacher",
            List.of(
                Provider.of(
                    OnlineTeacher.class,
                    "ensemble",
                    "The mean of their answers.",
                    ensemble -> new OnlineTeacher.Ensemble()),
                Provider.of(
                    OnlineTeacher.class,
                    "average",
                    "The mean of the answers of their moving averages.",
                    average -> new OnlineTeacher.Average(Past.Average.read(average)))));
    return new OnlineStrategy(others, teacher);
  }

  @Override
  public List<ModelChoice> networks() {
    return others;
  }

  @Override
  public void requireFits(Objective objective, TrainOptions options) {
    new OnlineDistillation(objective, options, 0, teacher);
  }

  @Override
  public void tryStep(Trial trial) {
    of(trial).tryStep(PeerNetworks.all(trial, others), trial.loader());
  }

  @Override
  public List<EpochRecord> train(Training training, Model student) {
    return PeerNetworks.train(training, student, others, of(training)::fit);
  }

  private OnlineDistillation of(Told told) {
    return new OnlineDistillation(told.objective(), told.options(), told.seed(), teacher);
  }
}
