package io.ranbiki.config;

import io.ranbiki.RanbikiException;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Finds what the jars on the class path offer. */
final class Catalogues {

  private static final Pattern NAME = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");

  private record Offer(Catalogue catalogue, Provider<?> provider) {}

  private Catalogues() {}

  @SuppressWarnings("unchecked") // its kind says so
  static <T> List<Provider<T>> all(Class<T> kind) {
    return load().values().stream()
        .filter(offer -> offer.provider.kind() == kind)
        .map(offer -> (Provider<T>) offer.provider)
        .toList();
  }

  /**
   * Loads every catalogue.
   *
   * @throws RanbikiException if one cannot be loaded, or offers what it must not
   */
  static Map<String, Offer> load() {
    Map<String, Offer> offers = new TreeMap<>();
    Jars.requireReadable(System.getProperty("java.class.path", ""));
    try {
      for (Catalogue catalogue : ServiceLoader.load(Catalogue.class)) {
        catalogue.providers().forEach(provider -> add(new Offer(catalogue, provider), offers));
      }
    } catch (RanbikiException e) {
      throw e;
    } catch (ServiceConfigurationError | LinkageError | RuntimeException e) {
      throw Jars.broken(e);
    }
    return offers;
  }

  private static void add(Offer offer, Map<String, Offer> offers) {
    String owner = offer.catalogue.getClass().getName();
    String name = offer.provider.name();
    String kind = offer.provider.kind().getSimpleName();
    if (!NAME.matcher(name).matches()) {
      throw RanbikiException.configuration(
          "%s offers a %s '%s', but names have small letters, digits and hyphens. Rename it.",
          owner, kind, Words.shorten(name));
    }
    Offer other = offers.put(name + " " + offer.provider.kind().getName(), offer);
    if (other != null) {
      throw RanbikiException.configuration(
          "%s and %s both offer a %s '%s'. Rename one of them.",
          other.catalogue.getClass().getName(), owner, kind, name);
    }
  }
}
