package io.ranbiki.store;

import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Rows of one view that were asked for together. All numbers are little endian; a block begins at a
 * multiple of 64 bytes.
 *
 * <pre>
 * head   4 magic, 4 rows, 4 view, 4 bytes of the data, 8 first id, 8 last id,
 *        4 checksum of the file's header, 4 CRC32C of the data, 4 zero,
 *        4 CRC32C of the 44 bytes before and the names
 * names  for each row, by ascending id: 8 id, 4 where it begins in the data
 * data   the rows
 * </pre>
 */
final class Block {

  static final int HEAD = 48;
  static final int NAME = 12;
  static final int ENTRY = 40;

  /** By view, then id. */
  static final Comparator<Block> ORDER =
      Comparator.<Block>comparingInt(block -> block.view).thenComparingLong(block -> block.first);

  private static final int MAGIC = 0x4b4c4252; // RBLK
  private static final int ALIGNMENT = 64;

  /** What is known of it so far. */
  enum State {
    UNSEEN,
    NAMED,
    SOUND,
    LOST
  }

  final long first;
  final long last;
  final int view;
  final int rows;
  final int start;
  final int dataBytes;
  volatile State state = State.UNSEEN;

  Block(int start, int view, int rows, int dataBytes, long first, long last) {
    this.start = start;
    this.view = view;
    this.rows = rows;
    this.dataBytes = dataBytes;
    this.first = first;
    this.last = last;
  }

  /** The next place where a block may begin. */
  static int aligned(int place) {
    return Math.addExact(place, ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  /** The bytes of a block, with what fills it up. */
  static int bytes(int rows, int dataBytes) {
    return aligned(Math.addExact(HEAD + Math.multiplyExact(rows, NAME), dataBytes));
  }

  int dataStart() {
    return start + HEAD + rows * NAME;
  }

  int end() {
    return start + bytes(rows, dataBytes);
  }

  /** The block that begins at a place, or null if none does, as far as its head and names tell. */
  static @Nullable Block at(int start, ByteBuffer map, int headerSum) {
    if (start + HEAD > map.capacity()
        || map.getInt(start) != MAGIC
        || map.getInt(start + 32) != headerSum) {
      return null;
    }
    int rows = map.getInt(start + 4);
    int dataBytes = map.getInt(start + 12);
    long bytes = HEAD + (long) rows * NAME + dataBytes;
    if (rows < 1
        || dataBytes < 0
        || bytes > map.capacity() - start
        || start + bytes(rows, dataBytes) > map.capacity()) {
      return null;
    }
    Block block =
        new Block(
            start,
            map.getInt(start + 8),
            rows,
            dataBytes,
            map.getLong(start + 16),
            map.getLong(start + 24));
    return block.headSum(map) == map.getInt(start + 44) ? block : null;
  }

  private int headSum(ByteBuffer map) {
    CRC32C crc = new CRC32C();
    crc.update(map.duplicate().position(start).limit(start + 44));
    crc.update(map.duplicate().position(start + HEAD).limit(dataStart()));
    return (int) crc.getValue();
  }

  /** Whether head and names are what was written. */
  boolean isNamed(ByteBuffer map, int headerSum) {
    Block written = at(start, map, headerSum);
    return written != null
        && written.rows == rows
        && written.dataBytes == dataBytes
        && written.view == view
        && written.first == first
        && written.last == last;
  }

  /** Whether the data are what was written. */
  boolean isSound(ByteBuffer map) {
    CRC32C crc = new CRC32C();
    crc.update(map.duplicate().position(dataStart()).limit(dataStart() + dataBytes));
    return (int) crc.getValue() == map.getInt(start + 36);
  }

  /** Where a row begins in the file; -1 if it is not here. */
  int find(long id, ByteBuffer map) {
    int low = 0;
    int high = rows - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int name = start + HEAD + middle * NAME;
      long there = map.getLong(name);
      if (there == id) {
        return dataStart() + map.getInt(name + 8);
      }
      if (there < id) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -1;
  }

  /**
   * Writes head and names in front of the data.
   *
   * @param front holds the names already
   */
  void seal(ByteBuffer front, int headerSum, int dataSum) {
    front.putInt(0, MAGIC).putInt(4, rows).putInt(8, view).putInt(12, dataBytes);
    front.putLong(16, first).putLong(24, last).putInt(32, headerSum).putInt(36, dataSum);
    CRC32C crc = new CRC32C();
    crc.update(front.duplicate().position(0).limit(44));
    crc.update(front.duplicate().position(HEAD).limit(HEAD + rows * NAME));
    front.putInt(44, (int) crc.getValue());
  }

  // ---- as the index at a shard's end names it

  void writeEntry(ByteBuffer target) {
    target.putLong(start).putLong(first).putLong(last);
    target.putInt(view).putInt(rows).putInt(dataBytes).putInt(0);
  }

  static Block readEntry(ByteBuffer source) {
    int start = Math.toIntExact(source.getLong());
    long first = source.getLong();
    long last = source.getLong();
    int view = source.getInt();
    int rows = source.getInt();
    int dataBytes = source.getInt();
    source.getInt();
    return new Block(start, view, rows, dataBytes, first, last);
  }
}
