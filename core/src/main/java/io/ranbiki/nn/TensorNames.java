package io.ranbiki.nn;

import io.ranbiki.RanbikiException;
import io.ranbiki.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Takes off what programs put before the names of a network's tensors when they wrap it. */
final class TensorNames {

  /** What PyTorch's {@code DataParallel} and {@code compile} add, around the whole or a part. */
  private static final Pattern WRAPPER = Pattern.compile("(?<=^|\\.)(?:module|_orig_mod)\\.");

  private TensorNames() {}

  /**
   * The tensors by the names that a network gives them, as far as it has them; others keep theirs.
   *
   * @param known the network's names
   * @throws RanbikiException if two tensors would get one name
   */
  static Map<String, Tensor> unwrapped(
      Map<String, Tensor> values, Set<String> known, String source) {
    Map<String, Tensor> named = new LinkedHashMap<>();
    String shared = values.keySet().stream().anyMatch(known::contains) ? "" : shared(values, known);
    values.forEach(
        (name, value) -> {
          String own = own(name, shared, known);
          if (named.put(own, value) != null) {
            throw RanbikiException.model(
                "%s holds '%s' twice, once behind the prefix of a wrapper. Keep one of them.",
                source, own);
          }
        });
    return named;
  }

  private static String own(String name, String shared, Set<String> known) {
    if (known.contains(name)) {
      return name;
    }
    String unwrapped = WRAPPER.matcher(name).replaceAll("");
    if (known.contains(unwrapped)) {
      return unwrapped;
    }
    String rest = name.startsWith(shared) ? name.substring(shared.length()) : name;
    return known.contains(rest) ? rest : name;
  }

  /** The shortest beginning that all names share and without which the network has some of them. */
  private static String shared(Map<String, Tensor> values, Set<String> known) {
    List<String> names = List.copyOf(values.keySet());
    String first = names.isEmpty() ? "" : names.get(0);
    for (int dot = first.indexOf('.'); dot >= 0; dot = first.indexOf('.', dot + 1)) {
      String prefix = first.substring(0, dot + 1);
      if (names.stream().anyMatch(name -> !name.startsWith(prefix))) {
        return "";
      }
      if (names.stream().anyMatch(name -> known.contains(name.substring(prefix.length())))) {
        return prefix;
      }
    }
    return "";
  }
}
