package io.ranbiki.prepare;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.ranbiki.RanbikiException;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** A preparation as JSON. The reader takes what the writer writes and nothing else. */
final class PreparationJson {

  private static final int SCHEMA = 1;
  private static final int DEEPEST = 8;
  private static final Set<String> LOG_MEL =
      Set.of("rate", "samples", "window", "hop", "fft", "mels", "lowest", "highest");
  private static final Set<String> KEYS = Set.of("schema", "input", "shape", "steps", "inside");

  private PreparationJson() {}

  static String write(Preparation preparation) {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = Json.writer(text)) {
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
    } else if (step instanceof Step.Resize resize) {
      out.writeObjectFieldStart(step.name());
      out.writeNumberField("side", resize.side());
      out.writeNumberField("crop", resize.crop());
      out.writeEndObject();
    } else if (step instanceof Step.Scale scale) {
      out.writeNumberField(step.name(), scale.factor());
    } else if (step instanceof Step.Normalize normalize) {
      out.writeObjectFieldStart(step.name());
      write("mean", normalize.numbers().mean(), out);
      write("std", normalize.numbers().std(), out);
      out.writeEndObject();
    } else if (step instanceof Step.Tokenize tokenize) {
      out.writeObjectFieldStart(step.name());
      out.writeNumberField("at-most", tokenize.atMost());
      if (!tokenize.prefix().isEmpty()) {
        out.writeStringField("prefix", tokenize.prefix());
      }
      if (tokenize.texts() != Step.Tokenize.Texts.ONE) {
        out.writeStringField("texts", tokenize.texts().word());
      }
      out.writeStringField("tokenizer", tokenize.tokenizer().json());
      out.writeEndObject();
    } else if (step instanceof Step.Encode encode) {
      write(encode.columns(), out);
    } else if (step instanceof Step.LogMel logMel) {
      MelSpectrogram.Options options = logMel.spectrogram().options();
      out.writeObjectFieldStart(step.name());
      out.writeNumberField("rate", options.rate());
      out.writeNumberField("samples", logMel.samples());
      out.writeNumberField("window", options.window());
      out.writeNumberField("hop", options.hop());
      out.writeNumberField("fft", options.fft());
      out.writeNumberField("mels", options.mels());
      out.writeNumberField("lowest", options.lowest());
      out.writeNumberField("highest", options.highest());
      out.writeEndObject();
    }
  }

  private static void write(Columns columns, JsonGenerator out) throws IOException {
    out.writeArrayFieldStart(Step.Encode.NAME);
    for (Columns.Column column : columns.list()) {
      out.writeStartObject();
      out.writeStringField("name", column.name());
      if (column instanceof Columns.Number number) {
        out.writeNumberField("mean", number.mean());
        out.writeNumberField("std", number.std());
      } else if (column instanceof Columns.Category category) {
        out.writeArrayFieldStart("values");
        for (String value : category.values()) {
          out.writeString(value);
        }
        out.writeEndArray();
      }
      out.writeBooleanField("missing", column.missing());
      out.writeEndObject();
    }
    out.writeEndArray();
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
      return preparation(Json.tree(json, DEEPEST));
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
    } catch (LacksModule e) {
      throw new RanbikiException(
          RanbikiException.Kind.MODEL, source + " cannot be used: " + e.getMessage(), e);
    } catch (IllegalArgumentException | RanbikiException e) {
      throw damaged(source, Objects.requireNonNull(e.getMessage()).replaceFirst("\\.$", ""), e);
    }
  }

  private static RanbikiException damaged(String source, String reason, Exception e) {
    return new RanbikiException(
        RanbikiException.Kind.MODEL,
        source + " is damaged: " + reason + ". Export the model again.",
        e);
  }

  /** A tokenizer that is whole, but that nobody here knows. */
  private static final class LacksModule extends RuntimeException {
    private static final long serialVersionUID = 1;

    LacksModule(RanbikiException cause) {
      super(cause.getMessage(), cause);
    }
  }

  /** What a later version may have written. */
  private static final class Newer extends RuntimeException {
    private static final long serialVersionUID = 1;

    Newer(String what) {
      super(what);
    }
  }

  private static Preparation preparation(Object root) {
    Map<String, Object> fields = Json.fields(root, "the whole");
    int schema = Json.number(Json.required(fields, "schema"), "schema", Integer::valueOf);
    if (schema > SCHEMA) {
      throw new Newer("schema " + schema);
    }
    if (schema != SCHEMA) {
      throw new IllegalArgumentException("schema is " + schema + ", but must be " + SCHEMA);
    }
    Json.requireKeys(fields, "the whole", KEYS);
    String input = Json.text(Json.required(fields, "input"), "input");
    return new Preparation(
        Arrays.stream(Preparation.Input.values())
            .filter(each -> each.word().equals(input))
            .findFirst()
            .orElseThrow(() -> new Newer("the input \"" + input + "\"")),
        Json.list(Json.required(fields, "shape"), "shape").stream()
            .map(length -> Json.number(length, "shape", Integer::valueOf))
            .toList(),
        Json.list(Json.required(fields, "steps"), "steps").stream()
            .map(PreparationJson::step)
            .toList(),
        Json.list(Json.required(fields, "inside"), "inside").stream()
            .map(name -> Json.text(name, "inside"))
            .toList());
  }

  private static Step step(Object value) {
    Map<String, Object> fields = Json.fields(value, "each of steps");
    if (fields.size() != 1) {
      throw new IllegalArgumentException(
          "each of steps must have one name, but one has " + fields.keySet());
    }
    String name = fields.keySet().iterator().next();
    Object option = Json.required(fields, name);
    return switch (name) {
      case Step.Decode.NAME -> new Step.Decode(colour(Json.text(option, name)));
      case Step.Resize.NAME -> {
        Map<String, Object> lengths = Json.fields(option, name);
        Json.requireKeys(lengths, name, Set.of("side", "crop"));
        yield new Step.Resize(whole(lengths, "side"), whole(lengths, "crop"));
      }
      case Step.Scale.NAME -> new Step.Scale(Json.number(option, name, Double::valueOf));
      case Step.Normalize.NAME -> {
        Map<String, Object> numbers = Json.fields(option, name);
        Json.requireKeys(numbers, name, Set.of("mean", "std"));
        yield new Step.Normalize(
            new Normalization(floats(numbers, "mean"), floats(numbers, "std")));
      }
      case Step.Tokenize.NAME -> {
        Map<String, Object> options = Json.fields(option, name);
        Json.requireKeys(options, name, Set.of("at-most", "prefix", "texts", "tokenizer"));
        String tokenizer = Json.text(Json.required(options, "tokenizer"), "tokenizer");
        Object prefix = options.get("prefix");
        yield new Step.Tokenize(
            tokenizer(tokenizer),
            whole(options, "at-most"),
            prefix == null ? "" : Json.text(prefix, "prefix"),
            texts(options));
      }
      case Step.LogMel.NAME -> logMel(Json.fields(option, name));
      case Step.Encode.NAME ->
          new Step.Encode(
              new Columns(Json.list(option, name).stream().map(each -> column(each)).toList()));
      default -> throw new Newer("the step \"" + name + "\"");
    };
  }

  private static Step.Tokenize.Texts texts(Map<String, Object> options) {
    if (!options.containsKey("texts")) {
      return Step.Tokenize.Texts.ONE;
    }
    String word = Json.text(Json.required(options, "texts"), "texts");
    return Arrays.stream(Step.Tokenize.Texts.values())
        .filter(each -> each.word().equals(word))
        .findFirst()
        .orElseThrow(() -> new Newer("the texts \"" + word + "\""));
  }

  private static Tokenizer tokenizer(String json) {
    try {
      return Tokenizer.parse(json, "its tokenizer");
    } catch (RanbikiException e) {
      if (e.getCause() instanceof TokenizerJson.Unknown) {
        throw new LacksModule(e);
      }
      throw e;
    }
  }

  private static Step logMel(Map<String, Object> options) {
    Json.requireKeys(options, Step.LogMel.NAME, LOG_MEL);
    return new Step.LogMel(
        new MelSpectrogram(
            new MelSpectrogram.Options(
                whole(options, "rate"),
                whole(options, "window"),
                whole(options, "hop"),
                whole(options, "fft"),
                whole(options, "mels"),
                Json.number(Json.required(options, "lowest"), "lowest", Double::valueOf),
                Json.number(Json.required(options, "highest"), "highest", Double::valueOf))),
        whole(options, "samples"));
  }

  private static Columns.Column column(Object value) {
    Map<String, Object> fields = Json.fields(value, "each of encode");
    String name = Json.text(Json.required(fields, "name"), "name");
    boolean missing = Json.bool(Json.required(fields, "missing"), "missing");
    if (fields.containsKey("values")) {
      Json.requireKeys(fields, name, Set.of("name", "values", "missing"));
      return new Columns.Category(
          name,
          Json.list(Json.required(fields, "values"), "values").stream()
              .map(each -> Json.text(each, "values"))
              .toList(),
          missing);
    }
    Json.requireKeys(fields, name, Set.of("name", "mean", "std", "missing"));
    return new Columns.Number(
        name,
        Json.number(Json.required(fields, "mean"), "mean", Float::valueOf),
        Json.number(Json.required(fields, "std"), "std", Float::valueOf),
        missing);
  }

  private static int whole(Map<String, Object> options, String name) {
    return Json.number(Json.required(options, name), name, Integer::valueOf);
  }

  private static Colour colour(String word) {
    return Arrays.stream(Colour.values())
        .filter(each -> each.word().equals(word))
        .findFirst()
        .orElseThrow(() -> new Newer("the colour \"" + word + "\""));
  }

  private static float[] floats(Map<String, Object> fields, String name) {
    List<Float> values =
        Json.list(Json.required(fields, name), name).stream()
            .map(value -> Json.number(value, name, Float::valueOf))
            .toList();
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = values.get(i);
    }
    return floats;
  }
}
