package io.ranbiki.config;

import io.ranbiki.config.YamlValue.Broken;
import io.ranbiki.config.YamlValue.Entry;
import io.ranbiki.config.YamlValue.Mapping;
import io.ranbiki.config.YamlValue.Scalar;
import io.ranbiki.config.YamlValue.Sequence;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Lays {@code key.path=value} over a tree. A segment is a key of a mapping, an index of a list from
 * 0, or the name of a list's only entry of that name; after an index the name may be left out, so
 * that {@code objective.0.weight} and {@code objective.hard-labels.weight} reach the same value.
 */
final class Overrides {

  private static final int LONGEST_PATH = 20;

  private final Mapping root;
  private final Variables variables;
  private final Mistakes mistakes;

  Overrides(Mapping root, Variables variables, Mistakes mistakes) {
    this.root = root;
    this.variables = variables;
    this.mistakes = mistakes;
  }

  void apply(String override) {
    Place place = Place.override(override);
    int equals = override.indexOf('=');
    String[] path = override.substring(0, Math.max(equals, 0)).strip().split("\\.", -1);
    for (String segment : path) {
      if (segment.isBlank() || path.length > LONGEST_PATH) {
        mistakes.report(
            place, "An override must have the form key.path=value, such as train.epochs=5.");
        return;
      }
    }
    YamlValue value =
        YamlParser.parseOverride(place, override.substring(equals + 1), variables, mistakes);
    new Change(place, path, value).replace(root, 0);
  }

  private final class Change {
    private final Place place;
    private final String[] path;
    private final YamlValue value;

    Change(Place place, String[] path, YamlValue value) {
      this.place = place;
      this.path = path;
      this.value = value;
    }

    /** What stands in the place of {@code current} once the path from {@code at} on is set. */
    YamlValue replace(YamlValue current, int at) {
      if (at == path.length) {
        return value;
      }
      if (current instanceof Mapping mapping) {
        return key(mapping, path[at], at + 1);
      }
      if (current instanceof Sequence list) {
        return entry(list, at);
      }
      if (current instanceof Scalar scalar && scalar.isNull()) {
        return key(new Mapping(place, new LinkedHashMap<>()), path[at], at + 1);
      }
      if (!(current instanceof Broken)) {
        mistakes.report(
            place, "'" + upTo(at) + "' is a single value and has no '" + path[at] + "'.");
      }
      return current;
    }

    private Mapping key(Mapping mapping, String key, int next) {
      Entry old = mapping.entries().get(key);
      YamlValue from = old == null ? new Scalar(place, "", true) : old.value();
      Place keyPlace = old == null ? place : old.keyPlace();
      mapping.entries().put(key, new Entry(keyPlace, replace(from, next)));
      return mapping;
    }

    private Sequence entry(Sequence list, int at) {
      List<YamlValue> items = list.items();
      boolean isIndex = path[at].matches("[0-9]{1,9}");
      int index = isIndex ? Integer.parseInt(path[at]) : named(items, at);
      if (index < 0) {
        return list;
      }
      if (index >= items.size()) {
        mistakes.report(
            place,
            "'"
                + upTo(at)
                + "' has "
                + items.size()
                + (items.size() == 1 ? " entry" : " entries")
                + ", counted from 0, so there is no '"
                + path[at]
                + "'; write the whole list to add one.");
        return list;
      }
      items.set(index, inEntry(items.get(index), isIndex ? at + 1 : at));
      return list;
    }

    /** Changes an entry, stepping over the name of an entry such as {@code {hint: {...}}}. */
    private YamlValue inEntry(YamlValue item, int at) {
      String name = name(item);
      if (name == null || at == path.length) {
        return replace(item, at);
      }
      Mapping mapping =
          item instanceof Mapping single
              ? single
              : new Mapping(
                  item.place(),
                  new LinkedHashMap<>(
                      Map.of(name, new Entry(item.place(), new Scalar(item.place(), "", true)))));
      if (path[at].equals(name)) {
        return key(mapping, name, at + 1);
      }
      YamlValue options = Objects.requireNonNull(mapping.entries().get(name)).value();
      boolean takesKeys =
          options instanceof Mapping || (options instanceof Scalar scalar && scalar.isNull());
      return takesKeys ? key(mapping, name, at) : key(mapping, path[at], at + 1);
    }

    private int named(List<YamlValue> items, int at) {
      int[] found =
          IntStream.range(0, items.size())
              .filter(i -> path[at].equals(name(items.get(i))))
              .toArray();
      if (found.length == 1) {
        return found[0];
      }
      List<String> names =
          items.stream().map(Overrides::name).filter(java.util.Objects::nonNull).toList();
      mistakes.report(
          place,
          found.length > 1
              ? "'"
                  + upTo(at)
                  + "' has "
                  + found.length
                  + " entries named '"
                  + path[at]
                  + "'; use the index, such as "
                  + upTo(at)
                  + "."
                  + found[0]
                  + "."
              : "'"
                  + upTo(at)
                  + "' is a list without an entry '"
                  + Words.shorten(path[at])
                  + "'; "
                  + (names.isEmpty() ? "use an index from 0." : Words.instead(path[at], names)));
      return -1;
    }

    private String upTo(int at) {
      return String.join(".", List.of(path).subList(0, at));
    }
  }

  /** The name of an entry that is a bare word or a mapping with one key. */
  private static @Nullable String name(YamlValue item) {
    if (item instanceof Scalar scalar && !scalar.isNull()) {
      return scalar.text();
    }
    return item instanceof Mapping mapping && mapping.entries().size() == 1
        ? mapping.entries().keySet().iterator().next()
        : null;
  }
}
