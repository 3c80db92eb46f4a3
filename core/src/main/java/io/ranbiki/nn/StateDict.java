package io.ranbiki.nn;

import io.ranbiki.RanbikiException;
import io.ranbiki.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** Copies the state of a module, its parameters and buffers by path, in and out. */
public final class StateDict {

  private static final int NAMES_IN_MESSAGE = 8;
  private static final int LONGEST_NAME = 120;

  /** A count that PyTorch did not keep before 0.4.1, and that some programs leave out. */
  private static final String COUNT = "num_batches_tracked";

  private StateDict() {}

  /**
   * Copies values into a module. Nothing is copied unless everything fits. As in PyTorch, the count
   * of batches of a batch normalisation may be missing, and one value may be a scalar or a vector.
   * Prefixes that wrappers put before the names are taken off ({@code module.}, {@code _orig_mod.},
   * or one that all names share) where the rest is a name of this module.
   *
   * @param source where the values come from, for messages
   * @return a sentence if the names were not the module's own; else nothing
   * @throws RanbikiException if tensors are missing, extra or misshapen: their names are listed
   */
  public static List<String> load(Module module, Map<String, Tensor> values, String source) {
    Map<String, Tensor> state = module.state();
    Map<String, Tensor> named = TensorNames.unwrapped(values, state.keySet(), source);
    requireFit(state, named, source);
    state.forEach(
        (name, tensor) -> {
          Tensor value = named.get(name);
          if (value != null) {
            tensor.copyFrom(value.dim() == tensor.dim() ? value : value.reshape(tensor.shape()));
          }
        });
    return renamed(values, named, source);
  }

  /** Copies the state of one module into another of the same architecture. */
  public static void copy(Module from, Module to) {
    load(to, from.state(), "the other module");
  }

  private static void requireFit(
      Map<String, Tensor> state, Map<String, Tensor> values, String source) {
    List<String> missing =
        state.keySet().stream().filter(n -> !values.containsKey(n) && !n.endsWith(COUNT)).toList();
    List<String> unknown = values.keySet().stream().filter(n -> !state.containsKey(n)).toList();
    List<String> misshapen =
        state.keySet().stream()
            .filter(
                n ->
                    values.containsKey(n)
                        && !sameShape(values.get(n), Objects.requireNonNull(state.get(n))))
            .toList();
    List<String> mistakes = new ArrayList<>();
    list(mistakes, "missing", missing);
    list(mistakes, "unknown", unknown);
    list(
        mistakes,
        "misshapen",
        misshapen.stream()
            .map(
                n ->
                    shapes(
                        n,
                        Objects.requireNonNull(values.get(n)),
                        Objects.requireNonNull(state.get(n))))
            .toList());
    if (!mistakes.isEmpty()) {
      throw RanbikiException.model(
          "%s does not fit this architecture: %s. %s",
          source, String.join("; ", mistakes), advice(state, values, missing, unknown, misshapen));
    }
  }

  private static boolean sameShape(Tensor value, Tensor own) {
    boolean single = own.dim() + value.dim() == 1 && own.count() == value.count();
    return single || Arrays.equals(value.shape(), own.shape());
  }

  private static String shapes(String name, Tensor value, Tensor own) {
    return String.format(
        Locale.ROOT,
        "%s is %s, but must be %s",
        name,
        Arrays.toString(value.shape()),
        Arrays.toString(own.shape()));
  }

  /** What to do, by what the mistakes have in common. */
  private static String advice(
      Map<String, Tensor> state,
      Map<String, Tensor> values,
      List<String> missing,
      List<String> unknown,
      List<String> misshapen) {
    if (state.keySet().stream().noneMatch(values::containsKey)) {
      return "None of its names is known: say which architecture it belongs to; a network that"
          + " cannot be built here can be used as an ONNX file.";
    }
    if (missing.isEmpty() && misshapen.isEmpty()) {
      return "All else fits: choose the options of the network that has these tensors, too, such as"
          + " its depth, or take them out of the file.";
    }
    if (missing.isEmpty() && unknown.isEmpty() && isLastLayer(state, values, misshapen)) {
      String name = misshapen.get(0);
      return String.format(
          Locale.ROOT,
          "It answers with %d classes, not %d: use weights and data of the same classes.",
          Objects.requireNonNull(values.get(name)).size(0),
          Objects.requireNonNull(state.get(name)).size(0));
    }
    return misshapen.isEmpty()
        ? "Check the architecture and its options, such as the depth, and whether the file is whole."
        : "Check the architecture, its options, the shape of a sample and the number of classes.";
  }

  /** Whether nothing but the number of outputs of the last layer differs. */
  private static boolean isLastLayer(
      Map<String, Tensor> state, Map<String, Tensor> values, List<String> names) {
    String last = List.copyOf(state.keySet()).get(state.size() - 1);
    String layer = last.substring(0, last.lastIndexOf('.') + 1);
    return names.stream()
        .allMatch(
            name -> {
              long[] is = Objects.requireNonNull(values.get(name)).shape();
              long[] must = Objects.requireNonNull(state.get(name)).shape();
              return name.startsWith(layer)
                  && is.length == must.length
                  && is.length > 0
                  && Arrays.equals(is, 1, is.length, must, 1, must.length);
            });
  }

  private static List<String> renamed(
      Map<String, Tensor> values, Map<String, Tensor> named, String source) {
    List<String> before = List.copyOf(values.keySet());
    List<String> after = List.copyOf(named.keySet());
    for (int i = 0; i < before.size(); i++) {
      if (!before.get(i).equals(after.get(i))) {
        return List.of(
            String.format(
                Locale.ROOT,
                "The names of the tensors in %s were read without their prefix: '%s' as '%s'.",
                source,
                shown(before.get(i)),
                after.get(i)));
      }
    }
    return List.of();
  }

  private static void list(List<String> mistakes, String kind, List<String> names) {
    if (!names.isEmpty()) {
      int shown = Math.min(NAMES_IN_MESSAGE, names.size());
      String more =
          names.size() > shown
              ? String.format(Locale.ROOT, " and %d more", names.size() - shown)
              : "";
      List<String> first = names.subList(0, shown).stream().map(StateDict::shown).toList();
      mistakes.add(kind + ": " + String.join(", ", first) + more);
    }
  }

  /** Names are a file's: on one line, of bounded length. */
  private static String shown(String name) {
    String text = name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME) + "...";
    return text.replaceAll("[\\p{Cntrl}\\p{Cs}]", "?");
  }
}
