package io.ranbiki.artifact;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.SafetensorsFile.DType;
import io.ranbiki.artifact.SafetensorsFile.Entry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The labels that a network has seen, in its model folder: the positions under a key of {@code
 * config.json}, as a compressed bit for each sample, and the contents in a file beside it.
 */
final class LabelsSeenFiles {

  /** The file of the contents: {@code contents}, I64 {@code [samples]}, ascending. */
  static final String CONTENTS_FILE = "labels-seen.safetensors";

  private static final String KEY = "labels-seen";
  private static final String COMPLETE = "complete";
  private static final String CONTENTS = "contents";
  private static final String SETS = "sets";
  private static final String DATA = "data";
  private static final String LABELS = "labels";
  private static final String POSITIONS = "positions";

  /** A bit for each of 134 million samples; a few bytes of a file must not fill the memory. */
  private static final int MOST_BYTES = 1 << 24;

  private LabelsSeenFiles() {}

  /** Adds the key to a configuration. */
  static void put(ObjectNode config, LabelsSeen seen) {
    ObjectNode node = config.putObject(KEY);
    node.put(COMPLETE, seen.complete());
    node.put(CONTENTS, seen.contents() != null);
    ArrayNode sets = node.putArray(SETS);
    seen.positions()
        .forEach(
            (data, positions) ->
                sets.addObject()
                    .put(DATA, data)
                    .put(LABELS, positions.cardinality())
                    .put(POSITIONS, compressed(positions)));
  }

  /** Writes the file, if there is anything to write. */
  static void writeContents(Path folder, LabelsSeen seen) {
    long[] contents = seen.contents();
    if (contents != null && contents.length > 0) {
      Entry entry = Entry.of(CONTENTS, contents, contents.length);
      Safetensors.write(folder.resolve(CONTENTS_FILE), List.of(entry), Map.of());
    }
  }

  /** Reads both; {@link LabelsSeen#UNKNOWN} where the configuration does not have the key. */
  @SuppressWarnings("NullAway") // it does not see that an array of a record may be missing
  static LabelsSeen read(Path file, JsonNode config) {
    JsonNode node = config.path(KEY);
    if (node.isMissingNode()) {
      return LabelsSeen.UNKNOWN;
    }
    Map<String, BitSet> positions = new LinkedHashMap<>();
    for (JsonNode set : node.path(SETS)) {
      BitSet seen = expanded(file, set.path(POSITIONS).asText());
      if (seen.cardinality() != set.path(LABELS).asInt(-1)) {
        throw damaged(file);
      }
      positions.put(set.path(DATA).asText(), seen);
    }
    boolean complete = node.path(COMPLETE).asBoolean();
    boolean kept = node.path(CONTENTS).asBoolean();
    return new LabelsSeen(
        positions,
        positions.isEmpty()
            ? new long[0]
            : kept ? contents(file.resolveSibling(CONTENTS_FILE)) : null,
        complete);
  }

  /** A folder may have been copied without the file, which no answer depends on. */
  private static long @Nullable [] contents(Path file) {
    if (!Files.isRegularFile(file)) {
      return null;
    }
    Entry entry = Safetensors.read(file).entries().get(CONTENTS);
    if (entry == null || entry.dtype() != DType.I64 || entry.shape().length != 1) {
      throw RanbikiException.model(
          "%s has no I64 tensor '%s' with one length. Remove the file: it only tells which samples"
              + " the network has seen the labels of.",
          file, CONTENTS);
    }
    return entry.longs();
  }

  private static String compressed(BitSet positions) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflater = new DeflaterOutputStream(bytes)) {
      deflater.write(positions.toByteArray());
    } catch (IOException e) {
      throw new IllegalStateException(e); // memory does not refuse
    }
    return Base64.getEncoder().encodeToString(bytes.toByteArray());
  }

  private static BitSet expanded(Path file, String text) {
    try (InputStream inflater =
        new InflaterInputStream(new ByteArrayInputStream(Base64.getDecoder().decode(text)))) {
      return BitSet.valueOf(inflater.readNBytes(MOST_BYTES));
    } catch (IllegalArgumentException | IOException e) {
      throw damaged(file);
    }
  }

  private static RanbikiException damaged(Path file) {
    return RanbikiException.model(
        "'%s' of %s is damaged: its positions are not those of as many labels as it says. Take the"
            + " file anew, or remove the key: it only tells which samples the network has seen the"
            + " labels of.",
        KEY, file);
  }
}
