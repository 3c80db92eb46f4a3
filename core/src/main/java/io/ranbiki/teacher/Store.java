package io.ranbiki.teacher;

import io.ranbiki.RanbikiException;
import io.ranbiki.file.Reasons;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A teacher's answers on disk, by sample id and view number, as they were when this was opened:
 * mapped into memory, each block checked when it is first used. A {@link Labeller} writes them.
 *
 * <p>Nothing needs closing; the mapping ends with the object. Safe for use by many threads.
 */
public final class Store {

  private static final long LARGEST_MAPPING = 1 << 30;

  private final Path file;
  private final StoreLayout layout;
  private final int blocks;
  private final int blocksPerMapping;
  private final List<MappedByteBuffer> mappings = new ArrayList<>();
  private final RowIndex index = new RowIndex();
  private final BitSet checked = new BitSet();
  private final BitSet damaged = new BitSet();
  private final List<String> notes = new ArrayList<>();

  private Store(Path file, FileChannel channel, StoreLayout layout) throws IOException {
    this.file = file;
    this.layout = layout;
    long bytes = channel.size();
    blocks = layout.blocks(bytes);
    blocksPerMapping = (int) Math.max(1, LARGEST_MAPPING / layout.blockBytes());
    for (int first = 0; first < blocks; first += blocksPerMapping) {
      long length = Math.min(blocksPerMapping, blocks - first) * layout.blockBytes();
      MappedByteBuffer mapping =
          channel.map(FileChannel.MapMode.READ_ONLY, layout.blockStart(first), length);
      mapping.order(ByteOrder.LITTLE_ENDIAN);
      mappings.add(mapping);
    }
    for (int block = 0; block < blocks; block++) {
      readNames(block);
    }
    long torn = layout.tornBytes(bytes);
    if (torn > 0) {
      notes.add(
          String.format(
              Locale.ROOT,
              "The last block of %s was never finished; its %d bytes are dropped and its samples asked again.",
              file,
              torn));
    }
  }

  /**
   * Opens the answers that belong to a key.
   *
   * @throws RanbikiException if there is no such file, it is no store, its header is damaged, or it
   *     holds the answers of another key: the message says what differs
   */
  public static Store open(Path file, StoreKey wanted) {
    requireFile(file);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      StoreLayout layout = StoreLayout.read(file, channel);
      layout.requireKey(file, wanted);
      return new Store(file, channel, layout);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /**
   * What the answers in a file depend on, by name: all parts of a {@link StoreKey} in words, and
   * {@code made-with}, the versions of the software that began the file.
   *
   * @throws RanbikiException if the file is no store or its header is damaged
   */
  public static Map<String, String> describe(Path file) {
    requireFile(file);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      StoreLayout layout = StoreLayout.read(file, channel);
      Map<String, String> described = new LinkedHashMap<>(layout.fields());
      described.put("made-with", layout.madeWith());
      return Collections.unmodifiableMap(described);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** A pipe would block whoever opens it. */
  private static void requireFile(Path file) {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw RanbikiException.configuration(
          "%s is not a file, so it is no store. Move it elsewhere.", file);
    }
  }

  private static RanbikiException unreadable(Path file, IOException e) {
    return new RanbikiException(
        RanbikiException.Kind.IO,
        "Cannot read the store " + file + ": " + Reasons.of(e) + ". Label first, or name its file.",
        e);
  }

  /**
   * The size of a file that holds so many answers.
   *
   * @param layers the shape of one sample's output of each layer that the key names
   * @param answers samples times views
   */
  public static long estimateBytes(StoreKey key, Map<String, List<Integer>> layers, long answers) {
    return StoreLayout.fresh(key, layers).layout().bytesFor(answers);
  }

  private void readNames(int block) {
    ByteBuffer bytes = block(block);
    if (!layout.isSound(bytes)) {
      lose(block);
      return;
    }
    int rows = bytes.getInt(4);
    for (int row = 0; row < rows; row++) {
      int name = StoreLayout.BLOCK_HEAD + row * StoreLayout.NAME_BYTES;
      index.put(
          bytes.getLong(name),
          bytes.getInt(name + 8),
          Math.addExact(Math.multiplyExact(block, layout.rowsPerBlock()), row));
    }
  }

  private void lose(int block) {
    index.forget(block * layout.rowsPerBlock(), (block + 1) * layout.rowsPerBlock());
    damaged.set(block);
    notes.add(
        String.format(
            Locale.ROOT,
            "Block %d of %d in %s is damaged; its samples, up to %d, are asked again.",
            block + 1,
            blocks,
            file,
            layout.rowsPerBlock()));
  }

  /** A block's bytes, in their order. */
  private ByteBuffer block(int block) {
    MappedByteBuffer mapping = mappings.get(block / blocksPerMapping);
    long start = (block % blocksPerMapping) * layout.blockBytes();
    return mapping.slice((int) start, (int) layout.blockBytes()).order(ByteOrder.LITTLE_ENDIAN);
  }

  private boolean check(int block) {
    if (!checked.get(block)) {
      ByteBuffer bytes = block(block);
      int wanted = bytes.getInt(12);
      bytes.position(layout.dataStart());
      // The head again, too: the file may have changed since it was opened.
      if (!layout.isSound(bytes) || StoreLayout.sum(bytes) != wanted) {
        lose(block);
        return false;
      }
      checked.set(block);
    }
    return true;
  }

  /**
   * Checks every block now; the rows of damaged ones are forgotten, and {@link #notes} names them.
   */
  synchronized void checkAll() {
    for (int block = 0; block < blocks; block++) {
      if (!damaged.get(block)) {
        check(block);
      }
    }
  }

  /** The file. */
  public Path file() {
    return file;
  }

  /** How many answers can be read. */
  public synchronized int size() {
    return index.size();
  }

  /** Whether the answer to a view of a sample can be read. */
  public synchronized boolean contains(long id, int view) {
    return index.get(id, view) != RowIndex.NONE;
  }

  /** What was found damaged so far, a sentence each. */
  public synchronized List<String> notes() {
    return List.copyOf(notes);
  }

  StoreLayout layout() {
    return layout;
  }

  int blocks() {
    return blocks;
  }

  /**
   * By how much the file grows when so many answers are added: they fill damaged blocks first.
   *
   * @return bytes, 0 or more
   */
  synchronized long growth(long answers) {
    long needed = (answers + layout.rowsPerBlock() - 1) / layout.rowsPerBlock();
    return Math.max(0, needed - damaged.cardinality()) * layout.blockBytes();
  }

  synchronized BitSet damaged() {
    return (BitSet) damaged.clone();
  }

  /**
   * Copies a part of some rows, one after the other.
   *
   * @param offset where the part begins in a row
   * @param length its bytes
   * @throws RanbikiException if a row is missing, or its block turns out to be damaged
   */
  synchronized byte[] gather(long[] ids, int view, int offset, int length) {
    byte[] target = new byte[Math.multiplyExact(ids.length, length)];
    for (int i = 0; i < ids.length; i++) {
      int row = index.get(ids[i], view);
      if (row == RowIndex.NONE) {
        throw RanbikiException.configuration(
            "The store %s has no answer for view %d of sample %d. Label the data again: only what"
                + " is missing is asked.",
            file, view, ids[i]);
      }
      int block = row / layout.rowsPerBlock();
      if (!check(block)) {
        throw RanbikiException.io(
            "Block %d of %d in the store %s is damaged. Label the data again: only the %d samples"
                + " of that block are asked.",
            block + 1, blocks, file, layout.rowsPerBlock());
      }
      long start = (block % blocksPerMapping) * layout.blockBytes();
      long data =
          start + layout.dataStart() + (long) (row % layout.rowsPerBlock()) * layout.rowBytes();
      mappings.get(block / blocksPerMapping).get((int) data + offset, target, i * length, length);
    }
    return target;
  }
}
