package io.ranbiki.run;

import io.ranbiki.config.Options;
import io.ranbiki.model.Model;
import io.ranbiki.objective.Objective;
import io.ranbiki.result.EpochRecord;
import io.ranbiki.strategy.MutualLearning;
import io.ranbiki.train.TrainOptions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The student and other networks teach each other.
 *
 * @param others one or more
 */
public record MutualStrategy(List<ModelChoice> others) implements StrategyConfig {

  /** Copies the list. */
  public MutualStrategy {
    others = PeerNetworks.require(others);
  }

  static MutualStrategy read(Options options, @Nullable ModelChoice student) {
    return new MutualStrategy(PeerNetworks.read(options, student));
  }

  @Override
  public List<ModelChoice> networks() {
    return others;
  }

  @Override
  public void requireFits(Objective objective, TrainOptions options) {
    new MutualLearning(objective, options, 0);
  }

  @Override
  public void tryStep(Trial trial) {
    of(trial).tryStep(PeerNetworks.all(trial, others), trial.loader());
  }

  @Override
  public List<EpochRecord> train(Training training, Model student) {
    return PeerNetworks.train(training, student, others, of(training)::fit);
  }

  private static MutualLearning of(Told told) {
    return new MutualLearning(told.objective(), told.options(), told.seed());
  }
}
