package io.ranbiki.store;

import io.ranbiki.RanbikiException;
import io.ranbiki.file.Sha256;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * All that the rows of a store depend on, as named texts. Rows can stand for others if and only if
 * their keys are equal.
 *
 * @param parts the texts by name, in the order in which they are shown
 */
public record Key(Map<String, String> parts) {

  /** Raised when the files change, or what a part stands for. */
  static final int FORMAT = 3;

  private static final int LONGEST_SHOWN = 200;

  /** Copies the parts. */
  public Key {
    parts = Collections.unmodifiableMap(new LinkedHashMap<>(parts));
  }

  /** A name for the folder of a store that differs from that of any other key. */
  public String name() {
    return name(FORMAT);
  }

  /** The name of the file that an earlier version, which knew a single file, gave these rows. */
  public String earlierName() {
    return name(FORMAT - 1);
  }

  private String name(int format) {
    return new Sha256().add(fields(format).toString()).hex(8) + ".store";
  }

  /** The parts with the number of the format, as headers hold them. */
  Map<String, String> fields() {
    return fields(FORMAT);
  }

  private Map<String, String> fields(int format) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("format", Integer.toString(format));
    fields.putAll(parts);
    return fields;
  }

  /**
   * Refuses rows that cannot stand for those that are wanted.
   *
   * @param stored the fields that a file holds
   * @throws RanbikiException that names every difference
   */
  void require(Path file, Map<String, String> stored) {
    Map<String, String> differing = new LinkedHashMap<>();
    fields()
        .forEach(
            (name, wanted) -> {
              String there = stored.getOrDefault(name, "not said");
              if (!there.equals(wanted)) {
                differing.put(
                    name,
                    String.format(
                        Locale.ROOT,
                        "%s is %s there and %s here",
                        name,
                        shown(there),
                        shown(wanted)));
              }
            });
    if (!differing.isEmpty()) {
      throw RanbikiException.configuration(
          "The store %s holds other answers than are wanted: %s. Name another file for these"
              + " answers, or delete that one.",
          file, String.join("; ", differing.values()));
    }
  }

  private static String shown(String value) {
    if (value.isEmpty()) {
      return "none";
    }
    return value.length() <= LONGEST_SHOWN ? value : value.substring(0, LONGEST_SHOWN) + "...";
  }
}
