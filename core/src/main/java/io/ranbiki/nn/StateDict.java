package io.ranbiki.nn;

import io.ranbiki.RanbikiException;
import io.ranbiki.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Copies the state of a module, its parameters and buffers by path, in and out. */
public final class StateDict {

  private static final int NAMES_IN_MESSAGE = 8;

  private StateDict() {}

  /**
   * Copies values into a module. Nothing is copied unless everything fits.
   *
   * @param source where the values come from, for messages
   * @throws RanbikiException if tensors are missing, extra or misshapen: their names are listed
   */
  public static void load(Module module, Map<String, Tensor> values, String source) {
    Map<String, Tensor> state = module.state();
    List<String> mistakes = new ArrayList<>();
    list(mistakes, "missing", state.keySet().stream().filter(n -> !values.containsKey(n)).toList());
    list(mistakes, "unknown", values.keySet().stream().filter(n -> !state.containsKey(n)).toList());
    list(
        mistakes,
        "misshapen",
        state.keySet().stream()
            .filter(values::containsKey)
            .filter(n -> !Arrays.equals(values.get(n).shape(), state.get(n).shape()))
            .map(
                n ->
                    "%s is %s and must be %s"
                        .formatted(
                            n,
                            Arrays.toString(values.get(n).shape()),
                            Arrays.toString(state.get(n).shape())))
            .toList());
    if (!mistakes.isEmpty()) {
      throw RanbikiException.model(
          "%s does not fit this architecture: %s. Check the architecture and its options, such as the number of classes.",
          source, String.join("; ", mistakes));
    }
    state.forEach((name, tensor) -> tensor.copyFrom(values.get(name)));
  }

  /** Copies the state of one module into another of the same architecture. */
  public static void copy(Module from, Module to) {
    load(to, from.state(), "the other module");
  }

  private static void list(List<String> mistakes, String kind, List<String> names) {
    if (!names.isEmpty()) {
      int shown = Math.min(NAMES_IN_MESSAGE, names.size());
      String more = names.size() > shown ? " and %d more".formatted(names.size() - shown) : "";
      mistakes.add(kind + ": " + String.join(", ", names.subList(0, shown)) + more);
    }
  }
}
