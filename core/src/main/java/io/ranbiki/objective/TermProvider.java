package io.ranbiki.objective;

import io.ranbiki.RanbikiException;
import java.util.Map;

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
    return TermProviders.installed();
  }
}
