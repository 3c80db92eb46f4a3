package io.ranbiki.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ranbiki.RanbikiException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * How a shard begins. All numbers are little endian.
 *
 * <pre>
 * 8 magic, 4 length of the JSON, 4 CRC32C of all that follows in the header and of that length,
 * JSON in UTF-8, zeros up to a multiple of 4096
 * </pre>
 *
 * @param fields the key in words
 * @param madeWith the versions of the software that made the rows; for people, and never a reason
 *     to refuse them
 * @param columns what every row holds
 * @param bytes where the first block starts
 * @param sum its checksum, which every block repeats: blocks of another file are foreign
 */
record ShardHeader(
    Map<String, String> fields, String madeWith, List<Column> columns, int bytes, int sum) {

  private static final long MAGIC = 0x33524f54534b4252L; // RBKSTOR3
  private static final long MAGIC_BEFORE = 0x31524f54534b4252L; // RBKSTOR1, formats 1 and 2
  private static final int PREFIX = 16;
  private static final int PAGE = 4096;
  private static final int LARGEST_JSON = 1 << 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The bytes of a new header. */
  static ByteBuffer write(Key key, String madeWith, List<Column> columns) {
    ObjectNode root = JSON.createObjectNode();
    ObjectNode fields = root.putObject("key");
    key.fields().forEach(fields::put);
    ArrayNode list = root.putArray("columns");
    for (Column column : columns) {
      ObjectNode node = list.addObject();
      node.put("name", column.name()).put("encoding", column.encoding().toString());
      column.shape().forEach(node.putArray("shape")::add);
    }
    root.put("made-with", madeWith);
    byte[] json;
    try {
      json = JSON.writeValueAsBytes(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
    ByteBuffer header = ByteBuffer.allocate(bytes(json.length)).order(ByteOrder.LITTLE_ENDIAN);
    header.putLong(MAGIC).putInt(json.length).putInt(0).put(json).clear();
    header.putInt(12, sumOf(header));
    return header;
  }

  private static int bytes(int jsonLength) {
    return (PREFIX + jsonLength + PAGE - 1) / PAGE * PAGE;
  }

  /** The checksum of a header: of everything but the magic and the checksum itself. */
  private static int sumOf(ByteBuffer header) {
    CRC32C crc = new CRC32C();
    crc.update(header.duplicate().position(8).limit(12));
    crc.update(header.duplicate().position(PREFIX).limit(header.capacity()));
    return (int) crc.getValue();
  }

  /**
   * Reads a shard's header.
   *
   * @throws RanbikiException if the file is no shard, of an earlier format, or the header is
   *     damaged
   */
  static ShardHeader read(Path file, FileChannel channel) throws IOException {
    ByteBuffer prefix = ByteBuffer.allocate(PREFIX).order(ByteOrder.LITTLE_ENDIAN);
    boolean whole = readFully(channel, prefix);
    if (whole && prefix.getLong(0) == MAGIC_BEFORE) {
      throw RanbikiException.configuration(
          "%s holds answers in a format of an earlier version. Delete it; the teacher is asked"
              + " again.",
          file);
    }
    if (!whole || prefix.getLong(0) != MAGIC) {
      throw RanbikiException.configuration(
          "%s is not a store of a teacher's answers. Name another file.", file);
    }
    int jsonLength = prefix.getInt(8);
    if (jsonLength < 2 || jsonLength > LARGEST_JSON) {
      throw damaged(file);
    }
    ByteBuffer header = ByteBuffer.allocate(bytes(jsonLength)).order(ByteOrder.LITTLE_ENDIAN);
    if (!readFully(channel, header) || sumOf(header) != header.getInt(12)) {
      throw damaged(file);
    }
    try {
      JsonNode root = JSON.readTree(header.array(), PREFIX, jsonLength);
      Map<String, String> fields = new LinkedHashMap<>();
      root.path("key").properties().forEach(f -> fields.put(f.getKey(), f.getValue().asText()));
      List<Column> columns = new ArrayList<>();
      for (JsonNode node : root.path("columns")) {
        List<Integer> shape = new ArrayList<>();
        node.path("shape").forEach(length -> shape.add(length.asInt()));
        Encoding encoding = Encoding.of(node.path("encoding").asText());
        columns.add(new Column(node.path("name").asText(), encoding, shape));
      }
      return new ShardHeader(
          fields,
          root.path("made-with").asText("not said"),
          List.copyOf(columns),
          header.capacity(),
          header.getInt(12));
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw damaged(file);
    }
  }

  static RanbikiException damaged(Path file) {
    return RanbikiException.configuration(
        "The header of the store %s is damaged, so it cannot be said whose answers it holds."
            + " Delete it; the teacher is then asked again.",
        file);
  }

  /** Fills a buffer from the file's beginning; false if the file ends before. */
  private static boolean readFully(FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, buffer.position()) < 0) {
        return false;
      }
    }
    buffer.flip();
    return true;
  }
}
