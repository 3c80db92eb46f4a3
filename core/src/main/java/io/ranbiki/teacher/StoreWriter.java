package io.ranbiki.teacher;

import io.ranbiki.RanbikiException;
import io.ranbiki.file.AtomicFile;
import io.ranbiki.file.ProcessLock;
import io.ranbiki.file.Reasons;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Adds answers to a store's file, which nobody else may do meanwhile. Sound blocks are never
 * touched: new ones go where damaged ones were and then to the end, so that whatever instant the
 * process dies at, every block is whole or recognised as damaged.
 */
final class StoreWriter implements AutoCloseable {

  private final Path file;
  private final ProcessLock lock;
  // Not a channel: that would be closed under a thread that is interrupted.
  private final RandomAccessFile output;
  private final StoreLayout layout;
  private final Store stored;
  private final BitSet damaged;
  private final ByteBuffer block;
  private int nextBlock;
  private int rows;

  private StoreWriter(Path file, ProcessLock lock, RandomAccessFile output, Store stored) {
    this.file = file;
    this.lock = lock;
    this.output = output;
    this.stored = stored;
    layout = stored.layout();
    damaged = stored.damaged();
    nextBlock = stored.blocks();
    block =
        ByteBuffer.allocate(Math.toIntExact(layout.blockBytes())).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Makes a file without answers, unless there is a file of that name: another process may have
   * made it just now. The whole header is there or nothing.
   *
   * @param layers the shape of one sample's output of each layer that the key names
   */
  static void create(Path file, StoreKey key, Map<String, List<Integer>> layers) {
    ByteBuffer header = StoreLayout.fresh(key, layers).header();
    String unique = ProcessHandle.current().pid() + "-" + Thread.currentThread().getId();
    Path whole = file.resolveSibling("." + file.getFileName() + "." + unique);
    try {
      AtomicFile.write(
          whole,
          channel -> {
            while (header.hasRemaining()) {
              channel.write(header);
            }
          });
      linkOrMove(whole, file);
    } catch (FileAlreadyExistsException e) {
      // made by another; opening it tells whether it is the right one
    } catch (IOException e) {
      throw unwritable(file, "", e);
    } finally {
      deleteQuietly(whole);
    }
  }

  /** Moving would replace a file on most systems, whatever is asked for; linking never does. */
  private static void linkOrMove(Path whole, Path file) throws IOException {
    try {
      Files.createLink(file, whole);
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (UnsupportedOperationException | FileSystemException e) {
      Files.move(whole, file); // a file system without links
    }
  }

  private static void deleteQuietly(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // what led here is the one to report
    }
  }

  /**
   * Opens a file and checks every block of it.
   *
   * @return nothing while somebody else is writing to it
   * @throws RanbikiException as {@link Store#open}, or if the file cannot be written to
   */
  static Optional<StoreWriter> open(Path file, StoreKey key) {
    Optional<ProcessLock> lock = Optional.empty();
    RandomAccessFile output = null;
    try {
      lock = lock(file);
      if (lock.isEmpty()) {
        return Optional.empty();
      }
      removeLeftovers(file);
      output = new RandomAccessFile(file.toFile(), "rw");
      Store stored = Store.open(file, key);
      stored.checkAll();
      return Optional.of(new StoreWriter(file, lock.get(), output, stored));
    } catch (IOException e) {
      closeQuietly(output, lock);
      throw unwritable(file, "", e);
    } catch (RuntimeException e) {
      closeQuietly(output, lock);
      throw e;
    }
  }

  /** Removes what processes left that were killed while they made this store. */
  private static void removeLeftovers(Path file) throws IOException {
    Pattern unfinished =
        Pattern.compile(
            "\\.{1,2}"
                + Pattern.quote(file.getFileName().toString())
                + "\\.(\\d{1,18})-\\d+(\\.\\d+-\\d+\\.tmp)?");
    try (Stream<Path> files = Files.list(file.toAbsolutePath().getParent())) {
      for (Path other : files.toList()) {
        Matcher name = unfinished.matcher(other.getFileName().toString());
        if (name.matches() && ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty()) {
          Files.deleteIfExists(other);
        }
      }
    }
  }

  /** What is locked lies beside the store, since nobody else may open it. */
  private static Optional<ProcessLock> lock(Path store) throws IOException {
    Path real = store.toRealPath();
    return ProcessLock.take(real.resolveSibling("." + real.getFileName() + ".lock"));
  }

  private static void closeQuietly(@Nullable RandomAccessFile output, Optional<ProcessLock> lock) {
    try (ProcessLock held = lock.orElse(null);
        RandomAccessFile opened = output) {
      // closed, whichever of them there is
    } catch (IOException e) {
      // what led here is the one to report
    }
  }

  /** What the file held when it was opened, without what was damaged. */
  Store stored() {
    return stored;
  }

  /**
   * Adds one answer.
   *
   * @param parts logits and layers of a batch, each row after row
   * @param at which row of the batch
   */
  void add(long id, int view, List<byte[]> parts, int batch, int at) {
    int name = StoreLayout.BLOCK_HEAD + rows * StoreLayout.NAME_BYTES;
    block.putLong(name, id).putInt(name + 8, view);
    int place = layout.dataStart() + rows * layout.rowBytes();
    for (byte[] part : parts) {
      int length = part.length / batch;
      block.put(place, part, at * length, length);
      place += length;
    }
    rows++;
    if (rows == layout.rowsPerBlock()) {
      writeBlock();
    }
  }

  private void writeBlock() {
    if (rows == 0) {
      return;
    }
    block.putInt(0, StoreLayout.BLOCK_MAGIC).putInt(4, rows).putInt(8, layout.headerSum());
    block.putInt(12, StoreLayout.sum(block.duplicate().position(layout.dataStart())));
    block.putInt(16, layout.headSum(block));
    int reused = damaged.nextSetBit(0);
    int place = reused >= 0 ? reused : nextBlock;
    try {
      output.seek(layout.blockStart(place));
      output.write(block.array());
    } catch (IOException e) {
      throw unwritable(file, layout.blockBytes() + " bytes ", e);
    }
    if (reused >= 0) {
      damaged.clear(reused);
    } else {
      nextBlock++;
    }
    rows = 0;
    Arrays.fill(block.array(), (byte) 0);
  }

  /** Writes what is left, waits until the disk has it, and lets others write. */
  @Override
  public void close() {
    try (lock;
        output) {
      writeBlock();
      output.getFD().sync();
    } catch (IOException e) {
      throw unwritable(file, "", e);
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
