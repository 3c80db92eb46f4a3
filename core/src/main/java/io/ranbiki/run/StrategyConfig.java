package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.ConfigNode;
import io.ranbiki.config.Options;
import io.ranbiki.config.Provider;
import io.ranbiki.config.Rule;
import io.ranbiki.objective.Objective;
import io.ranbiki.strategy.BornAgain;
import io.ranbiki.strategy.MutualLearning;
import io.ranbiki.strategy.OnlineDistillation;
import io.ranbiki.strategy.OnlineTeacher;
import io.ranbiki.strategy.Past;
import io.ranbiki.strategy.ProgressiveDistillation;
import io.ranbiki.strategy.SelfDistillation;
import io.ranbiki.train.TrainOptions;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Who teaches whom, in what order. */
public sealed interface StrategyConfig {

  /**
   * All strategies by their names in configurations.
   *
   * @param student the network to train, which peers are like unless they are named; null after a
   *     mistake
   */
  static List<Provider<StrategyConfig>> providers(@Nullable ModelChoice student) {
    return List.of(
        provider("offline", "A frozen teacher teaches the student.", options -> new Offline()),
        provider("self", "The student's own past teaches it.", Self::read),
        provider(
            "born-again",
            "Each generation teaches the next, and the last one is the student.",
            Generations::read),
        provider(
            "progressive",
            "The teacher teaches assistants, and the last of them the student.",
            Progressive::read),
        provider(
            "mutual",
            "The student and other networks teach each other.",
            options -> new Mutual(readOthers(options, student))),
        provider(
            "online",
            "The student and other networks are taught by a teacher that they form.",
            options -> Online.read(options, student)));
  }

  private static Provider<StrategyConfig> provider(
      String name, String sentence, Function<Options, StrategyConfig> reader) {
    return Provider.of(StrategyConfig.class, name, sentence, reader);
  }

  /**
   * Everybody but the student. Networks like the student have initial weights of their own, even
   * where the student's are read from a file: with the same they would all be one.
   */
  private static List<ModelChoice> readOthers(Options options, @Nullable ModelChoice student) {
    return options.either(
        "others",
        named ->
            named.value(
                "others",
                "The networks beside the student",
                node -> readNetworks(node, "needs one network or more beside the student.")),
        alike -> {
          int peers =
              alike.integer(
                  "peers", 2, "How many networks like the student there are", Rule.between(2, 100));
          return student == null
              ? alike.stop()
              : Collections.nCopies(peers - 1, student.withoutWeights());
        });
  }

  /** One network or more; a mistake within one of them is no second mistake. */
  private static List<ModelChoice> readNetworks(ConfigNode node, String rule) {
    List<ModelChoice> networks = node.list(network -> ModelChoice.read(network.options()));
    if (node.isEmptyList()) {
      node.mistake(rule);
    }
    return networks;
  }

  private static Past.Average average(Options options) {
    return new Past.Average(
        options.number(
            "decay",
            0.999,
            "Share of the average that stays in a step",
            Rule.atLeast(0),
            Rule.below(1)));
  }

  /** A frozen teacher, or nobody, teaches the student. */
  record Offline() implements StrategyConfig {

    @Override
    public void requireFits(Objective objective, TrainOptions options) {
      // An objective of labels alone is plain training, which is no mistake.
    }
  }

  /** The student's own past teaches it. */
  record Self(Past past) implements StrategyConfig {

    static Self read(Options options) {
      return new Self(
          options.either(
              "decay",
              StrategyConfig::average,
              snapshots ->
                  new Past.Snapshot(
                      snapshots.integer(
                          "every", 3, "Epochs from one snapshot to the next", Rule.atLeast(1)))));
    }

    SelfDistillation distillation(Objective objective, TrainOptions options, long seed) {
      return new SelfDistillation(objective, options, seed, past);
    }

    @Override
    public void requireFits(Objective objective, TrainOptions options) {
      distillation(objective, options, 0);
    }
  }

  /**
   * Each generation teaches the next, and the last one is the student. Deviation from born-again
   * networks: the first generation and the last have the same initial weights, so that the first is
   * also the student from labels alone that the last is compared with; those between have weights
   * of their own.
   *
   * @param generations 2 or more; the first learns from labels alone
   */
  record Generations(int generations, BornAgain.Ancestors ancestors) implements StrategyConfig {
    /** Checks the number. */
    public Generations {
      if (generations < 2) {
        throw RanbikiException.configuration(
            "%d generations: the second is the first to be taught; give 2 or more.", generations);
      }
    }

    static Generations read(Options options) {
      return new Generations(
          options.integer("generations", 3, "How many there are", Rule.atLeast(2)),
          options.word("taught-by", BornAgain.Ancestors.LAST, "Which generations teach the next"));
    }

    BornAgain distillation(Objective objective, TrainOptions options, long seed) {
      return new BornAgain(objective, options, seed, ancestors);
    }

    @Override
    public void requireFits(Objective objective, TrainOptions options) {
      distillation(objective, options, 0);
    }
  }

  /**
   * The teacher teaches assistants, and the last of them the student.
   *
   * @param assistants one or more, largest first
   */
  record Progressive(List<ModelChoice> assistants) implements StrategyConfig {
    /** Copies the list. */
    public Progressive {
      assistants = List.copyOf(assistants);
      if (assistants.isEmpty()) {
        throw RanbikiException.configuration(
            "Progressive distillation needs one assistant or more; without one, take strategy offline.");
      }
    }

    static Progressive read(Options options) {
      return new Progressive(
          options.value(
              "assistants",
              "The networks between teacher and student, largest first",
              node ->
                  readNetworks(node, "needs one assistant or more; ranbiki plan proposes some.")));
    }

    ProgressiveDistillation distillation(Objective objective, TrainOptions options, long seed) {
      return new ProgressiveDistillation(objective, options, seed);
    }

    @Override
    public void requireFits(Objective objective, TrainOptions options) {
      distillation(objective, options, 0);
    }
  }

  /**
   * The student and other networks teach each other.
   *
   * @param others one or more
   */
  record Mutual(List<ModelChoice> others) implements StrategyConfig {
    /** Copies the list. */
    public Mutual {
      others = requireOthers(others);
    }

    MutualLearning learning(Objective objective, TrainOptions options, long seed) {
      return new MutualLearning(objective, options, seed);
    }

    @Override
    public void requireFits(Objective objective, TrainOptions options) {
      learning(objective, options, 0);
    }
  }

  /**
   * The student and other networks are taught by a teacher that they form.
   *
   * @param others one or more
   */
  record Online(List<ModelChoice> others, OnlineTeacher teacher) implements StrategyConfig {
    /** Copies the list. */
    public Online {
      others = requireOthers(others);
    }

    static Online read(Options options, @Nullable ModelChoice student) {
      List<ModelChoice> others = readOthers(options, student);
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
                      average -> new OnlineTeacher.Average(average(average)))));
      return new Online(others, teacher);
    }

    OnlineDistillation distillation(Objective objective, TrainOptions options, long seed) {
      return new OnlineDistillation(objective, options, seed, teacher);
    }

    @Override
    public void requireFits(Objective objective, TrainOptions options) {
      distillation(objective, options, 0);
    }
  }

  private static List<ModelChoice> requireOthers(List<ModelChoice> others) {
    if (others.isEmpty()) {
      throw RanbikiException.configuration(
          "The student has no peer to learn with; give one other network or more.");
    }
    return List.copyOf(others);
  }

  /** The networks that are trained beside the student or before it, as far as they are named. */
  default List<ModelChoice> networks() {
    if (this instanceof Progressive progressive) {
      return progressive.assistants();
    }
    if (this instanceof Mutual mutual) {
      return mutual.others();
    }
    return this instanceof Online online ? online.others() : List.of();
  }

  /** Whether a teacher that was trained before is needed; otherwise there must be none. */
  default boolean needsTeacher() {
    return this instanceof Offline || this instanceof Progressive;
  }

  /**
   * Checks that this can be done with an objective.
   *
   * @throws RanbikiException if nobody would ever teach, or could not teach what is asked for
   */
  void requireFits(Objective objective, TrainOptions options);
}
