package io.ranbiki.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import io.ranbiki.file.AtomicFile;
import io.ranbiki.file.Reasons;
import io.ranbiki.result.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads and writes {@code result.json}; the layout is documented in docs/result-schema.md. */
public final class ResultJson {

  private static final long MOST_BYTES = 64L << 20;

  private ResultJson() {}

  /** The JSON text of a result, or of records like it: indented, ending with a line break. */
  public static String text(Object result) {
    try {
      return Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(result) + "\n";
    } catch (JsonProcessingException e) {
      throw new RanbikiException(Kind.INTERNAL, "The result cannot be written as JSON.", e);
    }
  }

  /** Writes a result whole or not at all. */
  public static void write(Path file, Result result) {
    AtomicFile.write(file, text(result));
  }

  /**
   * Reads a result.
   *
   * @throws RanbikiException of kind configuration if the file is missing, is not a result, or has
   *     a newer schema; of kind io if the disk refuses
   */
  public static Result read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw RanbikiException.configuration("There is no result '%s'; has the run finished?", file);
    }
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw RanbikiException.configuration("'%s' is too large for a result.", file);
      }
      return parse(file.toString(), Files.readString(file));
    } catch (IOException e) {
      throw new RanbikiException(
          Kind.IO, "Cannot read '" + file + "': " + Reasons.naming(e) + ".", e);
    }
  }

  /** Takes the text of a result; {@code name} stands for the file in messages. */
  public static Result parse(String name, String text) {
    try {
      JsonNode tree = Json.MAPPER.readTree(text);
      JsonNode schema = tree.path("schema");
      if (!schema.canConvertToInt() || !schema.isIntegralNumber()) {
        throw RanbikiException.configuration(
            "'%s' is not a result of a run: it has no key 'schema' with a whole number.", name);
      }
      if (schema.intValue() > Result.SCHEMA) {
        throw RanbikiException.configuration(
            "'%s' has schema %d, but this version of ranbiki reads up to schema %d; use a newer"
                + " version.",
            name, schema.intValue(), Result.SCHEMA);
      }
      return Json.MAPPER.readValue(text, Result.class);
    } catch (JsonProcessingException e) {
      throw new RanbikiException(
          Kind.CONFIGURATION,
          "'" + name + "' is not a readable result: " + Json.reason(e) + ".",
          e);
    }
  }
}
