package io.ranbiki.teacher;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ranbiki.RanbikiException;
import io.ranbiki.Version;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Engine;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.zip.CRC32C;

/**
 * Where everything lies in a store's file. All numbers are little endian.
 *
 * <pre>
 * header  8 magic, 4 length of the JSON, 4 CRC32C of all that follows in the header, JSON in UTF-8,
 *         zeros up to a multiple of 4096
 * block   4 magic, 4 rows in use, 4 checksum of the file's header, 4 CRC32C of the data,
 *         4 CRC32C of the 16 bytes before and the names;
 *         the names of the rows, each 8 sample id and 4 view; the data of the rows
 * block   ...
 * </pre>
 *
 * <p>All blocks of a file have the same size, so that a damaged one does not hide the others. A
 * block is written once, whole; rows not in use are zeros. A row's data are its logits as {@link
 * Encoding} makes them, and then the outputs of the layers, in their order, as 16-bit numbers; maps
 * {@code [channels, height, width]} pixel by pixel, as networks here lay them out.
 *
 * @param fields the key in words
 * @param madeWith the versions of the software that started the file; for people, and never a
 *     reason to refuse it
 * @param layers the shape of one sample's output of each stored layer
 * @param rowBytes data of one row
 * @param rowsPerBlock rows in one block
 * @param headerBytes where the first block starts
 * @param headerSum the header's checksum, which every block repeats: blocks of another file are
 *     foreign
 */
record StoreLayout(
    Map<String, String> fields,
    String madeWith,
    Map<String, List<Integer>> layers,
    int rowBytes,
    int rowsPerBlock,
    long headerBytes,
    int headerSum) {

  static final int BLOCK_MAGIC = 0x4b4c4252; // RBLK
  static final int BLOCK_HEAD = 20;
  static final int NAME_BYTES = 12;

  private static final long FILE_MAGIC = 0x31524f54534b4252L; // RBKSTOR1
  private static final int MAPS = 4; // dimensions of a batch of them
  private static final int PREFIX = 16;
  private static final int PAGE = 4096;
  private static final int LARGEST_JSON = 1 << 20;
  private static final int MOST_ROWS = 1024;
  private static final int BLOCK_GOAL = 4 << 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** How answers of a kind are laid out, and the bytes with which their file begins. */
  record Fresh(StoreLayout layout, ByteBuffer header) {}

  /** The software whose answers a new file will hold. */
  private static String software() {
    return String.format(
        Locale.ROOT,
        "ranbiki %s, libtorch %s, ONNX Runtime %s",
        Version.text(),
        Engine.version(),
        OnnxEngine.version());
  }

  static Fresh fresh(StoreKey key, Map<String, List<Integer>> layers) {
    int rowBytes = rowBytes(key, layers);
    int rowsPerBlock =
        (int) Math.max(1, Math.min(MOST_ROWS, BLOCK_GOAL / ((long) rowBytes + NAME_BYTES)));
    ObjectNode root = JSON.createObjectNode();
    ObjectNode fields = root.putObject("key");
    key.fields().forEach(fields::put);
    ObjectNode shapes = root.putObject("layers");
    new TreeMap<>(layers)
        .forEach(
            (path, shape) -> {
              ArrayNode lengths = shapes.putArray(path);
              shape.forEach(lengths::add);
            });
    String software = software();
    root.put("made-with", software);
    root.put("row-bytes", rowBytes);
    root.put("rows-per-block", rowsPerBlock);
    byte[] json;
    try {
      json = JSON.writeValueAsBytes(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
    ByteBuffer header =
        ByteBuffer.allocate(headerBytes(json.length)).order(ByteOrder.LITTLE_ENDIAN);
    header.putLong(FILE_MAGIC).putInt(json.length).putInt(0).put(json).clear();
    int sum = sumOf(header);
    header.putInt(12, sum);
    return new Fresh(
        new StoreLayout(
            key.fields(),
            software,
            new TreeMap<>(layers),
            rowBytes,
            rowsPerBlock,
            header.capacity(),
            sum),
        header);
  }

  private static int rowBytes(StoreKey key, Map<String, List<Integer>> layers) {
    if (!List.copyOf(new TreeMap<>(layers).keySet()).equals(key.layers())) {
      throw new IllegalArgumentException("shapes of " + layers.keySet() + " for " + key.layers());
    }
    int bytes = key.encoding().rowBytes(key.classes());
    for (List<Integer> shape : layers.values()) {
      bytes = Math.addExact(bytes, layerBytes(shape));
    }
    return bytes;
  }

  static int layerBytes(List<Integer> shape) {
    return shape.stream().reduce(2, Math::multiplyExact);
  }

  /** A layer's output for a batch, in the order in which it is stored. */
  static Tensor channelsLast(Tensor feature) {
    return feature.dim() == MAPS ? feature.permute(0, 2, 3, 1) : feature;
  }

  /**
   * A layer's output for a batch, from what {@link #channelsLast} gave.
   *
   * @param sample shape of one sample's output
   */
  static Tensor channelsSecond(DType type, byte[] bytes, int size, List<Integer> sample) {
    long[] shape =
        LongStream.concat(LongStream.of(size), sample.stream().mapToLong(i -> i)).toArray();
    if (shape.length != MAPS) {
      return Tensors.ofBytes(type, bytes, shape);
    }
    return Tensors.ofBytes(type, bytes, shape[0], shape[2], shape[3], shape[1]).permute(0, 3, 1, 2);
  }

  private static int headerBytes(int jsonLength) {
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
   * Reads a file's header.
   *
   * @throws RanbikiException if the file is no store, or the header is damaged
   */
  static StoreLayout read(Path file, FileChannel channel) throws IOException {
    ByteBuffer prefix = ByteBuffer.allocate(PREFIX).order(ByteOrder.LITTLE_ENDIAN);
    if (!readFully(channel, prefix, 0) || prefix.getLong(0) != FILE_MAGIC) {
      throw RanbikiException.configuration(
          "%s is not a store of a teacher's answers. Name another file.", file);
    }
    int jsonLength = prefix.getInt(8);
    if (jsonLength < 2 || jsonLength > LARGEST_JSON) {
      throw damaged(file);
    }
    ByteBuffer header = ByteBuffer.allocate(headerBytes(jsonLength)).order(ByteOrder.LITTLE_ENDIAN);
    if (!readFully(channel, header, 0) || sumOf(header) != header.getInt(12)) {
      throw damaged(file);
    }
    try {
      JsonNode root = JSON.readTree(header.array(), PREFIX, jsonLength);
      Map<String, String> fields = new LinkedHashMap<>();
      root.path("key").properties().forEach(f -> fields.put(f.getKey(), f.getValue().asText()));
      Map<String, List<Integer>> layers = new TreeMap<>();
      for (Map.Entry<String, JsonNode> layer : root.path("layers").properties()) {
        List<Integer> shape = new ArrayList<>();
        layer.getValue().forEach(length -> shape.add(length.asInt()));
        layers.put(layer.getKey(), List.copyOf(shape));
      }
      int rowBytes = root.path("row-bytes").asInt();
      int rowsPerBlock = root.path("rows-per-block").asInt();
      if (rowBytes < 1 || rowsPerBlock < 1) {
        throw damaged(file);
      }
      return new StoreLayout(
          fields,
          root.path("made-with").asText("not said"),
          layers,
          rowBytes,
          rowsPerBlock,
          header.capacity(),
          header.getInt(12));
    } catch (JsonProcessingException e) {
      throw damaged(file);
    }
  }

  private static RanbikiException damaged(Path file) {
    return RanbikiException.configuration(
        "The header of the store %s is damaged, so it cannot be said whose answers it holds."
            + " Delete it; the teacher is then asked again.",
        file);
  }

  /** Refuses a file whose answers cannot stand for those that are wanted. */
  void requireKey(Path file, StoreKey wanted) {
    Map<String, String> differing = new LinkedHashMap<>();
    wanted
        .fields()
        .forEach(
            (name, value) -> {
              String stored = fields.getOrDefault(name, "not said");
              if (!stored.equals(value)) {
                differing.put(
                    name,
                    String.format(
                        Locale.ROOT,
                        "%s is %s there and %s here",
                        name,
                        shown(stored),
                        shown(value)));
              }
            });
    if (!differing.isEmpty()) {
      throw RanbikiException.configuration(
          "The store %s holds other answers than are wanted: %s. Name another file for these"
              + " answers, or delete that one.",
          file, String.join("; ", differing.values()));
    }
    if (!isConsistentWith(wanted)) {
      throw damaged(file);
    }
  }

  /** Sizes are computed again, since a header may say anything. */
  private boolean isConsistentWith(StoreKey wanted) {
    boolean shapesAreSane =
        List.copyOf(layers.keySet()).equals(wanted.layers())
            && layers.values().stream().flatMap(List::stream).allMatch(length -> length > 0);
    try {
      return shapesAreSane
          && rowBytes == rowBytes(wanted, layers)
          && rowsPerBlock <= MOST_ROWS
          && Math.toIntExact(blockBytes()) > 0;
    } catch (ArithmeticException e) {
      return false;
    }
  }

  private static String shown(String value) {
    if (value.isEmpty()) {
      return "none";
    }
    return value.length() <= 200 ? value : value.substring(0, 200) + "...";
  }

  // ---- where things lie

  long blockBytes() {
    return BLOCK_HEAD + (long) rowsPerBlock * (NAME_BYTES + rowBytes);
  }

  long blockStart(int block) {
    return headerBytes + block * blockBytes();
  }

  /** Where the data of a block begin, counted from its start. */
  int dataStart() {
    return BLOCK_HEAD + rowsPerBlock * NAME_BYTES;
  }

  /** Whole blocks in a file of a length. */
  int blocks(long fileBytes) {
    return Math.toIntExact(Math.max(0, fileBytes - headerBytes) / blockBytes());
  }

  /** Bytes after the last whole block. */
  long tornBytes(long fileBytes) {
    return Math.max(0, fileBytes - headerBytes) % blockBytes();
  }

  /** The file's bytes once it holds so many rows. */
  long bytesFor(long rows) {
    return headerBytes + (rows + rowsPerBlock - 1) / rowsPerBlock * blockBytes();
  }

  /** Whether the head and the names of a block are what was written. */
  boolean isSound(ByteBuffer headAndNames) {
    int rows = headAndNames.getInt(4);
    return headAndNames.getInt(0) == BLOCK_MAGIC
        && headAndNames.getInt(8) == headerSum
        && headAndNames.getInt(16) == headSum(headAndNames)
        && rows > 0
        && rows <= rowsPerBlock;
  }

  int headSum(ByteBuffer block) {
    CRC32C crc = new CRC32C();
    crc.update(block.duplicate().position(0).limit(16));
    crc.update(block.duplicate().position(BLOCK_HEAD).limit(dataStart()));
    return (int) crc.getValue();
  }

  static int sum(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  /** Fills a buffer from a place of the file; false if the file ends before. */
  static boolean readFully(FileChannel channel, ByteBuffer buffer, long position)
      throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        return false;
      }
    }
    buffer.flip();
    return true;
  }
}
