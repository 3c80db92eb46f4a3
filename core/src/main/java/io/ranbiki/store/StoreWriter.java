package io.ranbiki.store;

import io.ranbiki.RanbikiException;
import io.ranbiki.file.AtomicFile;
import io.ranbiki.file.ProcessLock;
import io.ranbiki.file.Reasons;
import io.ranbiki.nn.Answer;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Adds answers to a store, which nobody else may do meanwhile. They go into a shard of their own,
 * block by block; the head of a block is written last, so that whatever instant the process dies
 * at, every block is whole or recognised as unfinished. Blocks that are there are never touched.
 */
public final class StoreWriter implements AutoCloseable {

  /** Where a shard is full: its blocks are found by 31 bits. */
  private static final int FULL = 1 << 30;

  private static final Pattern UNFINISHED =
      Pattern.compile("\\.part-\\d+\\.store\\.(\\d{1,18})-\\d+\\.tmp");

  private final Path folder;
  private final Key key;
  private final String madeWith;
  private final ProcessLock lock;
  private final Store stored;
  private Path next;
  private @Nullable Open shard;
  private @Nullable Filling filling;

  /** The shard that is written to. */
  private static final class Open {
    final Path file;
    // Not a channel: that would be closed under a thread that is interrupted.
    final RandomAccessFile output;
    final int headerSum;
    final List<Column> columns;
    final List<Block> blocks = new ArrayList<>();
    int end;

    Open(Path file, ByteBuffer header, List<Column> columns) throws IOException {
      this.file = file;
      this.columns = columns;
      headerSum = header.getInt(12);
      end = header.capacity();
      output = new RandomAccessFile(file.toFile(), "rw");
    }

    boolean takes(int view, long first) {
      Block last = blocks.isEmpty() ? null : blocks.get(blocks.size() - 1);
      return end < FULL
          && (last == null || last.view < view || (last.view == view && last.last < first));
    }
  }

  /** The block that is written to. */
  private static final class Filling {
    final int view;
    final long[] ids;
    final ByteBuffer front;
    final CRC32C sum = new CRC32C();
    int rows;
    int dataBytes;

    Filling(int view, long[] ids) {
      this.view = view;
      this.ids = ids;
      front =
          ByteBuffer.allocate(Block.HEAD + ids.length * Block.NAME).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < ids.length; i++) {
        front.putLong(Block.HEAD + i * Block.NAME, ids[i]);
        front.putInt(Block.HEAD + i * Block.NAME + Long.BYTES, -1);
      }
    }

    void name(long id) {
      int row = Arrays.binarySearch(ids, id);
      int place = Block.HEAD + row * Block.NAME + Long.BYTES;
      if (row < 0 || front.getInt(place) >= 0) {
        throw new IllegalArgumentException("sample " + id + " is not to be answered now");
      }
      front.putInt(place, dataBytes);
      rows++;
    }
  }

  private StoreWriter(Path folder, Key key, String madeWith, ProcessLock lock, Store stored) {
    this.folder = folder;
    this.key = key;
    this.madeWith = madeWith;
    this.lock = lock;
    this.stored = stored;
    next = stored.nextFile();
  }

  /**
   * Opens a store, which is begun if there is none, and checks every block of it. Shards that were
   * not finished, or have damaged blocks, get a new index.
   *
   * @param madeWith the software whose answers will be added, for people
   * @return nothing while somebody else is writing to it
   * @throws RanbikiException as {@link Store#open}, or if the folder cannot be written to
   */
  public static Optional<StoreWriter> open(Path folder, Key key, String madeWith) {
    Optional<ProcessLock> lock = Optional.empty();
    try {
      Files.createDirectories(folder);
      lock = lock(folder);
      if (lock.isEmpty()) {
        return Optional.empty();
      }
      removeLeftovers(folder);
      Store stored = Store.open(folder, key);
      stored.checkAll();
      for (Shard shard : stored.shards()) {
        if (!shard.isInOrder()) {
          putInOrder(shard);
        }
      }
      return Optional.of(new StoreWriter(folder, key, madeWith, lock.get(), stored));
    } catch (IOException e) {
      closeQuietly(lock);
      throw unwritable(folder, "", e);
    } catch (RuntimeException e) {
      closeQuietly(lock);
      throw e;
    }
  }

  /** Cuts off what is no block, and writes an index of those that are sound. */
  private static void putInOrder(Shard shard) throws IOException {
    List<Block> sound =
        shard.blocks().stream().filter(block -> block.state == Block.State.SOUND).toList();
    if (sound.isEmpty()) {
      Files.deleteIfExists(shard.file());
      return;
    }
    int end = sound.stream().mapToInt(Block::end).max().orElseThrow();
    try (RandomAccessFile output = new RandomAccessFile(shard.file().toFile(), "rw")) {
      output.setLength(end);
      output.seek(end);
      output.write(Shard.index(sound, end, shard.header().sum()).array());
      output.getFD().sync();
    }
  }

  /** Removes what processes left that were killed while they made a shard. */
  private static void removeLeftovers(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path other : files.toList()) {
        Matcher name = UNFINISHED.matcher(other.getFileName().toString());
        if (name.matches() && ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty()) {
          Files.deleteIfExists(other);
        }
      }
    }
  }

  /** What is locked lies beside the store. */
  private static Optional<ProcessLock> lock(Path folder) throws IOException {
    Path real = folder.toRealPath();
    return ProcessLock.take(real.resolveSibling("." + real.getFileName() + ".lock"));
  }

  private static void closeQuietly(Optional<ProcessLock> lock) {
    try (ProcessLock held = lock.orElse(null)) {
      // closed, if there is one
    } catch (IOException e) {
      // what led here is the one to report
    }
  }

  /** What the store held when it was opened, without what was damaged. */
  public Store stored() {
    return stored;
  }

  /**
   * Begins a block: the answers to some samples, which are kept together or not at all.
   *
   * @param columns what every row holds; the same for all blocks
   */
  public void begin(List<Column> columns, int view, long[] ids) {
    if (filling != null) {
      throw new IllegalStateException("the last block lacks answers");
    }
    if (!stored.columns().isEmpty() && !stored.columns().equals(columns)) {
      throw RanbikiException.configuration(
          "The store %s holds %s, but the teacher answers with %s now. Delete it; the teacher is"
              + " asked again.",
          folder, stored.columns(), columns);
    }
    long[] sorted = ids.clone();
    Arrays.sort(sorted);
    try {
      Open open = shard;
      if (open != null && !open.takes(view, sorted[0])) {
        finish(open);
        shard = null;
        open = null;
      }
      if (open == null) {
        open = create(columns);
        shard = open;
      }
      filling = new Filling(view, sorted);
    } catch (IOException e) {
      throw unwritable(folder, "", e);
    }
  }

  /** A shard of a header alone, which is there whole or not at all. */
  private Open create(List<Column> columns) throws IOException {
    Path file = next;
    next = Store.after(file);
    ByteBuffer header = ShardHeader.write(key, madeWith, columns);
    AtomicFile.write(
        file,
        channel -> {
          while (header.hasRemaining()) {
            channel.write(header);
          }
        });
    return new Open(file, header, columns);
  }

  /**
   * Adds answers to some of the samples of the block; with the last of them it is kept.
   *
   * @param answers by the name of the column, {@code [ids, ...]}, padded at the end
   * @param lengths of whatever varies, for each sample; of no meaning if nothing does
   * @return whether the block is whole now
   */
  public boolean add(long[] ids, Map<String, Answer> answers, int[] lengths) {
    Filling block = filling;
    Open open = shard;
    if (block == null || open == null) {
      throw new IllegalStateException("no block was begun");
    }
    List<Column.Encoded> encoded = new ArrayList<>();
    for (Column column : open.columns) {
      Answer answer = answers.get(column.name());
      if (answer == null) {
        throw RanbikiException.model(
            "The teacher answers with %s, but with %s before. Check the teacher.",
            answers.keySet(), open.columns);
      }
      encoded.add(column.encode(answer, ids.length));
    }
    int[] bytes = new int[ids.length];
    long all = 0;
    for (int row = 0; row < ids.length; row++) {
      for (Column.Encoded column : encoded) {
        bytes[row] = Math.addExact(bytes[row], column.rowBytes(lengths[row]));
      }
      all += bytes[row];
    }
    if (all + block.dataBytes >= FULL) {
      throw RanbikiException.configuration(
          "The answers to %d samples take more than 1 GB. Store less: fewer layers, float16, or"
              + " top-k.",
          block.ids.length);
    }
    ByteBuffer data = ByteBuffer.allocate((int) all).order(ByteOrder.LITTLE_ENDIAN);
    for (int row = 0; row < ids.length; row++) {
      block.name(ids[row]);
      for (Column.Encoded column : encoded) {
        column.write(row, lengths[row], data);
      }
      block.dataBytes += bytes[row];
    }
    block.sum.update(data.array());
    int at = open.end + block.front.capacity() + block.dataBytes - (int) all;
    write(open, at, data.array());
    if (block.rows < block.ids.length) {
      return false;
    }
    seal(open, block);
    filling = null;
    return true;
  }

  private void seal(Open open, Filling filled) {
    long[] ids = filled.ids;
    Block block =
        new Block(open.end, filled.view, ids.length, filled.dataBytes, ids[0], ids[ids.length - 1]);
    block.seal(filled.front, open.headerSum, (int) filled.sum.getValue());
    int behind = block.dataStart() + filled.dataBytes;
    write(open, behind, new byte[block.end() - behind]);
    write(open, open.end, filled.front.array());
    open.blocks.add(block);
    open.end = block.end();
  }

  private static void write(Open open, int at, byte[] bytes) {
    try {
      open.output.seek(at);
      open.output.write(bytes);
    } catch (IOException e) {
      throw unwritable(open.file, bytes.length + " bytes ", e);
    }
  }

  /** Cuts off a block that is not whole, writes the index and waits until the disk has it. */
  private static void finish(Open open) throws IOException {
    try (RandomAccessFile output = open.output) {
      output.setLength(open.end);
      output.seek(open.end);
      output.write(Shard.index(open.blocks, open.end, open.headerSum).array());
      output.getFD().sync();
    }
    if (open.blocks.isEmpty()) {
      Files.deleteIfExists(open.file);
    }
  }

  /** Drops a block that is not whole, finishes the shard, and lets others write. */
  @Override
  public void close() {
    filling = null;
    Open open = shard;
    shard = null;
    try (lock) {
      if (open != null) {
        finish(open);
      }
    } catch (IOException e) {
      throw unwritable(folder, "", e);
    }
  }

  private static RanbikiException unwritable(Path file, String bytes, IOException e) {
    return new RanbikiException(
        RanbikiException.Kind.IO,
        "Cannot write "
            + bytes
            + "to the store "
            + file
            + ": "
            + Reasons.of(e)
            + ". What was written before is kept; free some space or check the permissions, and"
            + " label again.",
        e);
  }
}
