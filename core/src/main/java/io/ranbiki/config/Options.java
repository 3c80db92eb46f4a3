package io.ranbiki.config;

import io.ranbiki.config.YamlValue.Entry;
import io.ranbiki.config.YamlValue.Every;
import io.ranbiki.config.YamlValue.Mapping;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one mapping, and what may be written under them. Every reader says its key, its
 * default if it has one, one sentence for a person who fills it in, and its rules; that is all
 * there is to know about a key, so the JSON Schema and the tables of the documentation are made by
 * the same readers.
 *
 * <p>A key that nobody asks for is a mistake. A reader with a default answers with it when the key
 * is left out, and writes it into the resolved configuration. A reader of a single value that meets
 * a mistake reports it and answers with a placeholder. Readers that make an object of a value
 * ({@code map}, {@code value}, {@code choice}, {@code variant}, {@code list}) catch what a record's
 * constructor refuses and report it at the value; they then answer with {@code null} (lists: leave
 * the entry out), and {@link ConfigDocument#bind} throws. Therefore read every key before a record
 * is made of them.
 *
 * <p>What is read may not depend on what stands in the file but through {@link #variant} and {@link
 * #either}, since else the readers could not show what they take.
 */
public final class Options {

  /** What a reader said about a key. */
  record Key(String sentence, boolean required, @Nullable Object absent) {}

  /**
   * Keys that are read in one case alone.
   *
   * @param key that decides
   * @param word its value in this case; null if it need only be there
   * @param sentence what the word means
   * @param then the keys
   * @param otherwise the keys if it is not there; null where a word decides
   */
  record Case(
      String key,
      @Nullable String word,
      String sentence,
      Options then,
      @Nullable Options otherwise) {}

  /**
   * What another choice would have read.
   *
   * @param hint what is said of its keys
   */
  private record Unchosen(String hint, Function<Options, ?> reader) {}

  private final Mapping mapping;
  private final boolean describing;
  private final String path;
  private final Mistakes mistakes;
  private final Map<String, Key> keys = new LinkedHashMap<>();
  private final Map<String, Object> read = new LinkedHashMap<>();
  private final Map<String, Mistakes.Mistake> missing = new LinkedHashMap<>();
  private final List<Case> cases = new ArrayList<>();
  private final Deque<Unchosen> unchosen = new ArrayDeque<>();
  private @Nullable String shorthand;

  Options(Mapping mapping, String path, Mistakes mistakes) {
    this(mapping, false, path, mistakes);
  }

  private Options(Mapping mapping, boolean describing, String path, Mistakes mistakes) {
    this.mapping = mapping;
    this.describing = describing;
    this.path = path;
    this.mistakes = mistakes;
  }

  /** Has every key that is asked for, with every value, and remembers what was said about it. */
  static Options describing(String path) {
    Place nowhere = new Place("", 0, 0);
    return new Options(new Mapping(nowhere, Map.of()), true, path, new Mistakes(""));
  }

  /** Has a reader read every key with every value. */
  static Options described(String path, Function<Options, ?> reader) {
    Options described = describing(path);
    described.attempt(reader::apply);
    return described;
  }

  /** Reports a mistake at this mapping; the sentence follows its path. */
  public void mistake(String sentence) {
    mistakes.report(
        mapping.place(), (path.isEmpty() ? "The configuration" : label()) + " " + sentence);
  }

  /** Reports a mistake at the value of a key, or at this mapping if the key is left out. */
  public void mistake(String key, String sentence) {
    if (read.get(key) instanceof ConfigNode node) {
      node.mistake(sentence);
    } else {
      mistake(sentence);
    }
  }

  /** Whether the key is in the file. What is read must not depend on it: see {@link #either}. */
  public boolean has(String key) {
    return mapping.entries().containsKey(key);
  }

  /** The keys that are in the file, whatever they are. */
  Set<String> names() {
    return mapping.entries().keySet();
  }

  private Optional<ConfigNode> find(
      String key, String sentence, boolean required, @Nullable Object absent) {
    keys.putIfAbsent(key, new Key(sentence, required, absent));
    if (read.get(key) instanceof ConfigNode node) {
      return Optional.of(node);
    }
    Entry entry = mapping.entries().get(key);
    if (entry == null && !describing) {
      return Optional.empty();
    }
    YamlValue value = entry == null ? new Every(mapping.place()) : entry.value();
    ConfigNode node = new ConfigNode(value, child(key), mistakes);
    read.put(key, node);
    return Optional.of(node);
  }

  private ConfigNode node(String key, String sentence) {
    return find(key, sentence, true, null)
        .orElseGet(
            () -> {
              need(key);
              return new ConfigNode(new YamlValue.Broken(mapping.place()), child(key), mistakes);
            });
  }

  /** Reports that a key is missing which may be left out in other cases. */
  public void need(String key) {
    missing.put(
        key, mistakes.report(mapping.place(), "The key '" + key + "' is missing" + inHere() + "."));
  }

  private Optional<ConfigNode> optional(String key, String sentence) {
    return find(key, sentence, false, null);
  }

  private <T> T or(
      String key, Object absent, T result, String sentence, Function<ConfigNode, T> reader) {
    Optional<ConfigNode> node = find(key, sentence, false, absent);
    if (node.isEmpty()) {
      read.put(key, absent);
      return result;
    }
    return reader.apply(node.get());
  }

  /** Writes what a key that was left out came to into the resolved configuration. */
  public <T> T settle(String key, T value) {
    read.put(key, value);
    return value;
  }

  /** Leaves what is being read, since a mistake elsewhere keeps it from being made. */
  // It stands where a value is wanted, as in a choice between two.
  @SuppressWarnings({"DoNotCallSuggester", "TypeParameterUnusedInFormals"})
  public <T> T stop() {
    throw new BindingStopped();
  }

  /** A text. */
  public String string(String key, String sentence) {
    return node(key, sentence).string();
  }

  /** A text with a default. */
  public String string(String key, String absent, String sentence) {
    return or(key, absent, absent, sentence, ConfigNode::string);
  }

  /** A text that may be left out. */
  public Optional<String> optionalString(String key, String sentence) {
    return optional(key, sentence).map(ConfigNode::string);
  }

  /** The path of a file or folder. */
  public Path path(String key, String sentence) {
    return node(key, sentence).filePath();
  }

  /** The path of a file or folder that may be left out. */
  public Optional<Path> optionalPath(String key, String sentence) {
    return optional(key, sentence).map(ConfigNode::filePath);
  }

  /** One of an enum's constants, written in small letters with hyphens. */
  public <E extends Enum<E>> E word(String key, E absent, String sentence) {
    return or(
        key,
        ConfigNode.word(absent),
        absent,
        sentence,
        node -> node.word(absent.getDeclaringClass()));
  }

  /** One of an enum's constants, which may be left out. */
  public <E extends Enum<E>> Optional<E> optionalWord(String key, Class<E> words, String sentence) {
    return optional(key, sentence).map(node -> node.word(words));
  }

  /** True or false, with a default. */
  public boolean bool(String key, boolean absent, String sentence) {
    return or(key, absent, absent, sentence, ConfigNode::bool);
  }

  /** True or false, which may be left out. */
  public Optional<Boolean> optionalBool(String key, String sentence) {
    return optional(key, sentence).map(ConfigNode::bool);
  }

  /** A whole number within 32 bits. */
  public int integer(String key, String sentence, Rule... rules) {
    return node(key, sentence).integer(rules);
  }

  /** A whole number within 32 bits, with a default. */
  public int integer(String key, int absent, String sentence, Rule... rules) {
    return or(key, absent, absent, sentence, node -> node.integer(rules));
  }

  /** A whole number within 32 bits that may be left out. */
  public Optional<Integer> optionalInteger(String key, String sentence, Rule... rules) {
    return optional(key, sentence).map(node -> node.integer(rules));
  }

  /** A whole number within 64 bits. */
  public long longInteger(String key, String sentence, Rule... rules) {
    return node(key, sentence).longInteger(rules);
  }

  /** A whole number within 64 bits, with a default. */
  public long longInteger(String key, long absent, String sentence, Rule... rules) {
    return or(key, absent, absent, sentence, node -> node.longInteger(rules));
  }

  /** A whole number within 64 bits that may be left out. */
  public Optional<Long> optionalLong(String key, String sentence, Rule... rules) {
    return optional(key, sentence).map(node -> node.longInteger(rules));
  }

  /** A finite number. */
  public double number(String key, String sentence, Rule... rules) {
    return node(key, sentence).number(rules);
  }

  /** A finite number with a default. */
  public double number(String key, double absent, String sentence, Rule... rules) {
    return or(key, absent, absent, sentence, node -> node.number(rules));
  }

  /** A finite number that may be left out. */
  public Optional<Double> optionalNumber(String key, String sentence, Rule... rules) {
    return optional(key, sentence).map(node -> node.number(rules));
  }

  /** What a reader makes of the value of a key; {@code null} after a mistake. */
  public <T> T value(String key, String sentence, Function<ConfigNode, T> reader) {
    return unchecked(node(key, sentence).bind(reader));
  }

  /**
   * What a reader makes of the value of a key, with a default.
   *
   * @param absent the default as it would be written: a text, number or boolean
   */
  public <T> T value(String key, Object absent, String sentence, Function<ConfigNode, T> reader) {
    ConfigNode node =
        find(key, sentence, false, absent)
            .orElseGet(() -> made(key, ConfigNode.scalar(mapping.place(), absent)));
    return unchecked(node.bind(reader));
  }

  /** What a reader makes of a key that may be left out; empty also after a mistake. */
  public <T> Optional<T> optionalValue(
      String key, String sentence, Function<ConfigNode, T> reader) {
    return optional(key, sentence).map(node -> node.bind(reader));
  }

  /** What a reader makes of the mapping under a key; {@code null} after a mistake. */
  public <T> T map(String key, String sentence, Function<Options, T> reader) {
    return value(key, sentence, node -> reader.apply(node.options()));
  }

  /** A mapping that may be left out, which then has its defaults; {@code null} after a mistake. */
  public <T> T mapOrDefaults(String key, String sentence, Function<Options, T> reader) {
    ConfigNode node =
        optional(key, sentence).orElseGet(() -> made(key, new Mapping(mapping.place(), Map.of())));
    return unchecked(node.bind(inner -> reader.apply(inner.options())));
  }

  private ConfigNode made(String key, YamlValue value) {
    ConfigNode made = new ConfigNode(value, child(key), mistakes);
    read.put(key, made);
    return made;
  }

  /** A mapping that may be left out. */
  public <T> Optional<T> optionalMap(String key, String sentence, Function<Options, T> reader) {
    return optionalValue(key, sentence, node -> reader.apply(node.options()));
  }

  /** A choice by name with a default, such as {@code optimizer: {adam: {...}}}. */
  public <T> T choice(String key, String absent, String sentence, List<Provider<T>> providers) {
    return value(key, absent, sentence, node -> node.choice(providers));
  }

  /** A choice by name that may be left out. */
  public <T> Optional<T> optionalChoice(String key, String sentence, List<Provider<T>> providers) {
    return optionalValue(key, sentence, node -> node.choice(providers));
  }

  /** A list, without the entries that could not be read. */
  public <T> List<T> list(String key, String sentence, Function<ConfigNode, T> reader) {
    return node(key, sentence).list(reader);
  }

  /** A list that is empty when left out. */
  public <T> List<T> optionalList(String key, String sentence, Function<ConfigNode, T> reader) {
    return or(key, List.of(), List.of(), sentence, node -> node.list(reader));
  }

  /** A list, or a single value that stands for a list of one. */
  public <T> List<T> oneOrMore(String key, String sentence, Function<ConfigNode, T> reader) {
    return node(key, sentence).oneOrMore(reader);
  }

  /** A list or a single value, with a default. */
  public <T> List<T> oneOrMore(
      String key, List<T> absent, String sentence, Function<ConfigNode, T> reader) {
    return or(key, absent, absent, sentence, node -> node.oneOrMore(reader));
  }

  /**
   * What a word under a key chooses, whose own keys stand beside it, such as {@code {format: csv,
   * header: true}}; {@code null} after a mistake.
   */
  public <T> T variant(String key, String sentence, List<Provider<T>> providers) {
    return variant(key, node(key, sentence), providers);
  }

  /** What a word under a key chooses, with a default. */
  public <T> T variant(String key, String absent, String sentence, List<Provider<T>> providers) {
    ConfigNode node =
        find(key, sentence, false, absent)
            .orElseGet(() -> made(key, ConfigNode.scalar(mapping.place(), absent)));
    return variant(key, node, providers);
  }

  private <T> T variant(String key, ConfigNode node, List<Provider<T>> providers) {
    String word = node.oneOf(providers.stream().map(Provider::name).toList(), Modules::advice);
    T chosen = null;
    for (Provider<T> provider : providers) {
      if (describing) {
        Options described = describing(path);
        T example = described.attempt(provider::create);
        cases.add(new Case(key, provider.name(), provider.sentence(), described, null));
        chosen = chosen == null ? example : chosen;
      } else if (word.isEmpty()) {
        keys.putAll(
            described(path, provider::create).keys); // the keys of some word are no second mistake
      } else if (provider.name().equals(word)) {
        chosen = attempt(provider::create); // so that the keys beside it are read all the same
      } else {
        unchosen.add(
            new Unchosen("it goes with " + key + " '" + provider.name() + "'.", provider::create));
      }
    }
    return unchecked(chosen);
  }

  /** Reads what goes with a key if it is there, else what goes without. */
  public <T> T either(String key, Function<Options, T> with, Function<Options, T> without) {
    if (!describing) {
      boolean there = has(key);
      unchosen.addFirst( // nearer than what goes with another word
          new Unchosen(
              there
                  ? "it cannot stand beside '" + key + "'; leave one of them out."
                  : "it goes with '" + key + "'.",
              there ? without : with));
      return (there ? with : without).apply(this);
    }
    Options then = describing(path);
    Options otherwise = describing(path);
    T first = then.attempt(with);
    T second = otherwise.attempt(without);
    cases.add(new Case(key, null, "", then, otherwise));
    return unchecked(second == null ? first : second);
  }

  /**
   * Names the key for which a value stands that is written in place of the mapping: with {@code
   * direction}, {@code flip: vertical} is {@code flip: {direction: vertical}}. To be said first.
   */
  public void shorthand(String key) {
    shorthand = key;
  }

  @Nullable String shorthand() {
    return shorthand;
  }

  /** What was read under the keys that a provider reads, by name. */
  public Map<String, Object> values(Provider<?> provider) {
    Map<String, Object> values = tree();
    values.keySet().retainAll(described(path, provider::create).keys.keySet());
    return values;
  }

  /** What a reader makes of this; null if it refuses what it reads, which is then reported. */
  <T> @Nullable T attempt(Function<Options, T> reader) {
    return new ConfigNode(new Every(mapping.place()), path, mistakes)
        .bind(node -> reader.apply(this));
  }

  /** What was said about the keys. */
  Map<String, Key> keys() {
    return keys;
  }

  /** The cases in which more keys are read. */
  List<Case> cases() {
    return cases;
  }

  /** The value that was read under a key, which holds what may be written there. */
  ConfigNode described(String key) {
    return (ConfigNode) Objects.requireNonNull(read.get(key));
  }

  /**
   * Reports the keys that nobody asked for.
   *
   * @param refused whether a constructor refused this mapping, perhaps before its keys were read
   */
  void reportUnknown(boolean refused) {
    if (refused && keys.isEmpty()) {
      return;
    }
    mapping
        .entries()
        .forEach(
            (key, entry) -> {
              if (!keys.containsKey(key)) {
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
        "Unknown key '"
            + Words.shorten(key)
            + "'"
            + inHere()
            + "; "
            + owner(key)
                .orElseGet(
                    () ->
                        keys.isEmpty()
                            ? "no key is allowed here."
                            : Words.instead(key, keys.keySet())));
  }

  /** The choice that was not made, but would have brought the key; the nearest one first. */
  private Optional<String> owner(String key) {
    return owner(choice -> choice.keys.containsKey(key)).or(() -> owner(c -> c.knows(key)));
  }

  private Optional<String> owner(Predicate<Options> brings) {
    return unchosen.stream()
        .filter(choice -> brings.test(described(path, choice.reader())))
        .map(Unchosen::hint)
        .findFirst();
  }

  /** Whether a key is read, in some case. */
  private boolean knows(String key) {
    return keys.containsKey(key)
        || cases.stream()
            .anyMatch(
                each ->
                    each.then().knows(key)
                        || each.otherwise() != null && each.otherwise().knows(key));
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
