package io.ranbiki.objective;

import io.ranbiki.RanbikiException;
import java.util.Collections;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;

/** Finds the terms that users registered. */
final class TermProviders {

  private TermProviders() {}

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

  static Map<String, TermProvider> byName(Iterable<TermProvider> providers) {
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
