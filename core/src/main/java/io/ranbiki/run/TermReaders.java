package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.ConfigNode;
import io.ranbiki.config.MapNode;
import io.ranbiki.config.Named;
import io.ranbiki.config.Rule;
import io.ranbiki.objective.BinaryLabels;
import io.ranbiki.objective.BinaryTargets;
import io.ranbiki.objective.BoundedRegression;
import io.ranbiki.objective.Dist;
import io.ranbiki.objective.Distance;
import io.ranbiki.objective.DivergenceTargets;
import io.ranbiki.objective.Dkd;
import io.ranbiki.objective.HardLabels;
import io.ranbiki.objective.LabelRegression;
import io.ranbiki.objective.OutputRegression;
import io.ranbiki.objective.Ramp;
import io.ranbiki.objective.Reduction;
import io.ranbiki.objective.SoftTargets;
import io.ranbiki.objective.StandardizedTargets;
import io.ranbiki.objective.TeacherDecisions;
import io.ranbiki.objective.Term;
import io.ranbiki.objective.TermProvider;
import io.ranbiki.objective.TopKTargets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The terms of an objective by their names in configurations, with the defaults of their papers.
 */
final class TermReaders {

  private static final Map<String, Function<MapNode, Term>> READERS = new TreeMap<>();

  static {
    READERS.put(
        "hard-labels", node -> new HardLabels(weight(node, 1), node.number("label-smoothing", 0)));
    READERS.put("soft-targets", node -> new SoftTargets(weight(node, 1), temperature(node, 4)));
    READERS.put("teacher-decisions", node -> new TeacherDecisions(weight(node, 1)));
    READERS.put(
        "standardized-targets",
        node -> new StandardizedTargets(weight(node, 9), temperature(node, 2)));
    READERS.put(
        "dkd",
        node ->
            new Dkd(
                warmingUp(node, 1, 20),
                temperature(node, 4),
                node.number("target-weight", 1),
                node.number("non-target-weight", 8),
                node.bool("standardize", false)));
    READERS.put(
        "dist",
        node ->
            new Dist(
                weight(node, 1),
                temperature(node, 1),
                node.number("inter-weight", 1),
                node.number("intra-weight", 1)));
    READERS.put(
        "divergence",
        node ->
            new DivergenceTargets(
                weight(node, 1),
                temperature(node, 1),
                node.number("interpolation", 0.5),
                Reduction.MEAN));
    READERS.put(
        "top-k",
        node ->
            new TopKTargets(
                weight(node, 1),
                temperature(node, 1),
                node.integer("k", 32),
                word(node, "missing", TopKTargets.Missing.BUCKET)));
    READERS.put(
        "binary-targets",
        node ->
            new BinaryTargets(
                weight(node, 1), temperature(node, 1), word(node, "reduction", Reduction.MEAN)));
    READERS.put(
        "binary-labels",
        node -> new BinaryLabels(weight(node, 1), word(node, "reduction", Reduction.MEAN)));
    READERS.put(
        "output-regression",
        node -> new OutputRegression(weight(node, 1), temperature(node, 1), distance(node)));
    READERS.put("label-regression", node -> new LabelRegression(weight(node, 1), distance(node)));
    READERS.put(
        "bounded-regression",
        node -> new BoundedRegression(weight(node, 1), node.number("margin", 0)));
    FeatureTermReaders.addTo(READERS);
  }

  private TermReaders() {}

  /** The names of the built-in terms, sorted. */
  static Set<String> names() {
    return Collections.unmodifiableSet(READERS.keySet());
  }

  /** Reads one entry of an objective: a term of ours, or one that a provider offers. */
  static Term read(ConfigNode node) {
    Map<String, TermProvider> own = TermProvider.installed();
    List<String> names = new ArrayList<>(READERS.keySet());
    for (String name : own.keySet()) {
      if (READERS.containsKey(name)) {
        throw RanbikiException.configuration(
            "%s provides a term '%s', which is the name of a built-in one; rename it",
            own.get(name).getClass().getName(), name);
      }
      names.add(name);
    }
    Named choice = node.oneKey(names);
    TermProvider provider = own.get(choice.name());
    return provider == null
        ? Objects.requireNonNull(READERS.get(choice.name())).apply(choice.options())
        : provider.create(choice.options().anything());
  }

  static Ramp weight(MapNode node, double standard) {
    return OptionReaders.ramp(node, "weight", standard);
  }

  /** A weight that rises from 0, unless the file says itself how it changes. */
  private static Ramp warmingUp(MapNode node, double standard, double epochs) {
    Ramp weight = weight(node, standard);
    double warmUp = node.number("warm-up", epochs, Rule.atLeast(0));
    return weight.shape() == Ramp.Shape.CONSTANT && warmUp > 0
        ? Ramp.warmUp(weight.end(), warmUp)
        : weight;
  }

  private static Ramp temperature(MapNode node, double standard) {
    return OptionReaders.ramp(node, "temperature", standard);
  }

  private static Distance distance(MapNode node) {
    return new Distance(word(node, "distance", Distance.Kind.MSE), node.number("threshold", 1));
  }

  /** One of an enum's constants, written in small letters with hyphens. */
  static <E extends Enum<E>> E word(MapNode node, String key, E standard) {
    List<E> constants = Arrays.asList(standard.getDeclaringClass().getEnumConstants());
    List<String> words = constants.stream().map(TermReaders::word).toList();
    int chosen = words.indexOf(node.oneOf(key, word(standard), words));
    return chosen < 0 ? standard : constants.get(chosen);
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
