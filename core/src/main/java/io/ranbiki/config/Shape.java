package io.ranbiki.config;

import java.util.List;
import java.util.Locale;

/** What may be written at one place of a configuration. */
sealed interface Shape {

  /** A text. */
  record Text() implements Shape {}

  /** The path of a file or folder. */
  record File() implements Shape {}

  /** True or false. */
  record Flag() implements Shape {}

  /** One of some words. */
  record Words(List<String> allowed) implements Shape {}

  /**
   * A number.
   *
   * @param whole whether it has no fraction
   */
  record Number(boolean whole, List<Rule> rules) implements Shape {}

  /** A mapping of any names to values of one shape. */
  record Table(Shape values) implements Shape {}

  /** A mapping of keys. */
  record Group(Options options) implements Shape {}

  /**
   * A list.
   *
   * @param orOne whether a single value stands for a list of one
   */
  record Items(ConfigNode item, boolean orOne) implements Shape {}

  /** One name with its options. */
  record Choice(List<Option> options) implements Shape {

    /** What is chosen, such as {@code term} or {@code strategy}. */
    String kind() {
      String name = options.get(0).provider().kind().getSimpleName();
      return name.replace("Config", "").toLowerCase(Locale.ROOT);
    }
  }

  /** A name that may be chosen. */
  record Option(Provider<?> provider, Options options) {}
}
