package io.ranbiki.store;

import io.ranbiki.RanbikiException;
import io.ranbiki.file.Reasons;
import io.ranbiki.nn.Answer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A teacher's answers on disk, by sample id and view number, as they were when this was opened: a
 * folder of shards, mapped into memory, each block checked when it is first used. A {@link
 * StoreWriter} writes them.
 *
 * <p>Nothing needs closing; the mappings end with the object. Safe for use by many threads. In the
 * heap lie some 60 bytes for each block of rows.
 */
public final class Store {

  private static final String SHARD = "part-\\d{5,9}\\.store";
  private static final Comparator<Path> BY_NUMBER = Comparator.comparingInt(Store::number);

  private final Path folder;
  private final List<Shard> shards; // the newest first: it may replace what was damaged before

  private Store(Path folder, List<Shard> shards) {
    this.folder = folder;
    this.shards = shards;
  }

  /**
   * Opens the answers that belong to a key.
   *
   * @throws RanbikiException if there is no such folder, it holds what is no store, a header is
   *     damaged, or the answers are those of another key: the message says what differs
   */
  public static Store open(Path folder, Key wanted) {
    List<Shard> shards = new ArrayList<>();
    for (Path file : files(folder)) {
      try {
        Shard shard = Shard.open(file);
        wanted.require(folder, shard.header().fields());
        shards.add(0, shard);
        if (!shard.header().columns().equals(shards.get(shards.size() - 1).header().columns())) {
          throw ShardHeader.damaged(file);
        }
      } catch (IOException e) {
        throw unreadable(file, e);
      }
    }
    return new Store(folder, shards);
  }

  /** The shards in a folder, oldest first. */
  private static List<Path> files(Path folder) {
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw RanbikiException.configuration(
          "%s is not a folder, so it is no store. Move it elsewhere.", folder);
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(Store::isShard).sorted(BY_NUMBER).toList();
    } catch (IOException e) {
      throw unreadable(folder, e);
    }
  }

  private static boolean isShard(Path file) {
    return file.getFileName().toString().matches(SHARD);
  }

  /** The number in a shard's name. */
  private static int number(Path shard) {
    return Integer.parseInt(shard.getFileName().toString().replaceAll("\\D", ""));
  }

  /** Whether there are answers at a place, or were to be: it is asked for its key then. */
  public static boolean exists(Path folder) {
    return Files.exists(folder) && !files(folder).isEmpty();
  }

  /** What the next shard is to be called; those that were removed since do not count. */
  Path nextFile() {
    return shards.stream()
        .map(Shard::file)
        .filter(Files::exists)
        .findFirst()
        .map(Store::after)
        .orElseGet(() -> folder.resolve(name(0)));
  }

  /** What the shard after another is to be called. */
  static Path after(Path shard) {
    return shard.resolveSibling(name(number(shard) + 1));
  }

  private static String name(int number) {
    return String.format(Locale.ROOT, "part-%05d.store", number);
  }

  /**
   * What answers depend on, by name: all parts of a {@link Key}, {@code columns}, what a row holds,
   * and {@code made-with}, the versions of the software that made them.
   *
   * @param place a store or a shard
   * @throws RanbikiException if it is neither, or a header is damaged
   */
  public static Map<String, String> describe(Path place) {
    Path file = place;
    if (Files.isDirectory(place)) {
      List<Path> files = files(place);
      if (files.isEmpty()) {
        throw RanbikiException.configuration(
            "%s is not a store of a teacher's answers. Name another folder.", place);
      }
      file = files.get(files.size() - 1);
    } else if (Files.exists(place) && !Files.isRegularFile(place)) { // a pipe would block
      throw RanbikiException.configuration(
          "%s is not a file, so it is no store. Move it elsewhere.", place);
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ShardHeader header = ShardHeader.read(file, channel);
      Map<String, String> described = new LinkedHashMap<>(header.fields());
      described.put(
          "columns",
          header.columns().stream().map(Column::toString).collect(Collectors.joining(", ")));
      described.put("made-with", header.madeWith());
      return Collections.unmodifiableMap(described);
    } catch (IOException e) {
      throw unreadable(place, e);
    }
  }

  /**
   * The size of all shards.
   *
   * @throws RanbikiException if they cannot be read
   */
  public static long bytes(Path folder) {
    long bytes = 0;
    for (Path file : files(folder)) {
      bytes += file.toFile().length();
    }
    return bytes;
  }

  private static RanbikiException unreadable(Path file, IOException e) {
    return new RanbikiException(
        RanbikiException.Kind.IO,
        "Cannot read the store " + file + ": " + Reasons.of(e) + ". Label first, or name its file.",
        e);
  }

  /** The size of a shard without rows. */
  public static long emptyBytes(Key key, String madeWith, List<Column> columns) {
    return (long) ShardHeader.write(key, madeWith, columns).capacity() + Shard.indexBytes(0);
  }

  /**
   * By how much a shard grows with answers to one view.
   *
   * @param length of whatever varies
   * @param perBlock the most rows of a block
   */
  public static long bytes(List<Column> columns, int length, long answers, int perBlock) {
    int row = 0;
    for (Column column : columns) {
      row = Math.addExact(row, column.rowBytes(length));
    }
    int last = (int) (answers % perBlock);
    long blocks = answers / perBlock;
    long bytes =
        blocks == 0 ? 0 : blocks * Block.bytes(perBlock, Math.multiplyExact(perBlock, row));
    if (last > 0) {
      bytes += Block.bytes(last, Math.multiplyExact(last, row));
      blocks++;
    }
    return bytes + blocks * Block.ENTRY;
  }

  /** Checks every block now; the rows of damaged ones are forgotten, and {@link #notes} tells. */
  public void checkAll() {
    for (Shard shard : shards) {
      shard.blocks().forEach(shard::isSound);
    }
  }

  /** The folder. */
  public Path folder() {
    return folder;
  }

  /** How many answers can be read, as far as blocks were looked at. */
  public long size() {
    return shards.stream()
        .flatMap(shard -> shard.blocks().stream())
        .filter(block -> block.state != Block.State.LOST)
        .mapToLong(block -> block.rows)
        .sum();
  }

  /** What every row holds; empty if there is none. */
  public List<Column> columns() {
    return shards.isEmpty() ? List.of() : shards.get(0).header().columns();
  }

  /** Whether there is an answer to a view of a sample. */
  public boolean contains(long id, int view) {
    for (Shard shard : shards) {
      Block block = shard.find(view, id);
      if (block != null && block.find(id, shard.map()) >= 0) {
        return true;
      }
    }
    return false;
  }

  /** What was found damaged so far, a sentence each. */
  public List<String> notes() {
    List<String> notes = new ArrayList<>();
    for (int i = shards.size() - 1; i >= 0; i--) {
      notes.addAll(shards.get(i).notes());
    }
    return notes;
  }

  List<Shard> shards() {
    return shards;
  }

  /**
   * Reads the answers to some samples, padded with zeros at the end where their lengths differ.
   *
   * @param atLeast the length to which they are padded, unless one is longer
   * @return by the name of the column, {@code [ids, ...]}
   * @throws RanbikiException if one is missing, or its block turns out to be damaged
   */
  public Map<String, Answer> read(long[] ids, int view, int atLeast) {
    ByteBuffer[] maps = new ByteBuffer[ids.length];
    int[] at = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      locate(ids[i], view, i, maps, at);
    }
    Map<String, Answer> answers = new LinkedHashMap<>();
    for (Column column : columns()) {
      answers.put(column.name(), column.read(maps, at, atLeast));
    }
    return answers;
  }

  private void locate(long id, int view, int i, ByteBuffer[] maps, int[] at) {
    for (Shard shard : shards) {
      Block block = shard.find(view, id);
      if (block == null) {
        continue;
      }
      int place = block.find(id, shard.map());
      if (place >= 0) {
        if (!shard.isSound(block)) {
          throw RanbikiException.io(
              "Block %d of %d in the store %s is damaged. Label the data again: only the %d samples"
                  + " of that block are asked.",
              shard.number(block), shard.blocks().size(), shard.file(), block.rows);
        }
        maps[i] = shard.map();
        at[i] = place;
        return;
      }
    }
    throw RanbikiException.configuration(
        "The store %s has no answer for view %d of sample %d. Label the data again: only what is"
            + " missing is asked.",
        folder, view, id);
  }
}
