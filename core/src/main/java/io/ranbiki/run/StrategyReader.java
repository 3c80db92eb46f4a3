package io.ranbiki.run;

import io.ranbiki.strategy.BornAgain;
import io.ranbiki.strategy.OnlineTeacher;
import io.ranbiki.strategy.Past;
import java.util.Collections;
import java.util.List;

/** Binds the key {@code strategy}. */
final class StrategyReader {

  private static final List<String> NAMES =
      List.of("offline", "self", "born-again", "progressive", "mutual", "online");
  private static final double DEFAULT_DECAY = 0.999;

  private StrategyReader() {}

  /**
   * Reads who teaches whom.
   *
   * @param student the network to train, which peers are like unless they are named
   */
  static StrategyConfig read(MapNode root, ModelChoice student) {
    return root.optionalNamed("strategy", NAMES, choice -> read(choice, student))
        .orElseGet(StrategyConfig.Offline::new);
  }

  private static StrategyConfig read(Named choice, ModelChoice student) {
    MapNode options = choice.options();
    return switch (choice.name()) {
      case "self" -> new StrategyConfig.Self(past(options));
      case "born-again" ->
          new StrategyConfig.Generations(
              options.integer("generations", 3, Rule.atLeast(2)),
              options.oneOf("taught-by", "last", List.of("last", "all")).equals("last")
                  ? BornAgain.Ancestors.LAST
                  : BornAgain.Ancestors.ALL);
      case "progressive" -> {
        List<ModelChoice> assistants =
            options.list("assistants", node -> RunConfigReader.choice(node.asMap()));
        if (assistants.isEmpty()) {
          options.mistake("needs at least one assistant; ranbiki plan proposes some");
        }
        yield new StrategyConfig.Progressive(assistants);
      }
      case "mutual" -> new StrategyConfig.Mutual(others(options, student));
      case "online" -> new StrategyConfig.Online(others(options, student), online(options));
      default -> new StrategyConfig.Offline();
    };
  }

  private static Past past(MapNode options) {
    if (options.has("decay")) {
      if (options.has("every")) {
        options.mistake("has both 'every' and 'decay'; give one of them: snapshots or an average");
      }
      return new Past.Average(decay(options));
    }
    return new Past.Snapshot(options.integer("every", 3, Rule.atLeast(1)));
  }

  private static double decay(MapNode options) {
    return options.number("decay", DEFAULT_DECAY, Rule.atLeast(0), Rule.below(1));
  }

  /** Everybody but the student. */
  private static List<ModelChoice> others(MapNode options, ModelChoice student) {
    List<ModelChoice> others =
        options.optionalList("others", node -> RunConfigReader.choice(node.asMap()));
    if (others.isEmpty()) {
      int peers = options.integer("peers", 2, Rule.between(2, 100));
      return Collections.nCopies(peers - 1, student);
    }
    if (options.has("peers")) {
      options.mistake(
          "has both 'peers' and 'others'; give the number of networks like the student, or name the others");
    }
    return others;
  }

  private static OnlineTeacher online(MapNode options) {
    boolean average =
        options.oneOf("teacher", "ensemble", List.of("ensemble", "average")).equals("average");
    if (!average) {
      if (options.has("decay")) {
        options.mistake("gives 'decay', which teacher 'ensemble' does not use; take 'average'");
      }
      return new OnlineTeacher.Ensemble();
    }
    return new OnlineTeacher.Average(new Past.Average(decay(options)));
  }
}
