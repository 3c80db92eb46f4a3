package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.model.Model;
import io.ranbiki.objective.Objective;
import io.ranbiki.result.EpochRecord;
import io.ranbiki.result.Result;
import io.ranbiki.strategy.BornAgain;
import io.ranbiki.train.TrainOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Each generation teaches the next, and the last one is the student. Deviation from born-again
 * networks: the first generation and the last have the same initial weights, so that the first is
 * also the student from labels alone that the last is compared with; those between have weights of
 * their own.
 *
 * @param generations 2 or more; the first learns from labels alone
 */
public record BornAgainStrategy(int generations, BornAgain.Ancestors ancestors)
    implements StrategyConfig {

  /** Checks the number. */
  public BornAgainStrategy {
    if (generations < 2) {
      throw RanbikiException.configuration(
          "%d generations: the second is the first to be taught; give 2 or more.", generations);
    }
  }

  static BornAgainStrategy read(Options options) {
    return new BornAgainStrategy(
        options.integer("generations", 3, "How many there are", Rule.atLeast(2)),
        options.word("taught-by", BornAgain.Ancestors.LAST, "Which generations teach the next"));
  }

  @Override
  public boolean teachesWithItsOwn() {
    return true;
  }

  /** The first generation does. */
  @Override
  public boolean learnsFromLabels() {
    return true;
  }

  @Override
  public void requireFits(Objective objective, TrainOptions options) {
    new BornAgain(objective, options, 0, ancestors);
  }

  @Override
  public void tryStep(Trial trial) {
    List<Model> two = List.of(trial.student(), trial.another());
    new BornAgain(trial.objective(), trial.options(), trial.seed(), ancestors)
        .tryStep(two, trial.loader());
  }

  @Override
  public List<EpochRecord> train(Training training, Model student) {
    List<Model> before = new ArrayList<>();
    List<Path> folders = new ArrayList<>();
    try {
      // The first generation is what the run compares with, so that it is trained only once.
      before.add(training.labelsAlone());
      folders.add(training.keepBest("generation-1", Result.SCRATCH, before.get(0)));
      for (int generation = 2; generation < generations; generation++) {
        Model next = training.like(student, generation);
        before.add(next);
        String name = "generation-" + generation;
        training.taughtBy(ancestors(folders), name, next);
        folders.add(training.keepBest(name, name, next));
      }
      List<EpochRecord> history = training.taughtBy(ancestors(folders), Stage.STUDENT, student);
      try (Model last = training.best(student)) {
        List<Model> all = new ArrayList<>(before);
        all.add(last);
        training.judgeTogether(all);
      }
      return history;
    } finally {
      before.forEach(Model::close);
    }
  }

  private List<Path> ancestors(List<Path> folders) {
    return ancestors == BornAgain.Ancestors.ALL
        ? folders
        : folders.subList(folders.size() - 1, folders.size());
  }
}
