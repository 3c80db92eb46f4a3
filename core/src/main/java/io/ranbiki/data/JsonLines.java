package io.ranbiki.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.ranbiki.RanbikiException;
import io.ranbiki.file.Reasons;
import io.ranbiki.prepare.Values;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Texts in a UTF-8 file that has a JSON object in every line. Which of its fields hold text, truth
 * and key is said by name; others are passed over. Empty lines are left out. An id is the position
 * among the rows.
 */
public final class JsonLines {

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
          .build();

  /**
   * How a file is to be read.
   *
   * @param text the field of a text, or the two of a pair
   * @param truth the fields of the truth, and what they hold
   * @param key the field of what people call a row; empty if there is none
   */
  record Options(List<String> text, CsvRows.Options truth, Optional<String> key) {
    /** The same for a file without truth. */
    Options unlabelled() {
      return new Options(text, truth.withLabel(""), key);
    }

    /** The same for a file that is to have the task of another one. */
    Options withTask(Task task) {
      return new Options(text, truth.withTask(task), key);
    }
  }

  private final Path file;
  private final Options options;
  private final CsvLabels labels;
  private final DistinctKeys keys;
  private final SampleSink sink;
  private int samples;

  private JsonLines(Path file, Options options, SampleSink sink) {
    this.file = file;
    this.options = options;
    this.sink = sink;
    this.keys = new DistinctKeys(file.toString(), true);
    this.labels = new CsvLabels(file.toString(), options.truth(), options.truth().labels());
  }

  /**
   * Reads texts alone, with a name for each if there is one.
   *
   * @param text the field of a text, or the two of a pair
   * @param key the field of what people call a row; empty if there is none
   * @throws RanbikiException if it is missing or damaged, a line is no JSON object or lacks a text,
   *     or a key comes twice; the message names the line
   */
  public static Dataset texts(Path file, List<String> text, Optional<String> key) {
    return read(file, new Options(text, CsvRows.Options.defaults(), key).unlabelled());
  }

  /**
   * Reads a file.
   *
   * @throws RanbikiException if it is missing or damaged, a line is no JSON object or lacks a text
   *     or a label, a label is not among the given classes, or a key comes twice; the message names
   *     the line
   */
  static Dataset read(Path file, Options options) {
    return read(file, options, SampleSink.memory());
  }

  /**
   * Reads a file whose samples go somewhere else than into memory.
   *
   * @throws RanbikiException as {@link #read(Path, Options)}
   */
  static Dataset read(Path file, Options options, SampleSink sink) {
    sink.expect(file.toFile().length());
    sink.begin(List.of(InMemory.text(options.text().size())), List.of(), file.toString());
    JsonLines read = new JsonLines(file, options, sink);
    Lines.read(file, sink::read, read::add);
    return read.finish();
  }

  private void add(String line, int number) {
    if (line.isBlank()) {
      return;
    }
    Map<String, Object> fields = fields(line, number);
    List<String> sample = options.text().stream().map(name -> text(fields, name, number)).toList();
    for (String name : options.truth().labels()) {
      String label = label(fields.get(name), name, number);
      if (label.isEmpty()) {
        labels.requireMayBeEmpty("line " + number + " of " + file);
      }
      labels.add(label);
    }
    String key = options.key().map(name -> label(fields.get(name), name, number)).orElse("");
    if (options.key().isPresent()) {
      keys.add(key, number);
    }
    sink.line(number);
    sink.add(
        key,
        sample.size() == 1
            ? new Values.Text(sample.get(0))
            : new Values.Pair(sample.get(0), sample.get(1)));
    samples++;
  }

  private String text(Map<String, Object> fields, String name, int line) {
    Object value = fields.get(name);
    if (value == null) {
      throw RanbikiException.configuration(
          "Line %d of %s has no field '%s', but %s. Name the field of the text (data.text).",
          line, file, name, ClassNames.abridged(List.copyOf(fields.keySet())));
    }
    if (!(value instanceof String text)) {
      throw RanbikiException.configuration(
          "Line %d of %s has %s in the field '%s', but must have a text. Repair the line, or name"
              + " another field (data.text).",
          line, file, value, name);
    }
    Texts.require(text, "Line " + line + " of " + file, "field '" + name + "'");
    return text;
  }

  /** A label or key; empty where it is not known. */
  private String label(@Nullable Object value, String name, int line) {
    if (value == null) {
      return "";
    }
    if (value instanceof Other other) {
      return switch (other.token()) {
        case VALUE_NULL -> "";
        case VALUE_TRUE -> labels.isOfClasses() ? "true" : "1";
        case VALUE_FALSE -> labels.isOfClasses() ? "false" : "0";
        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> other.text();
        default ->
            throw RanbikiException.configuration(
                "Line %d of %s has %s in the field '%s', but must have a word or a number. Name"
                    + " another field (data.label or data.key).",
                line, file, other, name);
      };
    }
    return value.toString();
  }

  /** A value that is no text. */
  private record Other(JsonToken token, String text) {
    @Override
    public String toString() {
      return switch (token) {
        case START_ARRAY -> "a list";
        case START_OBJECT -> "an object";
        default -> text;
      };
    }
  }

  private Map<String, Object> fields(String line, int number) {
    try (JsonParser in = FACTORY.createParser(line)) {
      JsonToken first = in.nextToken();
      if (first != JsonToken.START_OBJECT) {
        throw noObject(number, "it begins otherwise", null);
      }
      Map<String, Object> fields = new LinkedHashMap<>();
      while (in.nextToken() != JsonToken.END_OBJECT) {
        String name = in.currentName();
        JsonToken token = in.nextToken();
        fields.put(
            name, token == JsonToken.VALUE_STRING ? in.getText() : new Other(token, in.getText()));
        in.skipChildren();
      }
      if (in.nextToken() != null) {
        throw noObject(number, "something follows its end", null);
      }
      return fields;
    } catch (JsonProcessingException e) {
      throw noObject(number, Reasons.within(e), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a string does not refuse
    }
  }

  private RanbikiException noObject(int line, String reason, @Nullable Exception cause) {
    return new RanbikiException(
        RanbikiException.Kind.CONFIGURATION,
        "Line "
            + line
            + " of "
            + file
            + " is not one JSON object ("
            + reason
            + "). Write each sample into a line of its own, such as {\"text\": \"...\", \"label\":"
            + " \"...\"}.",
        cause);
  }

  private Dataset finish() {
    if (samples == 0) {
      throw RanbikiException.configuration(
          "%s has no lines. Check that it is the right file.", file);
    }
    keys.requireDistinct(sink::key, sink::lineOf);
    return sink.finish(labels.truth(samples));
  }
}
