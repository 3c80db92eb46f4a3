package io.ranbiki.config;

/**
 * A choice by name: <code>{soft-targets: {temperature: 4}}</code>, or bare, as in {@code flip}.
 *
 * @param name what was chosen
 * @param value what is written after the name; empty for a bare name, so that {@link
 *     ConfigNode#asMap()} of it is a mapping without keys
 * @param bare whether nothing is written after the name
 */
public record Named(String name, ConfigNode value, boolean bare) {

  /** The options of the choice; a mapping without keys for a bare name. */
  public MapNode options() {
    return value.asMap();
  }
}
