package io.ranbiki.prepare;

import java.io.Serializable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One sample, or one answer: named arrays.
 *
 * @param arrays by the name of the field, in the order of the fields
 */
public record Row(Map<String, Values> arrays) implements Serializable {

  /** Copies the map; the arrays themselves are shared. */
  public Row {
    arrays = Collections.unmodifiableMap(new LinkedHashMap<>(arrays));
  }

  /** A row of one field. */
  public static Row of(String field, Values values) {
    return new Row(Map.of(field, values));
  }

  /** The row with one field more, or with other values for one. */
  public Row with(String field, Values values) {
    Map<String, Values> more = new LinkedHashMap<>(arrays);
    more.put(field, values);
    return new Row(more);
  }

  /** The row without one of its fields. */
  public Row without(String field) {
    Map<String, Values> fewer = new LinkedHashMap<>(arrays);
    fewer.remove(field);
    return new Row(fewer);
  }

  /** Whether the row has a field. */
  public boolean has(String field) {
    return arrays.containsKey(field);
  }

  /**
   * The values of a field.
   *
   * @throws IllegalArgumentException if the row has no such field
   */
  public Values get(String field) {
    Values values = arrays.get(field);
    if (values == null) {
      throw new IllegalArgumentException("no field '" + field + "' in " + arrays.keySet());
    }
    return values;
  }
}
