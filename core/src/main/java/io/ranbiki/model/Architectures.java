package io.ranbiki.model;

import io.ranbiki.RanbikiException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.function.Predicate;

/** The networks that can be built by name. */
public final class Architectures {

  private record Option(Object standard, String rule, Predicate<Object> holds) {

    static Option whole(int standard, String rule, IntPredicate holds) {
      return new Option(standard, rule, value -> value instanceof Integer i && holds.test(i));
    }
  }

  /** The values of the options of one architecture, all of them. */
  private record Chosen(Map<String, Object> options) {
    int whole(String name) {
      return (Integer) options.get(name);
    }
  }

  private record Entry(Map<String, Option> options, Function<Chosen, Architecture> maker) {}

  private static final Map<String, Entry> ENTRIES =
      new TreeMap<>(
          Map.of(
              "teacher-cnn", new Entry(Map.of(), chosen -> new Cnns.Teacher()),
              "student-cnn", new Entry(Map.of(), chosen -> new Cnns.Small("student-cnn", 64)),
              "intermediate-cnn",
                  new Entry(
                      Map.of(
                          "hidden",
                          Option.whole(
                              64, "a multiple of 4, 4 or more", h -> h >= 4 && h % 4 == 0)),
                      chosen -> new Cnns.Small("intermediate-cnn", chosen.whole("hidden"))),
              "mlp",
                  new Entry(
                      Map.of(
                          "hidden", Option.whole(64, "1 or more", h -> h >= 1),
                          "layers", Option.whole(2, "1 to 20", n -> n >= 1 && n <= 20)),
                      chosen -> new Mlp(chosen.whole("hidden"), chosen.whole("layers"))),
              "resnet",
                  new Entry(
                      Map.of(
                          "depth", Option.whole(20, "6n + 2, 8 or more", d -> d >= 8 && d % 6 == 2),
                          "width", Option.whole(16, "1 or more", w -> w >= 1)),
                      chosen -> new ResNet(chosen.whole("depth"), chosen.whole("width")))));

  private Architectures() {}

  /** The names that can be built, sorted. */
  public static List<String> names() {
    return List.copyOf(ENTRIES.keySet());
  }

  /** The options of an architecture with their default values. */
  public static Map<String, Object> options(String architecture) {
    Map<String, Object> defaults = new TreeMap<>();
    entry(architecture).options.forEach((name, option) -> defaults.put(name, option.standard));
    return defaults;
  }

  /**
   * Checks an architecture's options and fills in those that were left out.
   *
   * @throws RanbikiException naming the unknown architecture, the unknown option or the value that
   *     is out of range
   */
  static Map<String, Object> check(String architecture, Map<String, ?> given) {
    Entry entry = entry(architecture);
    Map<String, Object> complete = options(architecture);
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
                "option '%s' of architecture '%s' is %s and must be %s",
                name, architecture, value, option.rule);
          }
          complete.put(name, value);
        });
    return Collections.unmodifiableMap(complete);
  }

  /** An architecture with all of its options. */
  static Architecture make(String architecture, Map<String, Object> options) {
    return entry(architecture).maker.apply(new Chosen(options));
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
