package io.ranbiki.config;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.YamlValue.Broken;
import io.ranbiki.config.YamlValue.Entry;
import io.ranbiki.config.YamlValue.Every;
import io.ranbiki.config.YamlValue.Mapping;
import io.ranbiki.config.YamlValue.Scalar;
import io.ranbiki.config.YamlValue.Sequence;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One value of a configuration, with the place where it was written.
 *
 * <p>A reader of a single value that meets a mistake reports it and answers with a placeholder (an
 * empty text, 1 or false); {@link ConfigDocument#bind} throws before anyone can use it. A reader of
 * a structure leaves the binding of that structure alone.
 */
public final class ConfigNode {

  private static final Pattern WHOLE = Pattern.compile("[-+]?[0-9]{1,30}");
  private static final Pattern DECIMAL =
      Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");
  private static final Pattern NOT_FINITE =
      Pattern.compile("[-+]?\\.?(inf|infinity|nan)", Pattern.CASE_INSENSITIVE);

  private final YamlValue value;
  private final String path;
  private final Mistakes mistakes;
  private final List<Shape> shapes = new ArrayList<>();
  private @Nullable Object read;
  private boolean stopped;
  private boolean refused;

  ConfigNode(YamlValue value, String path, Mistakes mistakes) {
    this.value = value;
    this.path = path;
    this.mistakes = mistakes;
  }

  /** A value that is a default, as it would be written. */
  static YamlValue scalar(Place place, Object value) {
    return new Scalar(place, value.toString(), true);
  }

  /** Whether this is a list without entries; what is read must not depend on it. */
  public boolean isEmptyList() {
    return value instanceof Sequence list && list.items().isEmpty();
  }

  /** The way here from the top, as an override writes it: {@code train.optimizer.adam}. */
  public String path() {
    return path;
  }

  /** Reports a mistake at this value; the sentence follows the path of the value. */
  public void mistake(String sentence) {
    mistakes.report(value.place(), label() + " " + sentence);
  }

  /** The value as text; numbers and booleans are taken as they are written. */
  public String string() {
    if (describes(new Shape.Text())) {
      return "any";
    }
    Scalar scalar = scalar("text");
    return scalar == null ? "" : keep(scalar.text());
  }

  /**
   * The value as the path of a file or folder, from the working folder on. The resolved
   * configuration holds it absolute, since it may be read in another folder.
   */
  public Path filePath() {
    if (describes(new Shape.File())) {
      return Path.of("");
    }
    String text = string();
    try {
      Path path = Path.of(text);
      keep(path.toAbsolutePath().toString());
      return path;
    } catch (InvalidPathException e) {
      mistake(
          "is '"
              + Words.shorten(text)
              + "', which cannot be a path under this locale; start with LC_ALL=C.UTF-8, or choose"
              + " another name.");
      return Path.of("");
    }
  }

  /** One of the given words. */
  public String oneOf(Collection<String> allowed) {
    return oneOf(allowed, word -> Optional.empty());
  }

  private static String noneOf(Collection<String> allowed, Scalar scalar) {
    return "must be one of "
        + String.join(", ", allowed)
        + ", but is "
        + scalar.describe()
        + Words.nearest(scalar.text(), allowed)
            .map(near -> "; did you mean '" + near + "'?")
            .orElse(".");
  }

  /** The same, with something else to say of some words that are not among them. */
  String oneOf(Collection<String> allowed, Function<String, Optional<String>> elsewhere) {
    if (describes(new Shape.Words(List.copyOf(allowed)))) {
      return allowed.iterator().next();
    }
    Scalar scalar = scalar("one of " + String.join(", ", allowed));
    if (scalar == null) {
      return "";
    }
    if (!allowed.contains(scalar.text())) {
      mistake(elsewhere.apply(scalar.text()).orElseGet(() -> noneOf(allowed, scalar)));
      return "";
    }
    return keep(scalar.text());
  }

  /** One of an enum's constants, written in small letters with hyphens. */
  public <E extends Enum<E>> E word(Class<E> words) {
    E[] constants = words.getEnumConstants();
    List<String> allowed = Arrays.stream(constants).map(ConfigNode::word).toList();
    return constants[Math.max(0, allowed.indexOf(oneOf(allowed)))];
  }

  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** True or false. */
  public boolean bool() {
    if (describes(new Shape.Flag())) {
      return false;
    }
    Scalar scalar = scalar("true or false");
    if (scalar == null) {
      return false;
    }
    return switch (scalar.plain() ? scalar.text() : "") {
      case "true", "True", "TRUE" -> keep(true);
      case "false", "False", "FALSE" -> keep(false);
      default -> {
        wrong("true or false");
        yield false;
      }
    };
  }

  /** A whole number within 32 bits. */
  public int integer(Rule... rules) {
    long number = longInteger(rules);
    if (number != (int) number) {
      mistake(
          "must be between "
              + Integer.MIN_VALUE
              + " and "
              + Integer.MAX_VALUE
              + ", but is "
              + number
              + ".");
      return 1;
    }
    return keep((int) number);
  }

  /** A whole number within 64 bits. */
  public long longInteger(Rule... rules) {
    if (describes(new Shape.Number(true, List.of(rules)))) {
      return (long) Rule.example(rules);
    }
    Scalar scalar = scalar("a whole number");
    if (scalar == null) {
      return 1;
    }
    if (!scalar.plain() || !WHOLE.matcher(scalar.text()).matches()) {
      wrong("a whole number");
      return 1;
    }
    try {
      long number = Long.parseLong(scalar.text());
      return satisfies(number, scalar, rules) ? keep(number) : 1;
    } catch (NumberFormatException e) {
      wrong("a whole number within 64 bits");
      return 1;
    }
  }

  /** A finite number. */
  public double number(Rule... rules) {
    if (describes(new Shape.Number(false, List.of(rules)))) {
      return Rule.example(rules);
    }
    Scalar scalar = scalar("a number");
    if (scalar == null) {
      return 1;
    }
    if (!scalar.plain() || !DECIMAL.matcher(scalar.text()).matches()) {
      wrong(NOT_FINITE.matcher(scalar.text()).matches() ? "a finite number" : "a number");
      return 1;
    }
    double number = Double.parseDouble(scalar.text());
    if (!Double.isFinite(number)) {
      wrong("a finite number");
      return 1;
    }
    return satisfies(number, scalar, rules) ? keep(number) : 1;
  }

  /** The keys of this mapping; an empty value is a mapping without keys. */
  public Options options() {
    if (read instanceof Options options) {
      return options;
    }
    if (value instanceof Every) {
      Options described = keep(Options.describing(path));
      shapes.add(new Shape.Group(described));
      return described;
    }
    if (value instanceof Mapping mapping) {
      return keep(new Options(mapping, path, mistakes));
    }
    if (value instanceof Scalar scalar && scalar.isNull()) {
      return keep(new Options(new Mapping(value.place(), Map.of()), path, mistakes));
    }
    wrong("a mapping of keys to values");
    throw new BindingStopped();
  }

  /** Reads keys if this is a mapping, else a single value. */
  public <T> T keysOr(Function<Options, T> keys, Function<ConfigNode, T> single) {
    if (value instanceof Every) {
      bind(node -> keys.apply(node.options()));
      read = null;
      return single.apply(this);
    }
    return value instanceof Mapping ? keys.apply(options()) : single.apply(this);
  }

  /** A choice by name if this is a mapping, else a single value. */
  public <T> T choiceOr(List<Provider<T>> providers, Function<ConfigNode, T> single) {
    if (value instanceof Every) {
      bind(node -> node.choice(providers));
      return single.apply(this);
    }
    return value instanceof Mapping ? choice(providers) : single.apply(this);
  }

  /** One word that stands for itself, else another single value. */
  public <T> T wordOr(String word, T meaning, Function<ConfigNode, T> single) {
    if (value instanceof Every || (value instanceof Scalar scalar && scalar.text().equals(word))) {
      oneOf(List.of(word));
    }
    return value instanceof Scalar scalar && scalar.text().equals(word)
        ? meaning
        : single.apply(this);
  }

  /** A mapping of any names to texts. */
  public Map<String, String> texts() {
    if (describes(new Shape.Table(new Shape.Text()))) {
      return Map.of();
    }
    Options options = options();
    Map<String, String> texts = new LinkedHashMap<>();
    for (String name : options.names()) {
      texts.put(name, options.string(name, ""));
    }
    return texts;
  }

  /**
   * A mapping of some names to whole numbers.
   *
   * @param names the known ones; null if a mistake elsewhere keeps them from being known
   */
  public Map<String, Integer> integers(@Nullable Collection<String> names) {
    if (describes(new Shape.Table(new Shape.Number(true, List.of()))) || names == null) {
      return Map.of();
    }
    Options options = options();
    Map<String, Integer> numbers = new LinkedHashMap<>();
    for (String name : names) {
      options.optionalInteger(name, "").ifPresent(number -> numbers.put(name, number));
    }
    return numbers;
  }

  /** The entries of this list, without those that could not be read. */
  public <T> List<T> list(Function<ConfigNode, T> reader) {
    if (value instanceof Every) {
      return describeItems(reader, false);
    }
    if (!(value instanceof Sequence sequence)) {
      wrong("a list");
      return List.of();
    }
    return each(sequence.items(), reader);
  }

  /** The entries of this list, or this single value as a list of one. */
  public <T> List<T> oneOrMore(Function<ConfigNode, T> reader) {
    if (value instanceof Every) {
      return describeItems(reader, true);
    }
    return each(value instanceof Sequence list ? list.items() : List.of(value), reader);
  }

  private <T> List<T> describeItems(Function<ConfigNode, T> reader, boolean orOne) {
    ConfigNode item = new ConfigNode(value, child("0"), mistakes);
    shapes.add(new Shape.Items(item, orOne));
    T result = item.bind(reader);
    return result == null ? List.of() : List.of(result);
  }

  private <T> List<T> each(List<YamlValue> items, Function<ConfigNode, T> reader) {
    List<ConfigNode> nodes = new ArrayList<>();
    List<T> results = new ArrayList<>();
    for (YamlValue item : items) {
      ConfigNode node =
          item == value
              ? new ConfigNode(item, path, mistakes)
              : new ConfigNode(item, child(Integer.toString(nodes.size())), mistakes);
      nodes.add(node);
      T result = node.bind(reader);
      if (result != null) {
        results.add(result);
      }
    }
    keep(nodes);
    return List.copyOf(results);
  }

  /** What a name chooses: a mapping with one key, whose value has its options, or a bare name. */
  public <T> T choice(List<Provider<T>> providers) {
    if (value instanceof Every) {
      return describeChoice(providers);
    }
    Named named = one(providers.stream().map(Provider::name).toList());
    Provider<T> provider =
        providers.stream().filter(one -> one.name().equals(named.name())).findFirst().orElseThrow();
    ConfigNode inner = named.value();
    if (inner.value instanceof Scalar scalar && !scalar.isNull()) {
      Options described = Options.described(inner.path, provider::create);
      String shorthand = described.shorthand();
      if (shorthand == null && described.keys().isEmpty()) {
        inner.mistake("takes no value; write the name alone.");
        throw new BindingStopped();
      }
      if (shorthand != null) {
        Mapping written =
            new Mapping(scalar.place(), Map.of(shorthand, new Entry(scalar.place(), scalar)));
        inner.read = new Options(written, inner.path, mistakes);
      }
    }
    return provider.create(inner.options());
  }

  private <T> T describeChoice(List<Provider<T>> providers) {
    List<Shape.Option> options = new ArrayList<>();
    T first = null;
    for (Provider<T> provider : providers) {
      Options described = Options.describing(child(provider.name()));
      T example = described.attempt(provider::create);
      options.add(new Shape.Option(provider, described));
      first = first == null ? example : first;
    }
    shapes.add(new Shape.Choice(options));
    if (first == null) {
      throw new BindingStopped();
    }
    return first;
  }

  private Named one(Collection<String> allowed) {
    Named named = named();
    if (named == null) {
      wrong("one name of " + String.join(", ", allowed) + ", or one name with its options");
      throw new BindingStopped();
    }
    if (!allowed.contains(named.name())) {
      Place place =
          value instanceof Mapping mapping
              ? mapping.entries().values().iterator().next().keyPlace()
              : value.place();
      mistakes.report(
          place,
          "Unknown name '"
              + Words.shorten(named.name())
              + "' in "
              + label()
              + "; "
              + Words.instead(named.name(), allowed));
      throw new BindingStopped();
    }
    return keep(named);
  }

  private @Nullable Named named() {
    if (read instanceof Named named) {
      return named;
    }
    if (value instanceof Scalar scalar && !scalar.isNull()) {
      Scalar nothing = new Scalar(scalar.place(), "", true);
      return new Named(
          scalar.text(), new ConfigNode(nothing, child(scalar.text()), mistakes), true);
    }
    if (value instanceof Mapping mapping && mapping.entries().size() == 1) {
      Map.Entry<String, Entry> only = mapping.entries().entrySet().iterator().next();
      YamlValue inner = only.getValue().value();
      boolean bare = inner instanceof Scalar scalar && scalar.isNull();
      return new Named(only.getKey(), new ConfigNode(inner, child(only.getKey()), mistakes), bare);
    }
    return null;
  }

  /** What the reader makes of this node; {@code null} after a mistake, which is then reported. */
  <T> @Nullable T bind(Function<ConfigNode, T> reader) {
    return guard(() -> reader.apply(this));
  }

  private <T> @Nullable T guard(Supplier<T> binding) {
    int before = mistakes.reports();
    try {
      return binding.get();
    } catch (BindingStopped e) {
      stopped = true;
    } catch (RanbikiException e) {
      if (e.kind() != RanbikiException.Kind.CONFIGURATION
          && e.kind() != RanbikiException.Kind.USAGE) {
        throw e;
      }
      refuse(e, before);
    } catch (IllegalArgumentException e) {
      refuse(e, before);
    } catch (RuntimeException e) {
      // After a mistake a placeholder may have caused it; without one it is a bug.
      if (mistakes.reports() == before) {
        throw e;
      }
      stopped = true;
    }
    return null;
  }

  /** A record that refuses its values says something new only if its values were read. */
  private void refuse(RuntimeException e, int before) {
    refused = true;
    if (mistakes.reports() == before) {
      mistakes.report(value.place(), (path.isEmpty() ? "" : label() + ": ") + e.getMessage());
    }
  }

  /** Reports every key below that nobody asked for. */
  void reportUnknown() {
    if (stopped) {
      return;
    }
    if (read instanceof Options options) {
      options.reportUnknown(refused);
    } else if (read instanceof List<?> nodes) {
      nodes.forEach(node -> ((ConfigNode) node).reportUnknown());
    } else if (read instanceof Named named) {
      named.value().reportUnknown();
    }
  }

  /** What was read, as maps, lists, texts, numbers and booleans; {@code null} if nothing was. */
  @Nullable Object tree() {
    if (read instanceof Options options) {
      return options.tree();
    }
    if (read instanceof List<?> nodes) {
      return nodes.stream()
          .map(node -> ((ConfigNode) node).tree())
          .filter(Objects::nonNull)
          .toList();
    }
    if (read instanceof Named named) {
      Object options = named.value().tree();
      if (options == null || (named.bare() && options.equals(Map.of()))) {
        return named.name();
      }
      Map<String, Object> one = new LinkedHashMap<>();
      one.put(named.name(), options);
      return one;
    }
    return read;
  }

  /** Notes what is taken here, where every value is; whether that is so. */
  private boolean describes(Shape shape) {
    if (value instanceof Every) {
      shapes.add(shape);
      return true;
    }
    return false;
  }

  /** What is taken here: one of these. */
  List<Shape> shapes() {
    return shapes;
  }

  private @Nullable Scalar scalar(String wanted) {
    if (value instanceof Scalar scalar && scalar.isNull()) {
      mistake("has no value; write " + wanted + ", or leave the key out.");
      return null;
    }
    if (value instanceof Scalar scalar) {
      return scalar;
    }
    wrong(wanted);
    return null;
  }

  private void wrong(String wanted) {
    if (value instanceof Broken) {
      mistakes.metAgain();
    } else {
      mistake("must be " + wanted + ", but is " + value.describe() + ".");
    }
  }

  private boolean satisfies(double number, Scalar scalar, Rule... rules) {
    for (Rule rule : rules) {
      if (!rule.holds().test(number)) {
        mistake("must be " + rule.text() + ", but is " + scalar.text() + ".");
        return false;
      }
    }
    return true;
  }

  private <T> T keep(T result) {
    read = result;
    return result;
  }

  private String child(String segment) {
    return path.isEmpty() ? segment : path + "." + segment;
  }

  private String label() {
    return path.isEmpty() ? "The configuration" : "'" + Words.shorten(path) + "'";
  }
}
