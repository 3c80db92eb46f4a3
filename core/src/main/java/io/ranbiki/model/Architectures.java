package io.ranbiki.model;

import io.ranbiki.RanbikiException;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.function.Predicate;

/** The networks that can be built by name. */
public final class Architectures {

  private record Option(Object standard, String rule, Predicate<Object> holds) {

    static Option number(double standard, String rule, Predicate<Double> holds) {
      return new Option(standard, rule, value -> value instanceof Double d && holds.test(d));
    }

    static Option word(String standard, List<String> words) {
      return new Option(standard, "one of " + String.join(", ", words), words::contains);
    }

    static Option whole(int standard, String rule, IntPredicate holds) {
      return new Option(standard, rule, value -> value instanceof Integer i && holds.test(i));
    }
  }

  /** The values of the options of one architecture, all of them. */
  private record Chosen(Map<String, Object> options) {
    int whole(String name) {
      return (Integer) Objects.requireNonNull(options.get(name));
    }

    Bert bert() {
      return new Bert(
          whole("layers"),
          whole("width"),
          whole("heads"),
          whole("feed-forward"),
          whole("vocabulary"),
          whole("positions"),
          Bert.Pooling.valueOf(
              Objects.requireNonNull(options.get("pooling")).toString().toUpperCase(Locale.ROOT)),
          Objects.requireNonNull((Double) options.get("dropout")));
    }
  }

  private record Entry(Map<String, Option> options, Function<Chosen, Architecture> maker) {}

  private static final String FEED_FORWARD = "feed-forward";

  private static final Map<String, Entry> ENTRIES =
      new TreeMap<>(
          Map.of(
              "bert",
                  new Entry(
                      Map.of(
                          "layers",
                          Option.whole(2, "1 to 100", n -> n >= 1 && n <= 100),
                          "width",
                          Option.whole(128, "1 or more", n -> n >= 1),
                          "heads",
                          Option.whole(2, "1 or more", n -> n >= 1),
                          FEED_FORWARD,
                          Option.whole(0, "1 or more, or 0 for 4 x width", n -> n >= 0),
                          "vocabulary",
                          Option.whole(30_522, "1 or more", n -> n >= 1),
                          "positions",
                          Option.whole(512, "1 or more", n -> n >= 1),
                          "pooling",
                          Option.word("mean", List.of("mean", "cls")),
                          "dropout",
                          Option.number(0.1, "0 or more, below 1", p -> p >= 0 && p < 1)),
                      Chosen::bert),
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

  /** Whether a name can be built. */
  public static boolean isKnown(String architecture) {
    return ENTRIES.containsKey(architecture);
  }

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
    if (Integer.valueOf(0).equals(complete.get(FEED_FORWARD))) {
      complete.put(FEED_FORWARD, 4 * (Integer) Objects.requireNonNull(complete.get("width")));
    }
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
          "architecture '%s' is not known; use one of %s, or name the jar that holds it in"
              + " RANBIKI_CLASSPATH",
          architecture, String.join(", ", ENTRIES.keySet()));
    }
    return entry;
  }
}
