package io.ranbiki.teacher;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.ranbiki.RanbikiException;
import io.ranbiki.data.CsvFile;
import io.ranbiki.file.AtomicFile;
import io.ranbiki.file.Reasons;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A table whose first row names its columns, one row a sample: CSV, or, where the file's name ends
 * in {@code .jsonl}, a JSON object a line with the same names. Names are read in Unicode's NFC.
 */
public final class AnswersFile {

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS) // Python writes -Infinity
          .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
          .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
          .build();

  private AnswersFile() {}

  /**
   * A row.
   *
   * @param number from 1
   * @param columns their names; the same list for all rows of a CSV file
   * @param values by the names
   */
  record Row(int number, List<String> columns, Map<String, String> values) {
    @Nullable String get(String column) {
      return values.get(column);
    }
  }

  /** Takes one row after the other. */
  @FunctionalInterface
  interface Visitor {
    void row(Row row);
  }

  /** Writes rows. */
  @FunctionalInterface
  public interface Rows {
    /** Writes all rows, each as long as the header. */
    void writeTo(Sink sink) throws IOException;
  }

  /** Takes the values of one row after the other: texts and floats. */
  @FunctionalInterface
  public interface Sink {
    /** Takes a row. */
    void row(List<?> values) throws IOException;
  }

  /** A name in Unicode's NFC, as names of classes are. */
  static String nfc(String name) {
    return Normalizer.normalize(name, Normalizer.Form.NFC);
  }

  /**
   * Reads a file.
   *
   * @throws RanbikiException of kind configuration if it is missing or damaged, or names a column
   *     twice
   */
  static void read(Path file, Visitor visitor) {
    requireFile(file);
    if (isJson(file)) {
      readJson(file, visitor);
    } else {
      readCsv(file, visitor);
    }
  }

  /**
   * Refuses a file that is not there.
   *
   * @throws RanbikiException of kind configuration
   */
  public static void requireFile(Path file) {
    if (!Files.isRegularFile(file)) {
      throw RanbikiException.configuration(
          "There is no file of answers %s. Correct the path, or write the keys that need an answer"
              + " with: ranbiki label CONFIG --unanswered FILE",
          file);
    }
  }

  private static boolean isJson(Path file) {
    return file.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(".jsonl");
  }

  private static void readCsv(Path file, Visitor visitor) {
    List<String> columns = new ArrayList<>();
    int[] rows = {0};
    CsvFile.read(
        file,
        ',',
        (values, line) -> {
          if (columns.isEmpty()) {
            values.texts().forEach(name -> columns.add(nfc(name)));
            requireDistinct(file, columns);
            return true;
          }
          if (values.size() != columns.size()) {
            throw RanbikiException.configuration(
                "Line %d of %s has %d values, but the first line names %d columns. Repair the"
                    + " line.",
                line, file, values.size(), columns.size());
          }
          Map<String, String> byName = new HashMap<>();
          for (int i = 0; i < columns.size(); i++) {
            byName.put(columns.get(i), values.text(i));
          }
          visitor.row(new Row(++rows[0], columns, byName));
          return true;
        });
  }

  private static void requireDistinct(Path file, List<String> columns) {
    for (int i = 0; i < columns.size(); i++) {
      if (columns.subList(0, i).contains(columns.get(i))) {
        throw RanbikiException.configuration(
            "%s names the column '%s' twice. Name every column once.", file, columns.get(i));
      }
    }
  }

  private static void readJson(Path file, Visitor visitor) {
    int number = 0;
    try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.isBlank()) {
          visitor.row(object(file, ++number, line));
        }
      }
    } catch (CharacterCodingException e) {
      throw RanbikiException.configuration("%s is not UTF-8 text. Save it as UTF-8.", file);
    } catch (IOException e) {
      throw new RanbikiException(
          RanbikiException.Kind.IO,
          "Cannot read " + file + ": " + Reasons.of(e) + ". Check its permissions and the disk.",
          e);
    }
  }

  private static Row object(Path file, int number, String line) {
    JsonNode object;
    try {
      object = JSON.readTree(line);
    } catch (JsonProcessingException e) {
      object = null;
    }
    if (object == null || !object.isObject()) {
      throw RanbikiException.configuration(
          "Row %d of %s is no JSON object. Write one object a line, such as {\"key\": \"a.png\","
              + " \"cat\": 0.9, \"dog\": 0.1}.",
          number, file);
    }
    Map<String, String> values = new LinkedHashMap<>();
    object.properties().forEach(field -> values.put(nfc(field.getKey()), text(field.getValue())));
    return new Row(number, List.copyOf(values.keySet()), values);
  }

  private static String text(JsonNode value) {
    if (value.isValueNode()) {
      return value.isNull() ? "" : value.asText();
    }
    return value.toString(); // no key and no number, which is said where one is wanted
  }

  /**
   * Writes a file, whole or not at all.
   *
   * @param file CSV, or JSON if its name ends in {@code .jsonl}
   * @param columns names of the columns
   * @throws RanbikiException of kind IO if the disk refuses
   */
  public static void write(Path file, List<String> columns, Rows rows) {
    AtomicFile.write(
        file,
        channel -> {
          try (Writer text = buffered(channel)) {
            if (isJson(file)) {
              rows.writeTo(values -> writeObject(text, columns, values));
            } else {
              writeRow(text, columns);
              rows.writeTo(values -> writeRow(text, values));
            }
            text.flush();
          }
        });
  }

  /** Closing it leaves the channel open, which is forced afterwards. */
  private static Writer buffered(FileChannel channel) {
    return new BufferedWriter(
        new OutputStreamWriter(
            new FilterOutputStream(Channels.newOutputStream(channel)) {
              @Override
              public void write(byte[] bytes, int offset, int length) throws IOException {
                out.write(bytes, offset, length);
              }

              @Override
              public void close() throws IOException {
                flush();
              }
            },
            StandardCharsets.UTF_8));
  }

  private static void writeRow(Writer text, List<?> values) throws IOException {
    text.write(values.stream().map(AnswersFile::cell).collect(Collectors.joining(",")));
    text.write('\n');
  }

  /** As RFC 4180 has it: quoted where a reader would cut it otherwise, with quotes doubled. */
  private static String cell(Object value) {
    String text = value.toString();
    boolean plain =
        text.strip().equals(text) && text.chars().noneMatch(c -> ",\"\r\n".indexOf(c) >= 0);
    return plain && !text.isEmpty() ? text : '"' + text.replace("\"", "\"\"") + '"';
  }

  private static void writeObject(Writer text, List<String> columns, List<?> values)
      throws IOException {
    Map<String, Object> object = new LinkedHashMap<>();
    for (int i = 0; i < columns.size(); i++) {
      object.put(columns.get(i), values.get(i));
    }
    JSON.writeValue(text, object);
    text.write('\n');
  }
}
