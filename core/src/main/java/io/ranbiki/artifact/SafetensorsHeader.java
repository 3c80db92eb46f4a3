package io.ranbiki.artifact;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonParser.NumberType;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.SafetensorsFile.DType;
import io.ranbiki.artifact.SafetensorsFile.Entry;
import io.ranbiki.file.Quoted;
import io.ranbiki.file.Reasons;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The JSON header of a safetensors file, checked against every rule of the format. */
final class SafetensorsHeader {

  /** What the header says of one tensor; offsets count from the end of the header. */
  record Slot(String name, DType dtype, long[] shape, long begin, long end) {}

  static final String METADATA = "__metadata__";
  static final int LONGEST = 100_000_000;
  private static final int MOST_DIMENSIONS = 64;

  // Symbol tables are for repeated names; here they would only let hostile names collide.
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNameLength(LONGEST)
                  .maxStringLength(LONGEST)
                  .build())
          .build();

  private final Path file;
  private final Map<String, Slot> slots = new LinkedHashMap<>();
  private @Nullable Map<String, String> metadata;

  private SafetensorsHeader(Path file) {
    this.file = file;
  }

  /** Reads and checks a header that is followed by this many bytes of data. */
  static SafetensorsHeader parse(Path file, byte[] json, long dataBytes) {
    SafetensorsHeader header = new SafetensorsHeader(file);
    if (json.length == 0 || json[0] != '{') {
      throw header.damaged("its header does not begin with {");
    }
    // A Reader, because Jackson would guess UTF-16 and UTF-32 from bytes.
    InputStreamReader text =
        new InputStreamReader(new ByteArrayInputStream(json), StandardCharsets.UTF_8.newDecoder());
    try (JsonParser parser = JSON.createParser(text)) {
      header.readAll(parser);
    } catch (JsonProcessingException e) {
      throw header.damaged("its header is not valid JSON (%s)", Reasons.of(e));
    } catch (CharacterCodingException e) {
      throw header.damaged("its header is not valid UTF-8");
    } catch (IOException e) {
      throw header.damaged("its header cannot be read (%s)", Reasons.of(e));
    }
    header.checkLayout(dataBytes);
    return header;
  }

  /** The tensors in header order. */
  List<Slot> slots() {
    return List.copyOf(slots.values());
  }

  Map<String, String> metadata() {
    return metadata == null ? Map.of() : metadata;
  }

  RanbikiException damaged(String format, Object... values) {
    return RanbikiException.model(
        "%s: %s. The file is damaged or no safetensors file: make or download it again.",
        file, String.format(java.util.Locale.ROOT, format, values));
  }

  private void readAll(JsonParser parser) throws IOException {
    parser.nextToken();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      if (!StandardCharsets.UTF_8.newEncoder().canEncode(CharBuffer.wrap(name))) {
        throw damaged("the name %s is not valid Unicode", Quoted.of(name));
      }
      parser.nextToken();
      if (name.equals(METADATA)) {
        readMetadata(parser);
      } else {
        Slot slot = readSlot(parser, name);
        if (slots.put(name, slot) != null) {
          throw damaged("tensor %s is listed twice", Quoted.of(name));
        }
      }
    }
    if (parser.nextToken() != null) {
      throw damaged("its header goes on after the closing }");
    }
  }

  private void readMetadata(JsonParser parser) throws IOException {
    if (metadata != null) {
      throw damaged("%s is listed twice", METADATA);
    }
    Map<String, String> read = new LinkedHashMap<>();
    if (!parser.hasToken(JsonToken.START_OBJECT)) {
      throw damaged("%s is not an object of strings", METADATA);
    }
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      if (parser.nextToken() != JsonToken.VALUE_STRING) {
        throw damaged("the value of %s in %s is not a string", Quoted.of(key), METADATA);
      }
      if (read.put(key, parser.getText()) != null) {
        throw damaged("%s in %s is listed twice", Quoted.of(key), METADATA);
      }
    }
    metadata = read;
  }

  private Slot readSlot(JsonParser parser, String name) throws IOException {
    if (!parser.hasToken(JsonToken.START_OBJECT)) {
      throw damaged("tensor %s is not described by an object", Quoted.of(name));
    }
    DType dtype = null;
    long[] shape = null;
    long[] offsets = null;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String field = parser.currentName();
      parser.nextToken();
      boolean first =
          switch (field) {
            case "dtype" -> dtype == null;
            case "shape" -> shape == null;
            case "data_offsets" -> offsets == null;
            default ->
                throw damaged(
                    "tensor %s has the unknown key %s", Quoted.of(name), Quoted.of(field));
          };
      if (!first) {
        throw damaged("tensor %s has the key %s twice", Quoted.of(name), field);
      }
      switch (field) {
        case "dtype" -> dtype = dtype(parser, name);
        case "shape" -> shape = counts(parser, name, field);
        default -> offsets = counts(parser, name, field);
      }
    }
    if (dtype == null || shape == null || offsets == null) {
      throw damaged(
          "tensor %s has no %s",
          Quoted.of(name), dtype == null ? "dtype" : shape == null ? "shape" : "data_offsets");
    }
    return checked(name, dtype, shape, offsets);
  }

  private DType dtype(JsonParser parser, String name) throws IOException {
    String text = parser.getText();
    if (parser.hasToken(JsonToken.VALUE_STRING)) {
      for (DType dtype : DType.values()) {
        if (dtype.name().equals(text)) {
          return dtype;
        }
      }
    }
    throw RanbikiException.model(
        "%s: tensor %s has the dtype %s, which is not one of %s. Convert it before writing the file.",
        file, Quoted.of(name), Quoted.of(text), Arrays.toString(DType.values()));
  }

  private long[] counts(JsonParser parser, String name, String field) throws IOException {
    if (!parser.hasToken(JsonToken.START_ARRAY)) {
      throw damaged("the %s of tensor %s is not a list", field, Quoted.of(name));
    }
    List<Long> counts = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (!parser.hasToken(JsonToken.VALUE_NUMBER_INT)
          || parser.getText().startsWith("-")
          || parser.getNumberType() == NumberType.BIG_INTEGER) {
        throw damaged(
            "the %s of tensor %s holds %s, not an integer from 0 to %d",
            field, Quoted.of(name), Quoted.of(String.valueOf(parser.getText())), Long.MAX_VALUE);
      }
      if (counts.size() == MOST_DIMENSIONS) {
        throw damaged(
            "the %s of tensor %s has more than %d numbers",
            field, Quoted.of(name), MOST_DIMENSIONS);
      }
      counts.add(parser.getLongValue());
    }
    return counts.stream().mapToLong(Long::longValue).toArray();
  }

  private Slot checked(String name, DType dtype, long[] shape, long[] offsets) {
    if (offsets.length != 2 || offsets[0] > offsets[1]) {
      throw damaged(
          "the data_offsets of tensor %s are %s, not a begin and an end",
          Quoted.of(name), Arrays.toString(offsets));
    }
    long bytes = Entry.byteSize(dtype, shape);
    if (bytes < 0) {
      throw damaged(
          "the shape %s of tensor %s has too many elements",
          Arrays.toString(shape), Quoted.of(name));
    }
    if (bytes != offsets[1] - offsets[0]) {
      throw damaged(
          "tensor %s takes %d bytes by its data_offsets and %d by its shape, %s %s",
          Quoted.of(name), offsets[1] - offsets[0], bytes, dtype, Arrays.toString(shape));
    }
    return new Slot(name, dtype, shape, offsets[0], offsets[1]);
  }

  /** The tensors must cover the data from first to last byte, each byte once. */
  private void checkLayout(long dataBytes) {
    long covered = 0;
    for (Slot slot : byOffset()) {
      if (slot.end() > dataBytes) {
        throw damaged(
            "tensor %s ends at byte %d of the data, which has %d",
            Quoted.of(slot.name()), slot.end(), dataBytes);
      }
      if (slot.begin() < covered) {
        throw damaged("tensor %s overlaps the one before it", Quoted.of(slot.name()));
      }
      if (slot.begin() > covered) {
        throw damaged(
            "%d bytes before tensor %s belong to no tensor",
            slot.begin() - covered, Quoted.of(slot.name()));
      }
      covered = slot.end();
    }
    if (covered != dataBytes) {
      throw damaged("%d bytes after the last tensor belong to no tensor", dataBytes - covered);
    }
  }

  /** The tensors in the order of their data. */
  List<Slot> byOffset() {
    return slots.values().stream()
        .sorted(Comparator.comparingLong(Slot::begin).thenComparingLong(Slot::end))
        .toList();
  }
}
