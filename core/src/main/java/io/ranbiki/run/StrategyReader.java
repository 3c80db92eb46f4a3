package io.ranbiki.run;

import io.ranbiki.config.ConfigNode;
import io.ranbiki.config.MapNode;
import io.ranbiki.config.Named;
import io.ranbiki.config.Rule;
import io.ranbiki.strategy.BornAgain;
import io.ranbiki.strategy.OnlineTeacher;
import io.ranbiki.strategy.Past;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Binds the key {@code strategy}. */
final class StrategyReader {

  private static final List<String> NAMES =
      List.of("offline", "self", "born-again", "progressive", "mutual", "online");
  private static final double DEFAULT_DECAY = 0.999;
  private static final ModelChoice NOT_READ = new ModelChoice("", Map.of(), Optional.empty());

  private StrategyReader() {}

  /**
   * Reads who teaches whom; empty after a mistake.
   *
   * @param student the network to train, which peers are like unless they are named; null after a
   *     mistake
   */
  static Optional<StrategyConfig> read(MapNode root, @Nullable ModelChoice student) {
    return root.optionalNamed("strategy", NAMES, choice -> read(choice, student));
  }

  private static StrategyConfig read(Named choice, @Nullable ModelChoice student) {
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
        ConfigNode assistants = options.node("assistants");
        yield new StrategyConfig.Progressive(
            networks(assistants, "needs one assistant or more; ranbiki plan proposes some"));
      }
      case "mutual" -> new StrategyConfig.Mutual(others(options, student));
      case "online" -> new StrategyConfig.Online(others(options, student), online(options));
      default -> new StrategyConfig.Offline();
    };
  }

  private static Past past(MapNode options) {
    if (options.has("decay")) {
      if (options.optionalInteger("every").isPresent()) {
        options.mistake("has both 'every' and 'decay'; give one of them: snapshots or an average");
      }
      return new Past.Average(decay(options));
    }
    return new Past.Snapshot(options.integer("every", 3, Rule.atLeast(1)));
  }

  private static double decay(MapNode options) {
    return options.number("decay", DEFAULT_DECAY, Rule.atLeast(0), Rule.below(1));
  }

  /**
   * Everybody but the student. Networks like the student have initial weights of their own, even
   * where the student's are read from a file: with the same they would all be one.
   */
  private static List<ModelChoice> others(MapNode options, @Nullable ModelChoice student) {
    Optional<ConfigNode> named = options.optional("others");
    if (named.isEmpty()) {
      int peers = options.integer("peers", 2, Rule.between(2, 100));
      return Collections.nCopies(peers - 1, student == null ? NOT_READ : student.withoutWeights());
    }
    if (options.optionalInteger("peers").isPresent()) {
      options.mistake(
          "has both 'peers' and 'others'; give the number of networks like the student, or name the others");
    }
    return networks(named.get(), "needs one network or more beside the student");
  }

  /** One network or more; a mistake within one of them is no second mistake. */
  private static List<ModelChoice> networks(ConfigNode node, String rule) {
    if (node.isList() && node.list(any -> any).isEmpty()) {
      node.mistake(rule);
    }
    return node.list(network -> RunConfigReader.choice(network.asMap()));
  }

  private static OnlineTeacher online(MapNode options) {
    boolean average =
        options.oneOf("teacher", "ensemble", List.of("ensemble", "average")).equals("average");
    if (!average) {
      if (options.optionalNumber("decay").isPresent()) {
        options.mistake("gives 'decay', which teacher 'ensemble' does not use; take 'average'");
      }
      return new OnlineTeacher.Ensemble();
    }
    return new OnlineTeacher.Average(new Past.Average(decay(options)));
  }
}
