package io.ranbiki.model;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which network: enough to build it again.
 *
 * @param architecture a name that {@link Architectures} knows
 * @param input shape of one sample: {@code [channels, height, width]} or {@code [features]}
 * @param classes length of the logits, 1 or more
 * @param options whole numbers that the architecture asks for, such as {@code hidden}; by name
 */
public record ModelSpec(
    String architecture, List<Integer> input, int classes, Map<String, Integer> options) {

  /** Checks the shape, fills in the options that were left out and checks the rest. */
  public ModelSpec {
    input = List.copyOf(input);
    options = java.util.Collections.unmodifiableMap(new TreeMap<>(options));
    if (input.isEmpty() || input.stream().anyMatch(length -> length < 1)) {
      throw new IllegalArgumentException(
          "input shape " + input + " must have one or more lengths of 1 or more");
    }
    if (classes < 1) {
      throw new IllegalArgumentException("classes " + classes + " must be 1 or more");
    }
    options = Architectures.check(architecture, input, options);
  }

  /** A network without options. */
  public static ModelSpec of(String architecture, List<Integer> input, int classes) {
    return new ModelSpec(architecture, input, classes, Map.of());
  }

  int option(String name) {
    return options.get(name);
  }

  /** The architecture and its options, such as {@code intermediate-cnn(hidden=32)}. */
  public String title() {
    return options.isEmpty()
        ? architecture
        : architecture + options.toString().replace('{', '(').replace('}', ')');
  }
}
