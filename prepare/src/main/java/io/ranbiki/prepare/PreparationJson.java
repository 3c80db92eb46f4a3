package io.ranbiki.prepare;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.ranbiki.RanbikiException;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A preparation as JSON. The reader takes what the writer writes and nothing else. */
final class PreparationJson {

  private static final int SCHEMA = 1;
  private static final int DEEPEST = 8;
  private static final Set<String> KEYS = Set.of("schema", "input", "shape", "steps", "inside");

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
          .build();

  private PreparationJson() {}

  /** A number as it is written, to be read as the type that it stands for. */
  private record Numeral(String text) {
    @Override
    public String toString() {
      return text;
    }
  }

  static String write(Preparation preparation) {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = JSON.createGenerator(text)) {
      out.writeStartObject();
      out.writeNumberField("schema", SCHEMA);
      out.writeStringField("input", preparation.input().word());
      out.writeArrayFieldStart("shape");
      for (int length : preparation.shape()) {
        out.writeNumber(length);
      }
      out.writeEndArray();
      out.writeArrayFieldStart("steps");
      for (Step step : preparation.steps()) {
        out.writeStartObject();
        write(step, out);
        out.writeEndObject();
      }
      out.writeEndArray();
      out.writeArrayFieldStart("inside");
      for (String name : preparation.inside()) {
        out.writeString(name);
      }
      out.writeEndArray();
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a string does not refuse
    }
    return text.toString();
  }

  private static void write(Step step, JsonGenerator out) throws IOException {
    if (step instanceof Step.Decode decode) {
      out.writeStringField(step.name(), decode.colour().word());
    } else if (step instanceof Step.Scale scale) {
      out.writeNumberField(step.name(), scale.factor());
    } else if (step instanceof Step.Normalize normalize) {
      out.writeObjectFieldStart(step.name());
      write("mean", normalize.numbers().mean(), out);
      write("std", normalize.numbers().std(), out);
      out.writeEndObject();
    }
  }

  private static void write(String name, float[] values, JsonGenerator out) throws IOException {
    out.writeArrayFieldStart(name);
    for (float value : values) {
      out.writeNumber(value);
    }
    out.writeEndArray();
  }

  static Preparation read(String json, String source) {
    try {
      return preparation(tree(json));
    } catch (JsonProcessingException e) {
      throw damaged(source, "it is not JSON (" + e.getOriginalMessage() + ")", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a string does not refuse
    } catch (Newer e) {
      throw new RanbikiException(
          RanbikiException.Kind.MODEL,
          source
              + " asks for "
              + e.getMessage()
              + ", which this version of Ranbiki does not know. Use a newer version.",
          e);
    } catch (IllegalArgumentException | RanbikiException e) {
      throw damaged(source, e.getMessage().replaceFirst("\\.$", ""), e);
    }
  }

  private static RanbikiException damaged(String source, String reason, Exception e) {
    return new RanbikiException(
        RanbikiException.Kind.MODEL,
        source + " is damaged: " + reason + ". Export the model again.",
        e);
  }

  /** What a later version may have written. */
  private static final class Newer extends RuntimeException {
    private static final long serialVersionUID = 1;

    Newer(String what) {
      super(what);
    }
  }

  private static Object tree(String json) throws IOException {
    try (JsonParser in = JSON.createParser(json)) {
      in.nextToken();
      Object root = value(in);
      if (in.nextToken() != null) {
        throw new IllegalArgumentException("something follows its end");
      }
      return root;
    }
  }

  private static Object value(JsonParser in) throws IOException {
    JsonToken token = in.currentToken();
    if (token == JsonToken.START_OBJECT) {
      Map<String, Object> fields = new LinkedHashMap<>();
      while (in.nextToken() != JsonToken.END_OBJECT) {
        String name = in.currentName();
        in.nextToken();
        fields.put(name, value(in));
      }
      return fields;
    }
    if (token == JsonToken.START_ARRAY) {
      List<Object> values = new ArrayList<>();
      while (in.nextToken() != JsonToken.END_ARRAY) {
        values.add(value(in));
      }
      return values;
    }
    if (token != null && token.isNumeric()) {
      return new Numeral(in.getText());
    }
    if (token == JsonToken.VALUE_STRING) {
      return in.getText();
    }
    throw new IllegalArgumentException(
        "it holds " + (token == null ? "nothing" : in.getText()) + " where it must not");
  }

  private static Preparation preparation(Object root) {
    Map<String, Object> fields = fields(root, "the whole");
    int schema = number(required(fields, "schema"), "schema", Integer::valueOf);
    if (schema > SCHEMA) {
      throw new Newer("schema " + schema);
    }
    if (schema != SCHEMA) {
      throw new IllegalArgumentException("schema is " + schema + ", but must be " + SCHEMA);
    }
    requireKeys(fields, "the whole", KEYS);
    String input = text(required(fields, "input"), "input");
    return new Preparation(
        Arrays.stream(Preparation.Input.values())
            .filter(each -> each.word().equals(input))
            .findFirst()
            .orElseThrow(() -> new Newer("the input \"" + input + "\"")),
        list(required(fields, "shape"), "shape").stream()
            .map(length -> number(length, "shape", Integer::valueOf))
            .toList(),
        list(required(fields, "steps"), "steps").stream().map(PreparationJson::step).toList(),
        list(required(fields, "inside"), "inside").stream()
            .map(name -> text(name, "inside"))
            .toList());
  }

  private static Step step(Object value) {
    Map<String, Object> fields = fields(value, "each of steps");
    if (fields.size() != 1) {
      throw new IllegalArgumentException(
          "each of steps must have one name, but one has " + fields.keySet());
    }
    String name = fields.keySet().iterator().next();
    Object option = required(fields, name);
    return switch (name) {
      case Step.Decode.NAME -> new Step.Decode(colour(text(option, name)));
      case Step.Scale.NAME -> new Step.Scale(number(option, name, Double::valueOf));
      case Step.Normalize.NAME -> {
        Map<String, Object> numbers = fields(option, name);
        requireKeys(numbers, name, Set.of("mean", "std"));
        yield new Step.Normalize(
            new Normalization(floats(numbers, "mean"), floats(numbers, "std")));
      }
      default -> throw new Newer("the step \"" + name + "\"");
    };
  }

  private static Colour colour(String word) {
    return Arrays.stream(Colour.values())
        .filter(each -> each.word().equals(word))
        .findFirst()
        .orElseThrow(() -> new Newer("the colour \"" + word + "\""));
  }

  private static float[] floats(Map<String, Object> fields, String name) {
    List<Float> values =
        list(required(fields, name), name).stream()
            .map(value -> number(value, name, Float::valueOf))
            .toList();
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = values.get(i);
    }
    return floats;
  }

  private static void requireKeys(Map<String, Object> fields, String where, Set<String> known) {
    String others =
        fields.keySet().stream()
            .filter(name -> !known.contains(name))
            .map(name -> '"' + name + '"')
            .collect(Collectors.joining(", "));
    if (!others.isEmpty()) {
      throw new IllegalArgumentException(where + " must not have " + others);
    }
  }

  private static Object required(Map<String, Object> fields, String name) {
    @Nullable Object value = fields.get(name);
    if (value == null) {
      throw new IllegalArgumentException("it has no \"" + name + "\"");
    }
    return value;
  }

  @SuppressWarnings("unchecked") // as value() makes it
  private static Map<String, Object> fields(Object value, String where) {
    if (value instanceof Map<?, ?> fields) {
      return (Map<String, Object>) fields;
    }
    throw new IllegalArgumentException(where + " must be an object, but is " + value);
  }

  private static List<?> list(Object value, String where) {
    if (value instanceof List<?> list) {
      return list;
    }
    throw new IllegalArgumentException(where + " must be a list, but is " + value);
  }

  private static String text(Object value, String where) {
    if (value instanceof String text) {
      return text;
    }
    throw new IllegalArgumentException(where + " must be a word, but is " + value);
  }

  private static <T> T number(Object value, String where, Function<String, T> read) {
    if (value instanceof Numeral numeral) {
      try {
        return read.apply(numeral.text());
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(where + " must not be " + numeral, e);
      }
    }
    throw new IllegalArgumentException(where + " must be a number, but is " + value);
  }
}
