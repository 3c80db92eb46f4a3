package io.ranbiki.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.nn.Answer;
import io.ranbiki.prepare.Field;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The files themselves: whatever is cut off or flipped, what is read is what was written. Every row
 * holds logits of a length of its own, and one vector.
 */
class StoreTest {

  private static final int PER_BLOCK = 128;
  private static final int LONGEST = 5;
  private static final int HEADER = 4096;
  private static final Key KEY = new Key(Map.of("teacher", "t"));
  private static final List<Column> COLUMNS =
      List.of(
          new Column("logits", Encoding.FLOAT32, List.of(Field.ANY, 2)),
          new Column("vector", Encoding.FLOAT32, List.of(3)));

  @TempDir Path parent;
  private Path folder;
  private TensorScope scope;

  @BeforeEach
  void nameFolder() {
    folder = parent.resolve("answers.store");
    scope = TensorScope.open("test");
  }

  @AfterEach
  void close() {
    scope.close();
  }

  // ---- what is written, and what must be read

  private static int length(long id) {
    return (int) Math.floorMod(id * 7 + 3, LONGEST + 1L); // none at all, too
  }

  private static float[] logits(long id, int view, int padded) {
    float[] numbers = new float[2 * padded];
    for (int i = 0; i < 2 * length(id); i++) {
      numbers[i] = id % 1000 + 10_000 * view + i / 16f;
    }
    return numbers;
  }

  private static float[] vector(long id, int view) {
    return new float[] {view, id % 77, id % 1001};
  }

  private static Map<String, Answer> answers(long[] ids, int view, int padded) {
    float[] logits = new float[ids.length * 2 * padded];
    float[] vectors = new float[ids.length * 3];
    for (int i = 0; i < ids.length; i++) {
      System.arraycopy(logits(ids[i], view, padded), 0, logits, i * 2 * padded, 2 * padded);
      System.arraycopy(vector(ids[i], view), 0, vectors, i * 3, 3);
    }
    return Map.of(
        "logits",
        new Answer.Full(Tensors.of(logits, ids.length, padded, 2)),
        "vector",
        new Answer.Full(Tensors.of(vectors, ids.length, 3)));
  }

  private void write(long[] ids, int view) {
    try (StoreWriter writer = StoreWriter.open(folder, KEY, "test").orElseThrow()) {
      write(writer, ids, view);
    }
  }

  /** Writes sorted samples block by block, and those of a block in another order. */
  private static void write(StoreWriter writer, long[] ids, int view) {
    for (int from = 0; from < ids.length; from += PER_BLOCK) {
      long[] block = Arrays.copyOfRange(ids, from, Math.min(from + PER_BLOCK, ids.length));
      List<Long> order = new ArrayList<>(LongStream.of(block).boxed().toList());
      Collections.shuffle(order, new Random(from));
      writer.begin(COLUMNS, view, block);
      boolean whole = false;
      for (int at = 0; at < block.length; at += 50) {
        long[] batch =
            order.subList(at, Math.min(at + 50, block.length)).stream()
                .mapToLong(Long::longValue)
                .toArray();
        int[] lengths = LongStream.of(batch).mapToInt(StoreTest::length).toArray();
        try (TensorScope batchScope = TensorScope.open("batch")) {
          whole = writer.add(batch, answers(batch, view, LONGEST), lengths);
        }
      }
      assertThat(whole).isTrue();
    }
  }

  private static void requireAnswers(Store store, long[] ids, int view) {
    for (int from = 0; from < ids.length; from += 500) {
      long[] some = Arrays.copyOfRange(ids, from, Math.min(from + 500, ids.length));
      try (TensorScope batchScope = TensorScope.open("batch")) {
        Map<String, Answer> read = store.read(some, view, LONGEST);
        answers(some, view, LONGEST)
            .forEach(
                (name, expected) ->
                    assertThat(read.get(name).dense().toFloats())
                        .as(name)
                        .isEqualTo(expected.dense().toFloats()));
      }
    }
  }

  private static long[] ids(int from, int to) {
    return LongStream.range(from, to).toArray();
  }

  private Store open() {
    return Store.open(folder, KEY);
  }

  private Path shard(int number) {
    return folder.resolve("part-%05d.store".formatted(number));
  }

  private List<Block> blocks() {
    return open().shards().get(0).blocks();
  }

  // ---- reading and writing

  @Test
  void answers_areReadByIdAndView_inAnyOrder() {
    write(IntStream.range(0, 700).mapToLong(i -> 7L * i * i).toArray(), 0);
    write(new long[] {0, 49, Long.MAX_VALUE}, 4);
    Store store = open();
    assertThat(store.size()).isEqualTo(703);
    requireAnswers(store, new long[] {7L * 699 * 699, 0, 28, 7L * 350 * 350}, 0);
    requireAnswers(store, new long[] {Long.MAX_VALUE, 49}, 4);
    assertThat(store.contains(28, 4)).isFalse();
    assertThat(store.contains(29, 0)).isFalse();
    assertThat(store.notes()).isEmpty();
  }

  @Test
  void rows_arePaddedToTheLongest_orAsAsked() {
    write(ids(0, 30), 0);
    long[] some = {1, 2}; // of lengths 4 and 5
    assertThat(open().read(some, 0, 0).get("logits").shape()).containsExactly(2, 5, 2);
    assertThat(open().read(new long[] {1}, 0, 0).get("logits").shape()).containsExactly(1, 4, 2);
    assertThat(open().read(new long[] {1}, 0, 9).get("logits").shape()).containsExactly(1, 9, 2);
    long[] none = {3 + 6, 21}; // of length 0
    assertThat(LongStream.of(none).mapToInt(StoreTest::length)).containsExactly(0, 0);
    assertThat(open().read(none, 0, 0).get("logits").shape()).containsExactly(2, 0, 2);
  }

  /** Pixels by rows and columns, where both vary, behind classes of every token. */
  @Test
  void severalLengths_ofOneOutput_arePackedTogether() {
    List<Column> columns =
        List.of(
            new Column("map", Encoding.FLOAT16, List.of(2, Field.ANY, Field.ANY)),
            new Column("top", new TopK(2), List.of(Field.ANY, 4)));
    float[] map = new float[2 * 2 * 3 * 3];
    for (int i = 0; i < map.length; i++) {
      int row = i / 3 % 3;
      int column = i % 3;
      int length = i < 18 ? 3 : 2;
      map[i] = row < length && column < length ? i : 0;
    }
    float[] logits = new float[2 * 3 * 4];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = i * 5 % 7;
    }
    Map<String, Answer> answers =
        Map.of(
            "map",
            new Answer.Full(Tensors.of(map, 2, 2, 3, 3)),
            "top",
            new Answer.Full(Tensors.of(logits, 2, 3, 4)));
    try (StoreWriter writer = StoreWriter.open(folder, KEY, "test").orElseThrow()) {
      writer.begin(columns, 0, new long[] {5, 8});
      writer.add(new long[] {5, 8}, answers, new int[] {3, 2});
    }
    Map<String, Answer> read = open().read(new long[] {8, 5}, 0, 0);
    Tensor swapped = read.get("map").dense();
    assertThat(swapped.narrow(0, 1, 1).toFloats()).isEqualTo(Arrays.copyOf(map, 18));
    assertThat(swapped.narrow(0, 0, 1).toFloats()).isEqualTo(Arrays.copyOfRange(map, 18, 36));
    Answer.Top top = (Answer.Top) read.get("top");
    assertThat(top.classes().shape()).containsExactly(2, 3, 2);
    // the first token of the second sample has the logits 4, 2, 0, 5
    assertThat(top.classes().narrow(0, 0, 1).narrow(1, 0, 1).toLongs()).containsExactly(3, 0);
    int rows = 4 + 4 + 2 * 9 * 2 + 4 + 3 * 16 + 4 + 4 + 2 * 4 * 2 + 4 + 2 * 16;
    assertThat(blocks().get(0).dataBytes).as("no padding").isEqualTo(rows);
  }

  @Test
  void theEstimate_isTheSizeOfTheFile() throws IOException {
    List<Column> fixed = List.of(new Column("logits", Encoding.FLOAT32, List.of(3)));
    try (StoreWriter writer = StoreWriter.open(folder, KEY, "test").orElseThrow()) {
      for (int view = 0; view < 2; view++) {
        for (int from = 0; from < 300; from += 100) {
          long[] ids = ids(from, Math.min(from + 100, 250));
          writer.begin(fixed, view, ids);
          Answer answer = new Answer.Full(Tensors.zeros(ids.length, 3));
          writer.add(ids, Map.of("logits", answer), new int[ids.length]);
        }
      }
    }
    assertThat(Files.size(shard(0)))
        .isEqualTo(Store.bytes(folder))
        .isEqualTo(Store.emptyBytes(KEY, "test", fixed) + 2 * Store.bytes(fixed, 0, 250, 100));
  }

  @Test
  void sixtyThousandSamplesWithTenClasses_takeUnderFourMegabytes() {
    List<Column> ten = List.of(new Column("logits", Encoding.FLOAT32, List.of(10)));
    assertThat(Store.bytes(ten, 0, 60_000, 1024)).isLessThan(4_000_000);
  }

  @Test
  void aMissingAnswer_isAnError() {
    write(ids(0, 10), 0);
    assertThatThrownBy(() -> open().read(new long[] {3, 11}, 0, 0))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "The store %s has no answer for view 0 of sample 11. Label the data again: only what is"
                + " missing is asked.",
            folder);
  }

  @Test
  void anAnswerOfAnotherShape_isRefused() {
    try (StoreWriter writer = StoreWriter.open(folder, KEY, "test").orElseThrow()) {
      writer.begin(COLUMNS, 0, new long[] {1});
      Map<String, Answer> answers =
          Map.of(
              "logits",
              new Answer.Full(Tensors.zeros(1, 2, 2)),
              "vector",
              new Answer.Full(Tensors.zeros(1, 4)));
      assertThatThrownBy(() -> writer.add(new long[] {1}, answers, new int[] {2}))
          .isInstanceOf(RanbikiException.class)
          .hasMessage(
              "The teacher answers 1 samples with vector of shape [1, 4], but with [3] for each"
                  + " before. Check the teacher.");
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void otherColumns_areRefused() {
    write(ids(0, 10), 0);
    List<Column> fixed = List.of(new Column("logits", Encoding.FLOAT32, List.of(3)));
    try (StoreWriter writer = StoreWriter.open(folder, KEY, "test").orElseThrow()) {
      assertThatThrownBy(() -> writer.begin(fixed, 0, new long[] {11}))
          .isInstanceOf(RanbikiException.class)
          .hasMessage(
              "The store %s holds [logits float32 [any, 2], vector float32 [3]], but the teacher"
                  + " answers with [logits float32 [3]] now. Delete it; the teacher is asked again.",
              folder);
    }
  }

  @Test
  void blocksOutOfOrder_beginAnotherShard() {
    try (StoreWriter writer = StoreWriter.open(folder, KEY, "test").orElseThrow()) {
      write(writer, ids(500, 700), 1);
      write(writer, ids(0, 200), 1);
      write(writer, ids(0, 200), 0);
    }
    assertThat(folder.toFile().list()).hasSize(3);
    requireAnswers(
        open(),
        LongStream.concat(LongStream.range(0, 200), LongStream.range(500, 700)).toArray(),
        1);
    requireAnswers(open(), ids(0, 200), 0);
  }

  // ---- dying in the middle

  @Test
  void aBlockThatLacksAnswers_isNotKept() {
    try (StoreWriter writer = StoreWriter.open(folder, KEY, "test").orElseThrow()) {
      write(writer, ids(0, 130), 0);
      writer.begin(COLUMNS, 0, ids(130, 140));
      writer.add(ids(130, 139), answers(ids(130, 139), 0, LONGEST), lengths(130, 139));
    }
    Store store = open();
    assertThat(store.size()).isEqualTo(130);
    assertThat(store.notes()).isEmpty();
    requireAnswers(store, ids(0, 130), 0);
  }

  private static int[] lengths(int from, int to) {
    return LongStream.range(from, to).mapToInt(StoreTest::length).toArray();
  }

  @Test
  void aFileCutOffAnywhere_keepsItsWholeBlocks_andGoesOn() throws IOException {
    write(ids(0, 450), 0);
    byte[] whole = Files.readAllBytes(shard(0));
    List<Block> blocks = blocks();
    assertThat(blocks).hasSize(4);
    IntStream boundaries =
        blocks.stream()
            .flatMapToInt(
                b -> IntStream.of(b.start, b.start + 1, b.start + 48, b.dataStart(), b.end() - 1));
    IntStream end = IntStream.of(blocks.get(3).end(), whole.length - 1, whole.length);
    IntStream anywhere = new Random(8).ints(40, HEADER, whole.length);
    IntStream.concat(IntStream.concat(boundaries, end), anywhere)
        .forEach(at -> cutAndGoOn(whole, at, blocks));
  }

  private void cutAndGoOn(byte[] whole, int length, List<Block> blocks) {
    put(Arrays.copyOf(whole, length));
    int sound = (int) blocks.stream().filter(block -> block.end() <= length).count();
    int end = sound == 0 ? HEADER : blocks.get(sound - 1).end();
    Store store = open();
    int rows = Math.min(450, sound * PER_BLOCK);
    assertThat(store.size()).as("cut at %d", length).isEqualTo(rows);
    requireAnswers(store, ids(0, rows), 0);
    if (length == end || length == whole.length) {
      assertThat(store.notes()).isEmpty();
    } else {
      assertThat(store.notes())
          .containsExactly(
              "The last block of %s was never finished; its %d bytes are dropped and its samples asked again."
                  .formatted(shard(0), length - end));
    }
    write(ids(rows, 450), 0);
    Store again = open();
    requireAnswers(again, ids(0, 450), 0);
    assertThat(again.notes()).isEmpty();
    assertThat(again.shards()).allMatch(Shard::isInOrder);
  }

  @Test
  void aBlockThatTheDiskNeverGot_isAskedAgain() throws IOException {
    write(ids(0, 300), 0);
    Block lost = blocks().get(1);
    byte[] bytes = Files.readAllBytes(shard(0));
    Arrays.fill(bytes, lost.start, lost.end(), (byte) 0);
    put(bytes);
    Store store = open();
    store.checkAll();
    assertThat(store.notes())
        .containsExactly(
            "Block 2 of 3 in %s is damaged; its samples, up to 128, are asked again."
                .formatted(shard(0)));
    put(Arrays.copyOf(bytes, bytes.length - 1)); // the index, too
    assertThat(open().notes())
        .startsWith("A block in %s is damaged; its samples are asked again.".formatted(shard(0)));
    write(ids(128, 256), 0);
    requireAnswers(open(), ids(0, 300), 0);
    assertThat(open().notes()).isEmpty();
  }

  // ---- damage

  @Test
  void aFlippedBit_isDetectedWhereverItIs() throws IOException {
    write(ids(0, 250), 0);
    int length = (int) Files.size(shard(0));
    Block first = blocks().get(0);
    Block second = blocks().get(1);
    Random random = new Random(4);
    int[] heads = IntStream.range(0, 200).toArray();
    int[] headOfBlock = IntStream.range(first.start, first.start + 80).toArray();
    int[] index = IntStream.range(second.end(), length).toArray();
    int[] anywhere = random.ints(400, 0, length).toArray();
    for (int[] places : List.of(heads, headOfBlock, index, anywhere)) {
      for (int place : places) {
        flip(place, 1 << random.nextInt(8), first, second);
      }
    }
  }

  private void flip(int place, int bit, Block first, Block second) throws IOException {
    change(place, bit);
    if (place < HEADER) {
      assertThatThrownBy(this::open)
          .as("bit of byte %d", place)
          .isInstanceOf(RanbikiException.class)
          .hasMessageMatching(
              place < 8
                  ? ".* is not a store of a teacher's answers\\. Name another file\\."
                  : "The header of the store .* is damaged, so it cannot be said whose answers it"
                      + " holds\\. Delete it; the teacher is then asked again\\.");
    } else {
      Store store = open();
      store.checkAll();
      boolean inFirst = place < first.end();
      boolean inSecond = !inFirst && place < second.end();
      if (fills(place, first) || fills(place, second) || place >= second.end()) {
        requireAnswers(store, ids(0, 250), 0); // what fills up says nothing; the index is made anew
      } else {
        assertThat(store.notes()).as("bit of byte %d", place).hasSize(1);
        assertThat(store.size()).isEqualTo(inFirst ? 250 - 128 : 128);
        assertThat(inFirst || inSecond).isTrue();
        requireAnswers(store, inFirst ? ids(128, 250) : ids(0, 128), 0);
      }
    }
    change(place, bit);
  }

  private static boolean fills(int place, Block block) {
    return place >= block.dataStart() + block.dataBytes && place < block.end();
  }

  @Test
  void withoutAnIndex_aFlippedBitCostsOneBlock() throws IOException {
    write(ids(0, 384), 0);
    List<Block> blocks = blocks();
    put(Arrays.copyOf(Files.readAllBytes(shard(0)), blocks.get(2).end()));
    Random random = new Random(5);
    for (int i = 0; i < 200; i++) {
      Block block = blocks.get(random.nextInt(3));
      int place = block.start + random.nextInt(block.end() - block.start);
      int bit = 1 << random.nextInt(8);
      change(place, bit);
      Store store = open();
      store.checkAll();
      for (Block other : blocks) {
        if (other != block || fills(place, block)) {
          requireAnswers(store, ids((int) other.first, (int) other.last + 1), 0);
        }
      }
      assertThat(store.size()).isEqualTo(fills(place, block) ? 384 : 256);
      change(place, bit);
    }
  }

  @Test
  void aDamagedBlock_isNamedOnFirstUse_andNoOtherIsLost() throws IOException {
    write(ids(0, 300), 0);
    change(blocks().get(1).dataStart() + 77, 1);
    Store store = open();
    assertThat(store.notes()).isEmpty();
    requireAnswers(store, ids(0, 128), 0);
    assertThat(store.contains(150, 0)).as("nobody has looked at it").isTrue();
    assertThatThrownBy(() -> store.read(new long[] {150}, 0, 0))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "Block 2 of 3 in the store %s is damaged. Label the data again: only the 128 samples of"
                + " that block are asked.",
            shard(0));
    requireAnswers(store, ids(256, 300), 0);
  }

  @Test
  void aBlockOfAnotherStore_isForeign() throws IOException {
    write(ids(0, 100), 0);
    byte[] mine = Files.readAllBytes(shard(0));
    Key otherKey = new Key(Map.of("teacher", "u"));
    byte[] theirs = ShardHeader.write(otherKey, "test", COLUMNS).array();
    System.arraycopy(theirs, 0, mine, 0, HEADER);
    put(mine);
    assertThat(Store.open(folder, otherKey).size()).isZero();
  }

  // ---- several who use it

  @Test
  void whileOneWrites_nobodyElseCan() {
    write(ids(0, 10), 0);
    try (StoreWriter first = StoreWriter.open(folder, KEY, "test").orElseThrow()) {
      Path otherWords = parent.resolve("..").resolve(parent.getFileName()).resolve("answers.store");
      assertThat(StoreWriter.open(folder, KEY, "test")).isEmpty();
      assertThat(StoreWriter.open(otherWords, KEY, "test")).isEmpty();
      assertThat(first.stored().size()).isEqualTo(10);
    }
    write(ids(10, 20), 0);
    requireAnswers(open(), ids(0, 20), 0);
  }

  @Test
  void aWriterThatCannotOpenItsStore_letsOthersWrite() {
    write(ids(0, 10), 0);
    Key another = new Key(Map.of("teacher", "u"));
    assertThatThrownBy(() -> StoreWriter.open(folder, another, "test"))
        .isInstanceOf(RanbikiException.class);
    write(ids(10, 20), 0);
    requireAnswers(open(), ids(0, 20), 0);
  }

  @Test
  void readers_seeWhatWasThereWhenTheyOpened_whileOthersWrite() {
    write(ids(0, 150), 0);
    Store before = open();
    write(ids(150, 400), 0);
    assertThat(before.size()).isEqualTo(150);
    requireAnswers(before, ids(0, 150), 0);
    requireAnswers(open(), ids(0, 400), 0);
  }

  @Test
  void aReaderWhileOneWrites_seesWholeBlocks() {
    try (StoreWriter writer = StoreWriter.open(folder, KEY, "test").orElseThrow()) {
      write(writer, ids(0, 256), 0);
      writer.begin(COLUMNS, 0, ids(256, 300));
      writer.add(ids(256, 290), answers(ids(256, 290), 0, LONGEST), lengths(256, 290));
      Store during = open();
      assertThat(during.size()).isEqualTo(256);
      requireAnswers(during, ids(0, 256), 0);
    }
  }

  @Test
  void whatKilledProcessesLeft_isRemoved_butNothingOfOthers() throws IOException {
    Files.createDirectories(folder);
    long dead = 999_999_999_999L; // more than any system counts to
    String mine = ".part-00000.store." + ProcessHandle.current().pid() + "-99.tmp";
    Files.writeString(folder.resolve(".part-00000.store." + dead + "-7.tmp"), "half");
    Files.writeString(folder.resolve(mine), "half");
    Files.writeString(folder.resolve("notes.txt"), "of a person");
    write(ids(0, 5), 0);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("part-00000.store", mine, "notes.txt");
    }
  }

  // ---- what is no store

  @Test
  void whatIsMissingOrNoStore_isRefused() throws IOException {
    assertThatThrownBy(this::open)
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "Cannot read the store %s: no such file or folder. Label first, or name its file.",
            folder);
    Files.createDirectories(folder);
    for (String text : List.of("", "RBKSTOR", "not a store, but long enough to have a magic")) {
      Files.writeString(shard(0), text);
      assertThatThrownBy(this::open)
          .isInstanceOf(RanbikiException.class)
          .hasMessage("%s is not a store of a teacher's answers. Name another file.", shard(0));
    }
    Path file = Files.writeString(parent.resolve("file"), "RBKSTOR1 and more");
    assertThatThrownBy(() -> Store.open(file, KEY))
        .hasMessage("%s is not a folder, so it is no store. Move it elsewhere.", file);
    assertThatThrownBy(() -> Store.describe(file))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "%s holds answers in a format of an earlier version. Delete it; the teacher is asked"
                + " again.",
            file);
  }

  private void put(byte[] bytes) {
    try {
      // New files, since a mapped one must not shrink.
      for (Path file : List.of(shard(0), shard(1))) {
        Files.deleteIfExists(file);
      }
      Files.write(shard(0), bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void change(int place, int bits) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(shard(0).toFile(), "rw")) {
      bytes.seek(place);
      int old = bytes.read();
      bytes.seek(place);
      bytes.write(old ^ bits);
    }
  }
}
