package io.ranbiki.store;

import io.ranbiki.RanbikiException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One file of a store, mapped: a header, blocks, and an index of the blocks at the end. The index
 * is missing while the file is written and where its process died; it is made of the blocks then.
 *
 * <pre>
 * index  for each block, by view and id: 8 where it begins, 8 first id, 8 last id, 4 view, 4 rows,
 *        4 bytes of its data, 4 zero;
 *        8 magic, 8 where the index begins, 4 blocks, 4 checksum of the file's header,
 *        4 CRC32C of all before in the index, 4 zero
 * </pre>
 */
final class Shard {

  private static final long MAGIC = 0x5845444e494b4252L; // RBKINDEX
  private static final int FOOTER = 32;

  private final Path file;
  private final ShardHeader header;
  private final ByteBuffer map;
  private final List<Block> blocks;
  private final boolean hasIndex;
  private final List<String> notes = new ArrayList<>();

  private Shard(Path file, ShardHeader header, ByteBuffer map) {
    this.file = file;
    this.header = header;
    this.map = map;
    List<Block> indexed = indexed();
    hasIndex = indexed != null;
    blocks = indexed == null ? scanned() : indexed;
    blocks.sort(Block.ORDER);
  }

  /**
   * Opens a shard.
   *
   * @throws RanbikiException if it is none, or its header is damaged
   */
  static Shard open(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ShardHeader header = ShardHeader.read(file, channel);
      long bytes = channel.size();
      if (bytes > Integer.MAX_VALUE) {
        throw RanbikiException.configuration(
            "%s has %d bytes, but a shard has at most %d. Delete it; the teacher is asked again.",
            file, bytes, Integer.MAX_VALUE);
      }
      ByteBuffer map = channel.map(FileChannel.MapMode.READ_ONLY, 0, bytes);
      return new Shard(file, header, map.order(ByteOrder.LITTLE_ENDIAN));
    }
  }

  /** The blocks that the index names; null if it is missing or damaged. */
  private @Nullable List<Block> indexed() {
    int footer = map.capacity() - FOOTER;
    if (footer < header.bytes() || map.getLong(footer) != MAGIC) {
      return null;
    }
    long start = map.getLong(footer + 8);
    int count = map.getInt(footer + 16);
    if (start < header.bytes()
        || count < 0
        || start + (long) count * Block.ENTRY != footer
        || map.getInt(footer + 20) != header.sum()
        || sum(map.duplicate().position((int) start).limit(footer + 24))
            != map.getInt(footer + 24)) {
      return null;
    }
    ByteBuffer entries = map.duplicate().order(ByteOrder.LITTLE_ENDIAN).position((int) start);
    List<Block> found = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      found.add(Block.readEntry(entries));
    }
    return found;
  }

  /** The blocks that are there, one behind the other. */
  private List<Block> scanned() {
    List<Block> found = new ArrayList<>();
    int place = header.bytes();
    int behind = place;
    while (place < map.capacity()) {
      Block block = Block.at(place, map, header.sum());
      if (block == null) {
        place += Block.aligned(1);
        continue;
      }
      if (place > behind) {
        noteDamage();
      }
      found.add(block);
      block.state = Block.State.NAMED;
      place = block.end();
      behind = place;
    }
    if (behind < map.capacity()) {
      notes.add(
          String.format(
              Locale.ROOT,
              "The last block of %s was never finished; its %d bytes are dropped and its samples asked again.",
              file,
              map.capacity() - behind));
    }
    return found;
  }

  private static int sum(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  /** The bytes of an index, to be written at a place. */
  static ByteBuffer index(List<Block> blocks, long start, int headerSum) {
    ByteBuffer index =
        ByteBuffer.allocate(indexBytes(blocks.size())).order(ByteOrder.LITTLE_ENDIAN);
    blocks.stream().sorted(Block.ORDER).forEach(block -> block.writeEntry(index));
    index.putLong(MAGIC).putLong(start).putInt(blocks.size()).putInt(headerSum);
    index.putInt(sum(index.duplicate().flip())).putInt(0);
    return index.flip();
  }

  static int indexBytes(int blocks) {
    return blocks * Block.ENTRY + FOOTER;
  }

  private void noteDamage() {
    notes.add(
        String.format(Locale.ROOT, "A block in %s is damaged; its samples are asked again.", file));
  }

  /** The block that may hold a row; null if none does. Its head and names are sound. */
  @Nullable Block find(int view, long id) {
    int low = 0;
    int high = blocks.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      Block block = blocks.get(middle);
      if (block.view < view || (block.view == view && block.last < id)) {
        low = middle + 1;
      } else if (block.view > view || block.first > id) {
        high = middle - 1;
      } else {
        return isNamed(block) ? block : null;
      }
    }
    return null;
  }

  private boolean isNamed(Block block) {
    if (block.state == Block.State.UNSEEN) {
      if (block.isNamed(map, header.sum())) {
        block.state = Block.State.NAMED;
      } else {
        lose(block);
      }
    }
    return block.state != Block.State.LOST;
  }

  /** Whether all of a block is what was written; looked at once. */
  boolean isSound(Block block) {
    if (block.state == Block.State.SOUND) {
      return true;
    }
    if (isNamed(block)) {
      // The head again, too: the file may have changed since it was opened.
      if (block.isNamed(map, header.sum()) && block.isSound(map)) {
        block.state = Block.State.SOUND;
      } else {
        lose(block);
      }
    }
    return block.state == Block.State.SOUND;
  }

  private synchronized void lose(Block block) {
    if (block.state != Block.State.LOST) {
      block.state = Block.State.LOST;
      notes.add(
          String.format(
              Locale.ROOT,
              "Block %d of %d in %s is damaged; its samples, up to %d, are asked again.",
              number(block),
              blocks.size(),
              file,
              block.rows));
    }
  }

  /** The place of a block among the others, from 1. */
  int number(Block block) {
    return blocks.indexOf(block) + 1;
  }

  Path file() {
    return file;
  }

  ShardHeader header() {
    return header;
  }

  ByteBuffer map() {
    return map;
  }

  List<Block> blocks() {
    return blocks;
  }

  synchronized List<String> notes() {
    return List.copyOf(notes);
  }

  /** Whether its index is there and names sound blocks alone, as far as they were looked at. */
  boolean isInOrder() {
    return hasIndex && blocks.stream().noneMatch(block -> block.state == Block.State.LOST);
  }
}
