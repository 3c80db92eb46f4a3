package io.ranbiki.run;

import io.ranbiki.config.Options;
import io.ranbiki.config.Provider;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** All strategies by their names in configurations. */
final class Strategies {

  private Strategies() {}

  /**
   * The list.
   *
   * @param student the network to train, which peers are like unless they are named; null after a
   *     mistake
   */
  static List<Provider<StrategyConfig>> providers(@Nullable ModelChoice student) {
    return List.of(
        strategy(
            "offline", "A frozen teacher teaches the student.", options -> new OfflineStrategy()),
        strategy("self", "The student's own past teaches it.", SelfStrategy::read),
        strategy(
            "born-again",
            "Each generation teaches the next, and the last one is the student.",
            BornAgainStrategy::read),
        strategy(
            "progressive",
            "The teacher teaches assistants, and the last of them the student.",
            ProgressiveStrategy::read),
        strategy(
            "mutual",
            "The student and other networks teach each other.",
            options -> MutualStrategy.read(options, student)),
        strategy(
            "online",
            "The student and other networks are taught by a teacher that they form.",
            options -> OnlineStrategy.read(options, student)));
  }

  private static Provider<StrategyConfig> strategy(
      String name, String sentence, Function<Options, StrategyConfig> reader) {
    return Provider.of(StrategyConfig.class, name, sentence, reader);
  }
}
