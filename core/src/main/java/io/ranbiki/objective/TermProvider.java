package io.ranbiki.objective;

import io.ranbiki.RanbikiException;
import java.util.Collections;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;

/**
 * Makes a term of your own from a configuration. Name the implementing class, which needs a public
 * constructor without arguments, in a file {@code
 * META-INF/services/io.ranbiki.objective.TermProvider} of your jar; then the term can be written in
 * YAML like any other:
 *
 * <pre>{@code
 * objective:
 *   - my-term: {weight: 0.5, sharpness: 3}
 * }</pre>
 */
public interface TermProvider {

  /** The term's name in configurations and histories: small letters, digits and hyphens. */
  String name();

  /**
   * Makes the term.
   *
   * @param options what stands behind the name: numbers, texts, booleans, lists and maps
   * @throws RanbikiException of kind CONFIGURATION if an option is unknown, missing or out of range
   */
  Term create(Map<String, Object> options);

  /**
   * All providers that the class path offers, by name.
   *
   * @throws RanbikiException if one cannot be loaded, or two have one name
   */
  static Map<String, TermProvider> installed() {
    try {
      return byName(ServiceLoader.load(TermProvider.class));
    } catch (ServiceConfigurationError e) {
      throw new RanbikiException(
          RanbikiException.Kind.CONFIGURATION,
          "a term of your own cannot be loaded: " + e.getMessage(),
          e);
    }
  }

  /** Providers by name, sorted. */
  private static Map<String, TermProvider> byName(Iterable<TermProvider> providers) {
    Map<String, TermProvider> byName = new TreeMap<>();
    for (TermProvider provider : providers) {
      TermProvider other = byName.put(provider.name(), provider);
      if (other != null) {
        throw RanbikiException.configuration(
            "%s and %s both provide a term '%s'; rename one of them",
            other.getClass().getName(), provider.getClass().getName(), provider.name());
      }
    }
    return Collections.unmodifiableMap(byName);
  }
}
