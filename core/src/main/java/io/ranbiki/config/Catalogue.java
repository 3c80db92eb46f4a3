package io.ranbiki.config;

import java.util.List;

/**
 * What a jar offers under names in configurations. For one of your own, write a class with a public
 * constructor without arguments, and name it in a file {@code
 * META-INF/services/io.ranbiki.config.Catalogue} of your jar:
 *
 * <pre>{@code
 * public final class MyTerms implements Catalogue {
 *   public List<Provider<?>> providers() {
 *     return List.of(
 *         Provider.of(
 *             Term.class,
 *             "my-term",
 *             "What it does, in one sentence.",
 *             options -> new MyTerm(Ramp.weight(options, 1))));
 *   }
 * }
 * }</pre>
 *
 * <p>The environment variable {@code RANBIKI_CLASSPATH} tells the launcher of the jar.
 */
public interface Catalogue {

  /** All that is offered. */
  List<Provider<?>> providers();
}
