package io.ranbiki.run;

import io.ranbiki.objective.HardLabels;
import io.ranbiki.objective.SoftTargets;
import io.ranbiki.objective.Term;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** The terms of an objective by their names in configurations. */
final class TermReaders {

  private static final Map<String, Function<MapNode, Term>> READERS =
      new TreeMap<>(
          Map.of(
              "hard-labels",
              node ->
                  new HardLabels(
                      OptionReaders.ramp(node, "weight", 1), node.number("label-smoothing", 0)),
              "soft-targets",
              node ->
                  new SoftTargets(
                      OptionReaders.ramp(node, "weight", 1),
                      OptionReaders.ramp(node, "temperature", 4))));

  private TermReaders() {}

  static Term read(ConfigNode node) {
    Named choice = node.oneKey(List.copyOf(READERS.keySet()));
    return READERS.get(choice.name()).apply(choice.options());
  }
}
