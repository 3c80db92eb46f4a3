package io.ranbiki.config;

import java.util.List;
import java.util.Map;

/** A value of a YAML file with its place. Lists and maps can be changed by overrides. */
sealed interface YamlValue {

  Place place();

  /** The value in the words of a message, such as {@code the text 'abc'}. */
  String describe();

  /**
   * One text or number.
   *
   * @param plain written without quotes, so that it may stand for a number, a boolean or nothing
   */
  record Scalar(Place place, String text, boolean plain) implements YamlValue {
    boolean isNull() {
      return plain
          && (text.isEmpty() || text.equals("~") || text.equals("null") || text.equals("Null"));
    }

    @Override
    public String describe() {
      String shown = Words.shorten(text);
      return isNull() ? "empty" : plain ? "'" + shown + "'" : "the text '" + shown + "'";
    }
  }

  /** A list. */
  record Sequence(Place place, List<YamlValue> items) implements YamlValue {
    @Override
    public String describe() {
      return "a list";
    }
  }

  /** A mapping. */
  record Mapping(Place place, Map<String, Entry> entries) implements YamlValue {
    @Override
    public String describe() {
      return "a mapping";
    }
  }

  /** A value whose mistake is already reported. */
  record Broken(Place place) implements YamlValue {
    @Override
    public String describe() {
      return "unreadable";
    }
  }

  /** Stands for every value, where readers are to show what they take. */
  record Every(Place place) implements YamlValue {
    @Override
    public String describe() {
      return "any value";
    }
  }

  /** One key of a mapping. */
  record Entry(Place keyPlace, YamlValue value) {}
}
