package io.ranbiki.config;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.YamlValue.Entry;
import io.ranbiki.config.YamlValue.Mapping;
import io.ranbiki.config.YamlValue.Scalar;
import io.ranbiki.config.YamlValue.Sequence;
import io.ranbiki.file.Reasons;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * A configuration file on its way to records: YAML, then overrides, then binding, and at the end
 * all mistakes at once as {@code file:line:column: message}.
 *
 * <p>The file must be UTF-8 of at most one MiB and one plain YAML document: no tags, anchors or
 * aliases, no key twice, at most 50 levels. <code>${NAME}</code> in a value is the environment
 * variable of that name.
 */
public final class ConfigDocument {

  private final Mistakes mistakes;
  private final Mapping tree;
  private final ConfigNode root;

  private ConfigDocument(Mistakes mistakes, Mapping tree, ConfigNode root) {
    this.mistakes = mistakes;
    this.tree = tree;
    this.root = root;
  }

  /**
   * Reads a file and lays overrides over it.
   *
   * @param file the YAML file
   * @param overrides {@code key.path=value}, later ones over earlier ones
   * @param environment what <code>${NAME}</code> stands for, usually {@link System#getenv()}
   * @throws RanbikiException if the file cannot be read at all; mistakes that leave it readable are
   *     thrown by {@link #bind} or {@link #finish}, together with those of the binding
   */
  public static ConfigDocument read(
      Path file, List<String> overrides, Map<String, String> environment) {
    return parse(file.toString(), text(file), overrides, environment);
  }

  /** Takes the text of a file; {@code name} stands for the file in messages. */
  public static ConfigDocument parse(
      String name, String text, List<String> overrides, Map<String, String> environment) {
    Mistakes mistakes = new Mistakes(name);
    Variables variables = new Variables(environment);
    YamlValue value = YamlParser.parseFile(name, text, variables, mistakes);
    if (!(value instanceof Mapping mapping)) {
      mistakes.report(
          value.place(),
          "The configuration must be a mapping of keys to values, but is "
              + value.describe()
              + ".");
      throw mistakes.exception();
    }
    Mapping tree = mapping.entries().isEmpty() ? empty(mapping.place()) : mapping;
    Overrides changes = new Overrides(tree, variables, mistakes);
    overrides.forEach(changes::apply);
    return new ConfigDocument(mistakes, tree, new ConfigNode(tree, "", mistakes));
  }

  /**
   * Takes values that were read before.
   *
   * @param name stands for their place in messages
   * @param values texts and numbers by key, or lists of them
   */
  public static ConfigDocument of(String name, Map<String, ?> values) {
    Place place = new Place(name, 0, 0);
    Map<String, Entry> entries = new LinkedHashMap<>();
    values.forEach((key, value) -> entries.put(key, new Entry(place, value(place, value))));
    Mapping tree = new Mapping(place, entries);
    Mistakes mistakes = new Mistakes(name);
    return new ConfigDocument(mistakes, tree, new ConfigNode(tree, "", mistakes));
  }

  private static YamlValue value(Place place, Object value) {
    if (value instanceof List<?> items) {
      return new Sequence(
          place, new ArrayList<>(items.stream().map(item -> value(place, item)).toList()));
    }
    return new Scalar(place, value.toString(), !(value instanceof String));
  }

  private static Mapping empty(Place place) {
    return new Mapping(place, new LinkedHashMap<>());
  }

  /** The keys at the top. */
  public Options root() {
    return root.options();
  }

  /** Whether the file has a key, such as {@code train.keep}. */
  public boolean has(String path) {
    YamlValue value = tree;
    for (String key : path.split("\\.")) {
      if (!(value instanceof Mapping mapping) || !mapping.entries().containsKey(key)) {
        return false;
      }
      value = mapping.entries().get(key).value();
    }
    return true;
  }

  /**
   * Makes the records and throws every mistake that was found on the way.
   *
   * @param reader makes the records of the keys at the top
   * @throws RanbikiException of kind configuration, with one line a mistake
   */
  public <T> T bind(Function<Options, T> reader) {
    Catalogues.load(); // one message of its own, not one at every name
    T result = root.bind(node -> reader.apply(node.options()));
    finish();
    return Objects.requireNonNull(result, "a binding without mistakes must make something");
  }

  /** Reports keys that nobody asked for, and throws if any mistake was found. */
  public void finish() {
    root.reportUnknown();
    if (!mistakes.isEmpty()) {
      throw mistakes.exception();
    }
  }

  /** The configuration that was read, every default written out, in the order of reading. */
  public Map<String, Object> resolved() {
    return root().tree();
  }

  private static String text(Path file) {
    if (!Files.exists(file)) {
      throw RanbikiException.configuration(
          "The configuration file '%s' does not exist; check the path.", file);
    }
    if (Files.isDirectory(file)) {
      throw RanbikiException.configuration(
          "'%s' is a folder, not a configuration file; name the file in it.", file);
    }
    if (!Files.isRegularFile(file)) {
      throw RanbikiException.configuration(
          "'%s' is not a file but a pipe, a device or a socket; save the configuration in a file.",
          file);
    }
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(YamlParser.MOST_BYTES + 1);
    } catch (IOException e) {
      throw new RanbikiException(
          RanbikiException.Kind.IO,
          "Cannot read the configuration file '" + file + "': " + Reasons.naming(e) + ".",
          e);
    }
    if (bytes.length > YamlParser.MOST_BYTES) {
      throw RanbikiException.configuration(
          "The configuration file '%s' is larger than 1 MiB; a configuration has a few lines, so"
              + " this is probably another file.",
          file);
    }
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return text.startsWith("\uFEFF") ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      throw RanbikiException.configuration(
          "The configuration file '%s' is not UTF-8 text; save it as UTF-8.", file);
    }
  }
}
