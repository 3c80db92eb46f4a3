package io.ranbiki.artifact;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.ranbiki.Memory;
import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import io.ranbiki.artifact.SafetensorsFile.DType;
import io.ranbiki.artifact.SafetensorsFile.Entry;
import io.ranbiki.artifact.SafetensorsHeader.Slot;
import io.ranbiki.file.AtomicFile;
import io.ranbiki.file.Quoted;
import io.ranbiki.file.Reasons;
import io.ranbiki.file.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads and writes safetensors, the weight format that passes unchanged between Ranbiki and
 * PyTorch: 8 bytes of header length, a JSON header, the tensors one after another.
 *
 * <p>The reader is strict. It refuses what the format forbids (overlapping tensors, holes, trailing
 * bytes, duplicate names, sizes that do not match, a header over 100 MB) and never trusts a length
 * that the size of the file does not support. Unlike the reference it also refuses unknown keys and
 * boolean bytes other than 0 and 1.
 *
 * <p>Source: <a href="https://github.com/huggingface/safetensors">the format's own description</a>.
 */
public final class Safetensors {

  private static final int LENGTH_BYTES = 8;
  private static final int ALIGNMENT = 8;
  private static final int LARGEST_TENSOR = Integer.MAX_VALUE - 8;

  /** The bytes themselves, and names, types and shapes as objects of Java. */
  private static final int BYTES_FOR_ONE_OF_HEADER = 5;

  private static final JsonFactory JSON = new JsonFactory();

  private Safetensors() {}

  /**
   * Reads a whole file into memory, or the files that an index lists: {@code
   * NAME.safetensors.index.json}, which is also found where {@code NAME.safetensors} is missing
   * beside it.
   *
   * @throws RanbikiException of kind MODEL that names the file, the tensor and the broken rule; of
   *     kind IO if the disk fails
   */
  public static SafetensorsFile read(Path file) {
    return SafetensorsIndex.of(file).map(SafetensorsIndex::tensors).orElseGet(() -> readOne(file));
  }

  /**
   * The file, or an index and the files that it lists.
   *
   * @throws RanbikiException of kind MODEL if an index is damaged or one of its files is missing
   */
  public static List<Path> files(Path file) {
    return SafetensorsIndex.of(file).map(SafetensorsIndex::files).orElseGet(() -> List.of(file));
  }

  static SafetensorsFile readOne(Path file) {
    if (!Files.exists(file)) {
      throw RanbikiException.model("%s does not exist: check the path.", file);
    }
    // Also keeps a named pipe from blocking the open below.
    if (!Files.isRegularFile(file)) {
      throw RanbikiException.model("%s is not a file: give the path of a .safetensors file.", file);
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return read(file, channel);
    } catch (OutOfMemoryError e) {
      throw Memory.ranOut(e, Kind.MODEL, "reading " + file, "Use a smaller file");
    } catch (IOException e) {
      throw new RanbikiException(
          RanbikiException.Kind.IO, "Cannot read " + file + ": " + Reasons.of(e) + ".", e);
    }
  }

  private static SafetensorsFile read(Path file, FileChannel channel) throws IOException {
    long size = channel.size();
    if (size == 0) {
      throw RanbikiException.model("%s is empty: make or download it again.", file);
    }
    ByteBuffer start = read(file, channel, (int) Math.min(size, LENGTH_BYTES));
    refuseOtherFormats(file, start, channel);
    if (size < LENGTH_BYTES) {
      throw RanbikiException.model(
          "%s has %d bytes, fewer than the 8 that say how long a safetensors header is: make or"
              + " download it again.",
          file, size);
    }
    long headerBytes = start.getLong(0);
    if (headerBytes < 0 || headerBytes > SafetensorsHeader.LONGEST) {
      throw RanbikiException.model(
          "%s claims a header of %s bytes; %d is the most. It is no safetensors file or it is"
              + " damaged: make or download it again.",
          file, Long.toUnsignedString(headerBytes), SafetensorsHeader.LONGEST);
    }
    long dataBytes = size - LENGTH_BYTES - headerBytes;
    if (dataBytes < 0) {
      throw RanbikiException.model(
          "%s claims a header of %d bytes but has only %d in all. It is cut short or no safetensors"
              + " file: make or download it again.",
          file, headerBytes, size);
    }
    Memory.requireHeap(
        Kind.MODEL,
        (double) BYTES_FOR_ONE_OF_HEADER * headerBytes,
        "Reading the header of " + file + ", which has " + headerBytes + " bytes,",
        "Use a file with fewer tensors and less text");
    byte[] json = read(file, channel, (int) headerBytes).array();
    SafetensorsHeader header = SafetensorsHeader.parse(file, json, dataBytes);
    header.slots().forEach(slot -> requireOneArray(file, slot));
    Memory.requireHeap(
        Kind.MODEL, dataBytes, "Holding the tensors of " + file, "Use a smaller file");

    Map<String, Entry> byOffset = new HashMap<>();
    for (Slot slot : header.byOffset()) {
      byOffset.put(slot.name(), readTensor(file, channel, header, slot));
    }
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (Slot slot : header.slots()) {
      entries.put(slot.name(), byOffset.get(slot.name()));
    }
    return new SafetensorsFile(entries, header.metadata());
  }

  private static void requireOneArray(Path file, Slot slot) {
    long bytes = slot.end() - slot.begin();
    if (bytes > LARGEST_TENSOR) {
      throw RanbikiException.model(
          "%s: tensor %s has %d bytes; %d is the most that one tensor may have. Split it.",
          file, Quoted.of(slot.name()), bytes, LARGEST_TENSOR);
    }
  }

  private static Entry readTensor(
      Path file, FileChannel channel, SafetensorsHeader header, Slot slot) throws IOException {
    ByteBuffer data = read(file, channel, (int) (slot.end() - slot.begin()));
    if (slot.dtype() == DType.BOOL) {
      for (byte value : data.array()) {
        if (value != 0 && value != 1) {
          throw header.damaged(
              "the BOOL tensor %s holds a byte %d", Quoted.of(slot.name()), value & 0xff);
        }
      }
    }
    return new Entry(slot.name(), slot.dtype(), slot.shape(), data);
  }

  private static ByteBuffer read(Path file, FileChannel channel, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw RanbikiException.model(
            "%s became shorter while it was read: read it again once it is complete.", file);
      }
    }
    return buffer.flip();
  }

  /** Files that people take for safetensors get the way out, not a strange header length. */
  private static void refuseOtherFormats(Path file, ByteBuffer start, FileChannel channel)
      throws IOException {
    String head = StandardCharsets.ISO_8859_1.decode(start.duplicate()).toString();
    // A header of these lengths must start with {; a pickle that happens to begin so does not.
    boolean pickle = head.matches("(?s)\u0080[\u0002-\u0005].*") && !followedByBrace(channel);
    if (head.startsWith("PK\u0003\u0004") || pickle) {
      throw RanbikiException.model(
          "%s is a pickled PyTorch file, which can run code when it is read. Convert it once: python3"
              + " -c \"import sys, torch, safetensors.torch as s; s.save_file({k:"
              + " v.clone().contiguous() for k, v in torch.load(sys.argv[1],"
              + " map_location='cpu', weights_only=True).items()}, 'model.safetensors')\" %s",
          file, Quoted.forShell(file));
    }
    if (head.equals("version ")) {
      throw RanbikiException.model(
          "%s is a Git LFS pointer, not the file itself: fetch it with \"git lfs pull\".", file);
    }
  }

  private static boolean followedByBrace(FileChannel channel) throws IOException {
    ByteBuffer next = ByteBuffer.allocate(1);
    return channel.read(next, LENGTH_BYTES) == 1 && next.get(0) == '{';
  }

  /**
   * Writes or replaces a file, whole or not at all. The tensors are laid out in the order given and
   * the header is padded with spaces to a multiple of 8 bytes, as the reference does.
   *
   * @param entries the tensors; no two may have the same name
   * @param metadata free text by key, may be empty
   * @throws RanbikiException of kind MODEL for a name that is taken or not Unicode; of kind IO,
   *     with any existing file untouched, if the disk refuses
   */
  public static void write(Path file, Collection<Entry> entries, Map<String, String> metadata) {
    ByteBuffer start = start(file, entries, metadata);
    AtomicFile.write(
        file,
        channel -> {
          writeFully(channel, start);
          for (Entry entry : entries) {
            writeFully(channel, entry.data());
          }
        });
  }

  /** SHA-256, in hexadecimal digits, of the file that {@link #write} would make. */
  static String sha256(Path file, Collection<Entry> entries, Map<String, String> metadata) {
    Sha256 hash = new Sha256().add(start(file, entries, metadata));
    entries.forEach(entry -> hash.add(entry.data()));
    return hash.hex();
  }

  private static ByteBuffer start(
      Path file, Collection<Entry> entries, Map<String, String> metadata) {
    byte[] json = header(file, entries, metadata);
    int padding = Math.floorMod(-json.length, ALIGNMENT);
    ByteBuffer start =
        ByteBuffer.allocate(LENGTH_BYTES + json.length + padding).order(ByteOrder.LITTLE_ENDIAN);
    start.putLong(json.length + padding).put(json);
    while (start.hasRemaining()) {
      start.put((byte) ' ');
    }
    return start.flip();
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static byte[] header(Path file, Collection<Entry> entries, Map<String, String> metadata) {
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    Set<String> names = new HashSet<>(Set.of(SafetensorsHeader.METADATA));
    try (JsonGenerator generator = JSON.createGenerator(json, JsonEncoding.UTF8)) {
      generator.writeStartObject();
      if (!metadata.isEmpty()) {
        generator.writeObjectFieldStart(SafetensorsHeader.METADATA);
        for (Map.Entry<String, String> item : metadata.entrySet()) {
          generator.writeStringField(item.getKey(), item.getValue());
        }
        generator.writeEndObject();
      }
      long offset = 0;
      for (Entry entry : entries) {
        if (!names.add(entry.name())) {
          throw RanbikiException.model(
              "Cannot write %s: the name %s is taken, give each tensor its own.",
              file, Quoted.of(entry.name()));
        }
        generator.writeObjectFieldStart(entry.name());
        generator.writeStringField("dtype", entry.dtype().name());
        generator.writeFieldName("shape");
        long[] shape = entry.shape();
        generator.writeArray(shape, 0, shape.length);
        long end = offset + entry.data().remaining();
        generator.writeFieldName("data_offsets");
        generator.writeArray(new long[] {offset, end}, 0, 2);
        generator.writeEndObject();
        offset = end;
      }
      generator.writeEndObject();
    } catch (IOException e) {
      throw RanbikiException.model(
          "Cannot write %s: a name or a text of its header is not valid Unicode (%s).",
          file, Reasons.of(e));
    }
    if (json.size() > SafetensorsHeader.LONGEST - ALIGNMENT) {
      throw RanbikiException.model(
          "Cannot write %s: its header would have %d bytes, over the %d that readers accept. Shorten"
              + " the metadata.",
          file, json.size(), SafetensorsHeader.LONGEST);
    }
    return json.toByteArray();
  }
}
