package io.ranbiki.config;

import java.util.Map;
import java.util.function.Function;

/** What may be written in a configuration, as its readers say. */
public final class Description {

  private final Options root;

  private Description(Options root) {
    this.root = root;
  }

  /**
   * Asks readers what they take. They get a placeholder for every value.
   *
   * @throws io.ranbiki.RanbikiException if a catalogue cannot be loaded, which readers would hide
   */
  public static Description of(Function<Options, ?> reader) {
    Catalogues.load();
    return new Description(Options.described("", reader));
  }

  /** A JSON Schema (draft 2020-12), as maps, lists, texts, numbers and booleans. */
  public Map<String, Object> jsonSchema() {
    return new JsonSchema().of(root);
  }

  /** Tables of all keys in Markdown. */
  public String markdown() {
    return new KeyTables().of(root);
  }
}
