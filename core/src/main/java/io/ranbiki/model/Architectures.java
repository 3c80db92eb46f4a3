package io.ranbiki.model;

import io.ranbiki.RanbikiException;
import io.ranbiki.nn.Layer;
import io.ranbiki.nn.Network;
import io.ranbiki.prepare.Field;
import io.ranbiki.tensor.Generator;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.IntPredicate;

/** The networks that can be built by name. */
public final class Architectures {

  private record Option(int standard, String rule, IntPredicate holds) {}

  private record Entry(
      int inputDimensions,
      Map<String, Option> options,
      BiFunction<ModelSpec, Generator, Layer> builder,
      Function<ModelSpec, NetworkSize> size) {}

  private static final Map<String, Entry> ENTRIES =
      new TreeMap<>(
          Map.of(
              "teacher-cnn", new Entry(3, Map.of(), Cnns::teacher, Cnns::teacherSize),
              "student-cnn", new Entry(3, Map.of(), Cnns::student, Cnns::studentSize),
              "intermediate-cnn",
                  new Entry(
                      3,
                      Map.of(
                          "hidden",
                          new Option(64, "a multiple of 4, 4 or more", h -> h >= 4 && h % 4 == 0)),
                      Cnns::intermediate,
                      Cnns::intermediateSize),
              "mlp",
                  new Entry(
                      1,
                      Map.of(
                          "hidden", new Option(64, "1 or more", h -> h >= 1),
                          "layers", new Option(2, "1 to 20", n -> n >= 1 && n <= 20)),
                      Mlp::new,
                      Mlp::size),
              "resnet",
                  new Entry(
                      3,
                      Map.of(
                          "depth", new Option(20, "6n + 2, 8 or more", d -> d >= 8 && d % 6 == 2),
                          "width", new Option(16, "1 or more", w -> w >= 1)),
                      ResNet::new,
                      ResNet::size)));

  private Architectures() {}

  /** The names that can be built, sorted. */
  public static List<String> names() {
    return List.copyOf(ENTRIES.keySet());
  }

  /** The options of an architecture with their default values. */
  public static Map<String, Integer> options(String architecture) {
    Map<String, Integer> defaults = new TreeMap<>();
    entry(architecture).options.forEach((name, option) -> defaults.put(name, option.standard));
    return defaults;
  }

  /**
   * Checks an architecture's options and fills in those that were left out.
   *
   * @throws RanbikiException naming the unknown architecture, the unknown option or the value that
   *     is out of range
   */
  static Map<String, Integer> check(
      String architecture, List<Integer> input, Map<String, Integer> given) {
    Entry entry = entry(architecture);
    if (input.size() != entry.inputDimensions) {
      throw RanbikiException.configuration(
          "architecture '%s' takes %s, but the data has samples of shape %s",
          architecture,
          entry.inputDimensions == 3
              ? "images [channels, height, width]"
              : "rows of numbers [features]",
          input);
    }
    Map<String, Integer> complete = options(architecture);
    given.forEach(
        (name, value) -> {
          Option option = entry.options.get(name);
          if (option == null) {
            throw RanbikiException.configuration(
                "architecture '%s' has no option '%s'; it has %s",
                architecture, name, entry.options.isEmpty() ? "none" : complete.keySet());
          }
          if (!option.holds.test(value)) {
            throw RanbikiException.configuration(
                "option '%s' of architecture '%s' is %d and must be %s",
                name, architecture, value, option.rule);
          }
          complete.put(name, value);
        });
    return Collections.unmodifiableMap(complete);
  }

  static Network build(ModelSpec spec, Generator generator) {
    Entry entry = entry(spec.architecture());
    String name = entry.inputDimensions == 3 ? "image" : "features";
    Field input = new Field(name, Field.Kind.FLOAT32, spec.input());
    return Network.of(input, entry.builder.apply(spec, generator));
  }

  static NetworkSize size(ModelSpec spec) {
    return entry(spec.architecture()).size.apply(spec);
  }

  private static Entry entry(String architecture) {
    Entry entry = ENTRIES.get(architecture);
    if (entry == null) {
      throw RanbikiException.configuration(
          "architecture '%s' is not known; use one of %s",
          architecture, String.join(", ", ENTRIES.keySet()));
    }
    return entry;
  }
}
