package io.ranbiki.prepare;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * JSON whose every part is asked for by name. What is not as it must be is an {@link
 * IllegalArgumentException} with the reason, without a capital and a full stop.
 */
final class Json {

  /** What {@code null} is in a tree. */
  static final Object NULL =
      new Object() {
        @Override
        public String toString() {
          return "null";
        }
      };

  private static final int LONGEST_SHOWN = 100;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
          .build();

  private Json() {}

  /** A number as it is written, to be read as the type that it stands for. */
  private record Numeral(String text) {
    @Override
    public String toString() {
      return text;
    }
  }

  /** A whole number of a tree. */
  static Object whole(int number) {
    return new Numeral(Integer.toString(number));
  }

  /** A tree as text. */
  static String text(Object tree) {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = writer(text)) {
      write(tree, out);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a string does not refuse
    }
    return text.toString();
  }

  private static void write(Object value, JsonGenerator out) throws IOException {
    if (value instanceof Map<?, ?> fields) {
      out.writeStartObject();
      for (Map.Entry<?, ?> field : fields.entrySet()) {
        out.writeFieldName((String) field.getKey());
        write(field.getValue(), out);
      }
      out.writeEndObject();
    } else if (value instanceof List<?> values) {
      out.writeStartArray();
      for (Object each : values) {
        write(each, out);
      }
      out.writeEndArray();
    } else if (value instanceof String text) {
      out.writeString(text);
    } else if (value instanceof Boolean bool) {
      out.writeBoolean(bool);
    } else if (value == NULL) {
      out.writeNull();
    } else {
      out.writeNumber(value.toString());
    }
  }

  static JsonGenerator writer(StringWriter text) throws IOException {
    return FACTORY.createGenerator(text);
  }

  /**
   * Reads a whole text: maps, lists, strings, booleans, {@link #NULL} and numbers.
   *
   * @param deepest how many maps and lists may be inside one another
   */
  static Object tree(String json, int deepest) throws IOException {
    try (JsonParser in = FACTORY.createParser(json)) {
      in.nextToken();
      Object root = value(in, deepest);
      if (in.nextToken() != null) {
        throw new IllegalArgumentException("something follows its end");
      }
      return root;
    }
  }

  private static Object value(JsonParser in, int deepest) throws IOException {
    JsonToken token = in.currentToken();
    if (token == null) {
      throw new IllegalArgumentException("it holds nothing");
    }
    if (deepest == 0 && token.isStructStart()) {
      throw new IllegalArgumentException("its parts lie too deep inside one another");
    }
    switch (token) {
      case START_OBJECT:
        Map<String, Object> fields = new LinkedHashMap<>();
        while (in.nextToken() != JsonToken.END_OBJECT) {
          String name = in.currentName();
          in.nextToken();
          fields.put(name, value(in, deepest - 1));
        }
        return fields;
      case START_ARRAY:
        List<Object> values = new ArrayList<>();
        while (in.nextToken() != JsonToken.END_ARRAY) {
          values.add(value(in, deepest - 1));
        }
        return values;
      case VALUE_STRING:
        return in.getText();
      case VALUE_TRUE, VALUE_FALSE:
        return token == JsonToken.VALUE_TRUE;
      case VALUE_NULL:
        return NULL;
      default:
        return new Numeral(in.getText());
    }
  }

  static void requireKeys(Map<String, Object> fields, String where, Set<String> known) {
    String others =
        fields.keySet().stream()
            .filter(name -> !known.contains(name))
            .map(name -> '"' + name + '"')
            .collect(Collectors.joining(", "));
    if (!others.isEmpty()) {
      throw new IllegalArgumentException(where + " must not have " + others);
    }
  }

  static Object required(Map<String, Object> fields, String name) {
    @Nullable Object value = fields.get(name);
    if (value == null) {
      throw new IllegalArgumentException("it has no \"" + name + "\"");
    }
    return value;
  }

  /** A value that may be left out or null. */
  static boolean has(Map<String, Object> fields, String name) {
    return fields.getOrDefault(name, NULL) != NULL;
  }

  @SuppressWarnings("unchecked") // as value() makes it
  static Map<String, Object> fields(Object value, String where) {
    if (value instanceof Map<?, ?> fields) {
      return (Map<String, Object>) fields;
    }
    throw wrong(where, "an object", value);
  }

  static List<?> list(Object value, String where) {
    if (value instanceof List<?> list) {
      return list;
    }
    throw wrong(where, "a list", value);
  }

  static String text(Object value, String where) {
    if (value instanceof String text) {
      return text;
    }
    throw wrong(where, "a word", value);
  }

  static boolean bool(Object value, String where) {
    if (value instanceof Boolean bool) {
      return bool;
    }
    throw wrong(where, "true or false", value);
  }

  static <T> T number(Object value, String where, Function<String, T> read) {
    if (value instanceof Numeral numeral) {
      try {
        return read.apply(numeral.text());
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(where + " must not be " + numeral, e);
      }
    }
    throw wrong(where, "a number", value);
  }

  private static IllegalArgumentException wrong(String where, String wanted, Object value) {
    String found = value.toString();
    return new IllegalArgumentException(
        where
            + " must be "
            + wanted
            + ", but is "
            + (found.length() > LONGEST_SHOWN ? found.substring(0, LONGEST_SHOWN) + "..." : found));
  }
}
