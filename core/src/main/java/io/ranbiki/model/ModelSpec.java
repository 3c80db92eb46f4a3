package io.ranbiki.model;

import io.ranbiki.Memory;
import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import java.util.Collections;
import java.util.LinkedHashMap;
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

  /** A module has three maps, its tensors an object each and one more for their native memory. */
  private static final double BYTES_OF_MODULE = 1000;

  private static final double USUAL_CLASSES = 100;
  private static final double USUAL_NUMBERS = 3 * 224 * 224;
  private static final double USUAL_BATCH = 128;

  /** Checks the shape, fills in the options that were left out and checks the rest. */
  public ModelSpec {
    input = List.copyOf(input);
    options = Collections.unmodifiableMap(new TreeMap<>(options));
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

  /** How many values the parameters of this network have; past all integers perhaps. */
  public double parameters() {
    return Architectures.size(this).parameters();
  }

  /** The least number of values that a training step keeps of each sample. */
  public double activations() {
    return Architectures.size(this).activations();
  }

  /**
   * Checks that this network can be held at all, before it is built.
   *
   * @param kind of what asks for it
   * @throws RanbikiException that says which number to make smaller
   */
  public void requireRoom(Kind kind) {
    NetworkSize size = Architectures.size(this);
    String smaller = "Make " + largest(1) + " smaller";
    String network = "The network " + title();
    Memory.requireHeap(kind, BYTES_OF_MODULE * size.modules(), network, smaller);
    Memory.requireMachine(kind, Float.BYTES * size.parameters(), network, smaller);
  }

  /**
   * The number that makes a network or its training large: the one that is the most times as large
   * as usual.
   *
   * @param batch samples of a step; 1 if there are no steps
   * @return its name and value, such as {@code hidden (100000)}
   */
  public String largest(int batch) {
    Map<String, Double> excess = new LinkedHashMap<>();
    Map<String, Integer> usual = Architectures.options(architecture);
    options.forEach(
        (name, value) -> excess.put(name + " (" + value + ")", (double) value / usual.get(name)));
    excess.put("the number of classes (" + classes + ")", classes / USUAL_CLASSES);
    double numbers = input.stream().mapToDouble(Integer::doubleValue).reduce(1, (a, b) -> a * b);
    excess.put("the samples of shape " + input, numbers / USUAL_NUMBERS);
    excess.put("train.batch (" + batch + ")", batch / USUAL_BATCH);
    return Collections.max(excess.entrySet(), Map.Entry.comparingByValue()).getKey();
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
