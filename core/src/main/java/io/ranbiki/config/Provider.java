package io.ranbiki.config;

import io.ranbiki.RanbikiException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Makes what a name in a configuration stands for, from the options behind the name. Ours and a
 * user's own alike come from a {@link Catalogue}.
 *
 * @param <T> what is made, such as a term of the objective
 */
public interface Provider<T> {

  /** The type of what is made, by which {@link #all} finds it. */
  Class<T> kind();

  /** The name in configurations: small letters, digits and hyphens. */
  String name();

  /** What it is, in one sentence, for the tables of the documentation and for editors. */
  String sentence();

  /**
   * Makes it. All options are read before anything may refuse one of them, since those that nobody
   * asked for are reported as unknown.
   *
   * @param options what stands behind the name
   */
  T create(Options options);

  /** A provider of a few words and a reader. */
  static <T> Provider<T> of(
      Class<T> kind, String name, String sentence, Function<Options, ? extends T> reader) {
    return new ProviderOf<>(kind, name, sentence, reader);
  }

  /**
   * All of one kind that the class path offers, sorted by name.
   *
   * @throws RanbikiException if a catalogue cannot be loaded, or two of a kind have one name
   */
  static <T> List<Provider<T>> all(Class<T> kind) {
    return Catalogues.all(kind);
  }

  /** The options that have a default, with these. */
  default Map<String, Object> defaults() {
    Map<String, Object> defaults = new TreeMap<>();
    Options.described("", this::create)
        .keys()
        .forEach(
            (name, key) -> {
              if (key.absent() != null) {
                defaults.put(name, key.absent());
              }
            });
    return defaults;
  }
}
