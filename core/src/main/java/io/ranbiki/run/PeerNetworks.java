package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.ConfigNode;
import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.data.Loader;
import io.ranbiki.model.Model;
import io.ranbiki.result.EpochRecord;
import io.ranbiki.train.Watch;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The networks that train together with the student. */
final class PeerNetworks {

  private PeerNetworks() {}

  /**
   * Everybody but the student. Networks like the student have initial weights of their own, even
   * where the student's are read from a file: with the same they would all be one.
   */
  static List<ModelChoice> read(Options options, @Nullable ModelChoice student) {
    return options.either(
        "others",
        named ->
            named.value(
                "others",
                "The networks beside the student",
                node -> read(node, "needs one network or more beside the student.")),
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
  static List<ModelChoice> read(ConfigNode node, String rule) {
    List<ModelChoice> networks = node.list(network -> ModelChoice.read(network.options()));
    if (node.isEmptyList()) {
      node.mistake(rule);
    }
    return networks;
  }

  static List<ModelChoice> require(List<ModelChoice> others) {
    if (others.isEmpty()) {
      throw RanbikiException.configuration(
          "The student has no peer to learn with; give one other network or more.");
    }
    return List.copyOf(others);
  }

  /** The student and the others as they are before training. */
  static List<Model> all(StrategyConfig.Trial trial, List<ModelChoice> others) {
    return Stream.concat(Stream.of(trial.student()), trial.others(others).stream()).toList();
  }

  /** A way in which several networks train together. */
  @FunctionalInterface
  interface Cohort {
    void fit(List<Model> peers, Loader loader, Watch watch);
  }

  /** Trains all of them, and keeps the others beside the student. */
  static List<EpochRecord> train(
      StrategyConfig.Training training, Model student, List<ModelChoice> others, Cohort cohort) {
    List<Model> peers = new ArrayList<>(List.of(student));
    try {
      for (ModelChoice choice : others) {
        peers.add(training.initial(choice, peers.size()));
      }
      List<EpochRecord> history =
          training.fit(student, (loader, watch) -> cohort.fit(peers, loader, watch));
      for (int i = 1; i < peers.size(); i++) {
        training.keep(Stage.PEER + (i + 1), peers.get(i));
      }
      training.judgeTogether(peers);
      return history;
    } finally {
      peers.subList(1, peers.size()).forEach(Model::close);
    }
  }
}
