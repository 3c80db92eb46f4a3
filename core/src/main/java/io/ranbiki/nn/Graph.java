package io.ranbiki.nn;

import io.ranbiki.RanbikiException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What a network computes in evaluation mode, step by step, so that it can be written down for
 * another engine. Values have the path of the module that made them, as taps do; where a module
 * makes several, a number is added.
 */
public final class Graph {

  /** The name of what goes into a network of a single input; others have the names of fields. */
  public static final String INPUT = "input";

  /**
   * One operation.
   *
   * @param name of the value that it makes
   * @param inputs names of the values that it takes, as many as the operation says
   */
  public record Step(String name, Operation operation, List<String> inputs) {
    /** Copies the names. */
    public Step {
      inputs = List.copyOf(inputs);
    }
  }

  private final IdentityHashMap<Module, String> paths = new IdentityHashMap<>();
  private final Deque<Module> within = new ArrayDeque<>();
  private final Set<String> names = new HashSet<>();
  private final List<Step> steps = new ArrayList<>();

  private Graph() {}

  /**
   * The steps of a network in the order in which they are computed; the last one makes the output.
   *
   * @throws RanbikiException if a module inside does not say what it computes
   */
  public static List<Step> of(Network network) {
    Graph graph = new Graph();
    network.modules().forEach((path, module) -> graph.paths.put(module, path));
    graph.paths.put(network, "");
    Map<String, String> inputs = inputs(network);
    graph.names.addAll(inputs.values());
    String output = graph.within(network, () -> network.describe(graph, inputs));
    if (graph.steps.isEmpty() || !graph.steps.get(graph.steps.size() - 1).name().equals(output)) {
      throw RanbikiException.model(
          "The network %s does not compute its output last; nothing can be written of it.",
          network.getClass().getSimpleName());
    }
    return List.copyOf(graph.steps);
  }

  /**
   * Adds what a layer computes.
   *
   * @param input name of the value that goes into it
   * @return name of the value that comes out
   */
  public String apply(Layer layer, String input) {
    return within(layer, () -> layer.describe(this, input));
  }

  /** Adds what a module computes that is no layer; its values have the module's path. */
  public String within(Module module, Supplier<String> description) {
    within.push(module);
    try {
      return description.get();
    } finally {
      within.pop();
    }
  }

  /** The names of the values that go into a network, by field. */
  public static Map<String, String> inputs(Network network) {
    Map<String, String> names = new LinkedHashMap<>();
    boolean single = network.inputs().size() == 1;
    network.inputs().forEach(field -> names.put(field.name(), single ? INPUT : field.name()));
    return names;
  }

  /**
   * Adds one operation.
   *
   * @param inputs names of the values that it takes
   * @return name of the value that it makes
   */
  public String add(Operation operation, String... inputs) {
    String path = paths.getOrDefault(within.element(), "");
    String wanted = path.isEmpty() ? operation.getClass().getSimpleName() : path;
    String name = wanted;
    for (int i = 2; !names.add(name); i++) {
      name = wanted + "_" + i;
    }
    steps.add(new Step(name, operation, List.of(inputs)));
    return name;
  }

  RanbikiException unknown(Module module) {
    String path = paths.getOrDefault(module, "");
    String method = module instanceof Network ? "answer" : "forward";
    return RanbikiException.model(
        "%s of class %s does not say what it computes, so the network cannot be exported. Override"
            + " describe in that class, with the operations that %s stands for.",
        path.isEmpty() ? "The network" : "Layer '" + path + "'",
        module.getClass().getName(),
        method);
  }
}
