package io.ranbiki.result;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The rules that several records share; each returns what it was given. */
final class Check {

  private Check() {}

  static double finite(String name, double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(name + " must be finite, but is " + value);
    }
    return value;
  }

  static double notNegative(String name, double value) {
    if (finite(name, value) < 0) {
      throw new IllegalArgumentException(name + " must be 0 or more, but is " + value);
    }
    return value;
  }

  static long notNegative(String name, long value) {
    if (value < 0) {
      throw new IllegalArgumentException(name + " must be 0 or more, but is " + value);
    }
    return value;
  }

  static @Nullable Double fraction(String name, @Nullable Double value) {
    if (value != null && !(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException(name + " must lie between 0 and 1, but is " + value);
    }
    return value;
  }

  static @Nullable Double positive(String name, @Nullable Double value) {
    if (value != null && finite(name, value) <= 0) {
      throw new IllegalArgumentException(name + " must be above 0, but is " + value);
    }
    return value;
  }

  static String text(String name, @Nullable String value) {
    if (value == null || value.isBlank()) {
      throw new IllegalArgumentException(name + " must not be empty");
    }
    return value;
  }

  static <T> T present(String name, @Nullable T value) {
    if (value == null) {
      throw new IllegalArgumentException(name + " is missing");
    }
    return value;
  }

  /** A copy that keeps the order, which {@link Map#copyOf} does not. */
  static <V> Map<String, V> ordered(String name, @Nullable Map<String, V> map) {
    Map<String, V> copy = new LinkedHashMap<>(present(name, map));
    copy.forEach((key, value) -> present(name + "." + text("a name in " + name, key), value));
    return Collections.unmodifiableMap(copy);
  }
}
