package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Options;
import io.ranbiki.model.Model;
import io.ranbiki.objective.Objective;
import io.ranbiki.result.EpochRecord;
import io.ranbiki.strategy.ProgressiveDistillation;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.train.TrainOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The teacher teaches assistants, and the last of them the student.
 *
 * @param assistants one or more, largest first
 */
public record ProgressiveStrategy(List<ModelChoice> assistants) implements StrategyConfig {

  /** Copies the list. */
  public ProgressiveStrategy {
    assistants = List.copyOf(assistants);
    if (assistants.isEmpty()) {
      throw RanbikiException.configuration(
          "Progressive distillation needs one assistant or more; without one, take strategy offline.");
    }
  }

  static ProgressiveStrategy read(Options options) {
    return new ProgressiveStrategy(
        options.value(
            "assistants",
            "The networks between teacher and student, largest first",
            node ->
                PeerNetworks.read(
                    node, "needs one assistant or more; ranbiki plan proposes some.")));
  }

  @Override
  public List<ModelChoice> networks() {
    return assistants;
  }

  @Override
  public boolean needsTeacher() {
    return true;
  }

  @Override
  public boolean teachesWithItsOwn() {
    return true;
  }

  @Override
  public List<List<ModelChoice>> together(ModelChoice student) {
    return Stream.concat(assistants.stream(), Stream.of(student)).map(List::of).toList();
  }

  @Override
  public void requireFits(Objective objective, TrainOptions options) {
    new ProgressiveDistillation(objective, options, 0);
  }

  @Override
  public void tryStep(Trial trial) {
    List<Model> chain = new ArrayList<>(trial.others(assistants));
    chain.add(trial.student());
    try (Teacher live = Objects.requireNonNull(trial.live())) {
      new ProgressiveDistillation(trial.objective(), trial.options(), trial.seed())
          .tryStep(live, chain, trial.loader());
    }
    trial.noteSizes(chain);
  }

  @Override
  public List<EpochRecord> train(Training training, Model student) {
    List<Path> above = List.of();
    for (int i = 1; i <= assistants.size(); i++) {
      String name = "assistant-" + i;
      try (Model assistant = training.initial(assistants.get(i - 1), i)) {
        if (i == 1) {
          training.taught(name, assistant);
        } else {
          training.taughtBy(above, name, assistant);
        }
        above = List.of(training.keepBest(name, name, assistant));
      }
    }
    return training.taughtBy(above, Stage.STUDENT, student);
  }
}
