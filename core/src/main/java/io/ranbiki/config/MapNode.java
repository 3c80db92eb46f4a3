package io.ranbiki.config;

import io.ranbiki.config.YamlValue.Entry;
import io.ranbiki.config.YamlValue.Mapping;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one mapping. Every reader marks its key as known; keys that nobody asked for are
 * mistakes. A reader with a default answers with it when the key is left out, and writes it into
 * the resolved configuration.
 *
 * <p>Readers that make an object of a value ({@code map}, {@code value}, {@code named}, {@code
 * list}) catch what a record's constructor refuses and report it at the value; they then answer
 * with {@code null} (lists: leave the entry out), and {@link ConfigDocument#bind} throws.
 */
public final class MapNode {

  private final Mapping mapping;
  private final String path;
  private final Mistakes mistakes;
  private final Set<String> known = new LinkedHashSet<>();
  private final Map<String, Object> read = new LinkedHashMap<>();
  private final Map<String, Mistakes.Mistake> missing = new LinkedHashMap<>();

  MapNode(Mapping mapping, String path, Mistakes mistakes) {
    this.mapping = mapping;
    this.path = path;
    this.mistakes = mistakes;
  }

  /** Whether the key is there. Asking does not make it known. */
  public boolean has(String key) {
    return mapping.entries().containsKey(key);
  }

  /** Reports a mistake at this mapping; the sentence follows its path. */
  public void mistake(String sentence) {
    mistakes.report(
        mapping.place(), (path.isEmpty() ? "the configuration" : label()) + " " + sentence);
  }

  /** The value of a key that may be left out. */
  public Optional<ConfigNode> optional(String key) {
    known.add(key);
    if (read.get(key) instanceof ConfigNode node) {
      return Optional.of(node);
    }
    Entry entry = mapping.entries().get(key);
    if (entry == null) {
      return Optional.empty();
    }
    ConfigNode node = new ConfigNode(entry.value(), child(key), mistakes);
    read.put(key, node);
    return Optional.of(node);
  }

  /** The value of a key that must be there; unreadable, and reported, if it is not. */
  public ConfigNode node(String key) {
    return optional(key)
        .orElseGet(
            () -> {
              missing.put(
                  key,
                  mistakes.report(
                      mapping.place(), "the key '" + key + "' is missing" + inHere() + "."));
              return new ConfigNode(new YamlValue.Broken(mapping.place()), child(key), mistakes);
            });
  }

  private <T> T or(String key, T absent, Function<ConfigNode, T> reader) {
    Optional<ConfigNode> node = optional(key);
    if (node.isEmpty()) {
      read.put(key, absent);
      return absent;
    }
    return reader.apply(node.get());
  }

  /** A text. */
  public String string(String key) {
    return node(key).string();
  }

  /** A text with a default. */
  public String string(String key, String absent) {
    return or(key, absent, ConfigNode::string);
  }

  /** A text that may be left out. */
  public Optional<String> optionalString(String key) {
    return optional(key).map(ConfigNode::string);
  }

  /** The path of a file or folder. */
  public Path path(String key) {
    return node(key).filePath();
  }

  /** One of the given words. */
  public String oneOf(String key, Collection<String> allowed) {
    return node(key).oneOf(allowed);
  }

  /** One of the given words, with a default. */
  public String oneOf(String key, String absent, Collection<String> allowed) {
    return or(key, absent, node -> node.oneOf(allowed));
  }

  /** True or false. */
  public boolean bool(String key) {
    return node(key).bool();
  }

  /** True or false, with a default. */
  public boolean bool(String key, boolean absent) {
    return or(key, absent, ConfigNode::bool);
  }

  /** A whole number within 32 bits. */
  public int integer(String key, Rule... rules) {
    return node(key).integer(rules);
  }

  /** A whole number within 32 bits, with a default. */
  public int integer(String key, int absent, Rule... rules) {
    return or(key, absent, node -> node.integer(rules));
  }

  /** A whole number within 32 bits that may be left out. */
  public Optional<Integer> optionalInteger(String key, Rule... rules) {
    return optional(key).map(node -> node.integer(rules));
  }

  /** A whole number within 64 bits. */
  public long longInteger(String key, Rule... rules) {
    return node(key).longInteger(rules);
  }

  /** A whole number within 64 bits, with a default. */
  public long longInteger(String key, long absent, Rule... rules) {
    return or(key, absent, node -> node.longInteger(rules));
  }

  /** A finite number. */
  public double number(String key, Rule... rules) {
    return node(key).number(rules);
  }

  /** A finite number with a default. */
  public double number(String key, double absent, Rule... rules) {
    return or(key, absent, node -> node.number(rules));
  }

  /** A finite number that may be left out. */
  public Optional<Double> optionalNumber(String key, Rule... rules) {
    return optional(key).map(node -> node.number(rules));
  }

  /** What a reader makes of the value of a key; {@code null} after a mistake. */
  public <T> @Nullable T value(String key, Function<ConfigNode, T> reader) {
    return node(key).bind(reader);
  }

  /** What a reader makes of the value of a key, for a reader that goes on after a mistake. */
  public <T> T required(String key, Function<ConfigNode, T> reader) {
    return unchecked(value(key, reader));
  }

  /** What a reader makes of a key that may be left out; empty also after a mistake. */
  public <T> Optional<T> optionalValue(String key, Function<ConfigNode, T> reader) {
    return optional(key).map(node -> node.bind(reader));
  }

  /** What a reader makes of the mapping under a key; {@code null} after a mistake. */
  public <T> T map(String key, Function<MapNode, T> reader) {
    return unchecked(value(key, node -> reader.apply(node.asMap())));
  }

  /** A mapping that may be left out, which then has its defaults; {@code null} after a mistake. */
  public <T> T mapOrDefaults(String key, Function<MapNode, T> reader) {
    ConfigNode node =
        optional(key).orElseGet(() -> made(key, new Mapping(mapping.place(), Map.of())));
    return unchecked(node.bind(inner -> reader.apply(inner.asMap())));
  }

  private ConfigNode made(String key, YamlValue value) {
    ConfigNode made = new ConfigNode(value, child(key), mistakes);
    read.put(key, made);
    return made;
  }

  /** A mapping that may be left out. */
  public <T> Optional<T> optionalMap(String key, Function<MapNode, T> reader) {
    return optionalValue(key, node -> reader.apply(node.asMap()));
  }

  /** A choice by name, such as {@code optimizer: {adam: {...}}}; {@code null} after a mistake. */
  public <T> T named(String key, Collection<String> allowed, Function<Named, T> reader) {
    return unchecked(value(key, node -> reader.apply(node.oneKey(allowed))));
  }

  /** A choice by name with a default. */
  public <T> T named(
      String key, String absent, Collection<String> allowed, Function<Named, T> reader) {
    ConfigNode node =
        optional(key)
            .orElseGet(() -> made(key, new YamlValue.Scalar(mapping.place(), absent, false)));
    return unchecked(node.bind(inner -> reader.apply(inner.oneKey(allowed))));
  }

  /** A choice by name that may be left out. */
  public <T> Optional<T> optionalNamed(
      String key, Collection<String> allowed, Function<Named, T> reader) {
    return optionalValue(key, node -> reader.apply(node.oneKey(allowed)));
  }

  /** A list, without the entries that could not be read. */
  public <T> List<T> list(String key, Function<ConfigNode, T> reader) {
    return node(key).list(reader);
  }

  /** A list that is empty when left out. */
  public <T> List<T> optionalList(String key, Function<ConfigNode, T> reader) {
    return or(key, List.of(), node -> node.list(reader));
  }

  /** A list, or a single value that stands for a list of one. */
  public <T> List<T> oneOrMore(String key, Function<ConfigNode, T> reader) {
    return node(key).oneOrMore(reader);
  }

  /** A list or a single value, with a default. */
  public <T> List<T> oneOrMore(String key, List<T> absent, Function<ConfigNode, T> reader) {
    return or(key, absent, node -> node.oneOrMore(reader));
  }

  /** All keys with their values as texts, whole numbers, decimals, booleans, lists and maps. */
  public Map<String, Object> anything() {
    Map<String, Object> values = new LinkedHashMap<>();
    mapping.entries().keySet().forEach(key -> values.put(key, node(key).anything()));
    return values;
  }

  /**
   * Reports the keys that nobody asked for.
   *
   * @param refused whether a constructor refused this mapping, perhaps before its keys were read
   */
  void reportUnknown(boolean refused) {
    if (refused && known.isEmpty()) {
      return;
    }
    mapping
        .entries()
        .forEach(
            (key, entry) -> {
              if (!known.contains(key)) {
                unknown(key, entry);
              }
            });
    read.values().stream()
        .filter(ConfigNode.class::isInstance)
        .forEach(node -> ((ConfigNode) node).reportUnknown());
  }

  private void unknown(String key, Entry entry) {
    // A misspelt key is one mistake, not an unknown and a missing one.
    Words.nearest(key, missing.keySet()).map(missing::remove).ifPresent(mistakes::withdraw);
    mistakes.report(
        entry.keyPlace(),
        "unknown key '"
            + Words.shorten(key)
            + "'"
            + inHere()
            + (known.isEmpty() ? "; no key is allowed here." : "; " + Words.instead(key, known)));
  }

  /** The keys in the order in which they were asked for, with defaults. */
  Map<String, Object> tree() {
    Map<String, Object> tree = new LinkedHashMap<>();
    read.forEach(
        (key, value) -> {
          Object plain = value instanceof ConfigNode node ? node.tree() : value;
          if (plain != null) {
            tree.put(key, plain);
          }
        });
    return tree;
  }

  // The binding is thrown away as a whole after a mistake, so callers need not look for null.
  @SuppressWarnings("NullAway")
  private static <T> T unchecked(@Nullable T value) {
    return value;
  }

  private String inHere() {
    return path.isEmpty() ? "" : " in " + label();
  }

  private String child(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private String label() {
    return "'" + Words.shorten(path) + "'";
  }
}
