package io.ranbiki.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Augmentations;
import io.ranbiki.prepare.Normalization;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file itself: whatever is cut off or flipped, what is read is what was written. */
class StoreTest {

  private static final int CLASSES = 3;
  private static final int ROWS_PER_BLOCK = 1024;
  private static final int HEADER = 4096;
  private static final int BLOCK = 20 + ROWS_PER_BLOCK * (12 + 4 * CLASSES);
  private static final StoreKey KEY =
      StoreKey.of("t", "d", Normalization.none(), Augmentations.none(), 0, CLASSES);

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = folder.resolve("answers.store");
  }

  @Test
  void answers_areReadByIdAndView_inAnyOrder() {
    write(IntStream.range(0, 3000).mapToLong(i -> 7L * i * i).toArray(), 0);
    write(new long[] {49, 0, Long.MAX_VALUE}, 4);
    Store store = Store.open(file, KEY);
    assertThat(store.size()).isEqualTo(3003);
    requireAnswers(store, new long[] {7L * 2999 * 2999, 0, 28, 7L * 1500 * 1500}, 0);
    requireAnswers(store, new long[] {Long.MAX_VALUE, 49}, 4);
    assertThat(store.contains(28, 4)).isFalse();
    assertThat(store.notes()).isEmpty();
  }

  @Test
  void aMissingAnswer_isAnError() {
    write(ids(0, 10), 0);
    assertThatThrownBy(() -> Store.open(file, KEY).gather(new long[] {3, 11}, 0, 0, 12))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "The store %s has no answer for view 0 of sample 11. Label the data again: only what is"
                + " missing is asked.",
            file);
  }

  @Test
  void theEstimate_isTheSizeOfTheFile() throws IOException {
    write(ids(0, 5000), 0);
    assertThat(Files.size(file))
        .isEqualTo(Store.estimateBytes(KEY, Map.of(), 5000))
        .isEqualTo(HEADER + 5L * BLOCK);
  }

  @Test
  void sixtyThousandSamplesWithTenClasses_takeUnderFiveMegabytes() {
    StoreKey key = StoreKey.of("t", "d", Normalization.none(), Augmentations.none(), 0, 10);
    assertThat(Store.estimateBytes(key, Map.of(), 60_000)).isLessThan(5_000_000);
  }

  @Test
  void largeRows_areHeldInSmallerBlocks() {
    StoreKey key =
        new StoreKey(
            "t",
            "d",
            Normalization.none(),
            Augmentations.none(),
            0,
            CLASSES,
            List.of("wide"),
            Encoding.FLOAT32,
            Precision.FLOAT32);
    Map<String, List<Integer>> layers = Map.of("wide", List.of(1000, 1000));
    long row = 12 + 12 + 2_000_000;
    assertThat(Store.estimateBytes(key, layers, 6)).isEqualTo(HEADER + 3 * (20 + 2 * row));
  }

  @Test
  void aFileCutOffAnywhere_keepsItsWholeBlocks_andGoesOn() throws IOException {
    write(ids(0, 3500), 0);
    byte[] whole = Files.readAllBytes(file);
    assertThat(whole).hasSize(HEADER + 4 * BLOCK);
    LongStream boundaries =
        IntStream.rangeClosed(0, 4)
            .mapToLong(i -> HEADER + (long) i * BLOCK)
            .flatMap(
                at -> LongStream.of(at - 1, at, at + 1, at + 20, at + 20 + 12 * ROWS_PER_BLOCK));
    Random random = new Random(8);
    LongStream anywhere = random.longs(40, HEADER, whole.length);
    LongStream.concat(boundaries, anywhere)
        .filter(at -> at >= HEADER && at <= whole.length)
        .forEach(at -> cutAndGoOn(whole, (int) at));
  }

  private void cutAndGoOn(byte[] whole, int length) {
    put(Arrays.copyOf(whole, length));
    int blocks = (length - HEADER) / BLOCK;
    int torn = (length - HEADER) % BLOCK;
    Store store = Store.open(file, KEY);
    int rows = Math.min(3500, blocks * ROWS_PER_BLOCK);
    assertThat(store.size()).as("cut at %d", length).isEqualTo(rows);
    requireAnswers(store, ids(0, rows), 0);
    if (torn == 0) {
      assertThat(store.notes()).isEmpty();
    } else {
      assertThat(store.notes())
          .containsExactly(
              "The last block of %s was never finished; its %d bytes are dropped and its samples asked again."
                  .formatted(file, torn));
    }
    write(ids(rows, 3500), 0);
    Store again = Store.open(file, KEY);
    requireAnswers(again, ids(0, 3500), 0);
    assertThat(again.notes()).isEmpty();
  }

  @Test
  void aBlockThatTheDiskNeverGot_isAskedAgain_inItsOldPlace() throws IOException {
    write(ids(0, 3000), 0);
    byte[] bytes = Files.readAllBytes(file);
    Arrays.fill(bytes, HEADER + BLOCK, HEADER + 2 * BLOCK, (byte) 0);
    put(bytes);
    assertThat(Store.open(file, KEY).notes())
        .containsExactly(
            "Block 2 of 3 in %s is damaged; its samples, up to 1024, are asked again."
                .formatted(file));
    write(ids(1024, 2048), 0);
    Store store = Store.open(file, KEY);
    assertThat(store.notes()).isEmpty();
    requireAnswers(store, ids(0, 3000), 0);
    assertThat(Files.size(file)).isEqualTo(bytes.length);
  }

  @Test
  void aFlippedBit_isDetectedWhereverItIs() throws IOException {
    write(ids(0, 2000), 0);
    Random random = new Random(4);
    int[] heads = IntStream.range(0, 200).toArray();
    int[] headOfBlock = IntStream.range(HEADER, HEADER + 60).toArray();
    int[] anywhere = random.ints(500, 0, HEADER + 2 * BLOCK).toArray();
    for (int[] places : List.of(heads, headOfBlock, anywhere)) {
      for (int place : places) {
        flip(place, 1 << random.nextInt(8));
      }
    }
  }

  private void flip(int place, int bit) throws IOException {
    change(place, bit);
    if (place < HEADER) {
      assertThatThrownBy(() -> Store.open(file, KEY))
          .as("bit of byte %d", place)
          .isInstanceOf(RanbikiException.class)
          .hasMessageMatching(
              place < 8
                  ? ".* is not a store of a teacher's answers\\. Name another file\\."
                  : "The header of the store .* is damaged, so it cannot be said whose answers it"
                      + " holds\\. Delete it; the teacher is then asked again\\.");
    } else {
      int block = (place - HEADER) / BLOCK;
      Store store = Store.open(file, KEY);
      store.checkAll();
      assertThat(store.notes()).as("bit of byte %d", place).hasSize(1);
      assertThat(store.size()).isEqualTo(block == 0 ? 2000 - 1024 : 1024);
      requireAnswers(store, block == 0 ? ids(1024, 2000) : ids(0, 1024), 0);
    }
    change(place, bit);
  }

  @Test
  void aDamagedBlock_isNamedOnFirstUse_andNoOtherIsLost() throws IOException {
    write(ids(0, 3000), 0);
    change(HEADER + BLOCK + 20 + 12 * ROWS_PER_BLOCK + 77, 1);
    Store store = Store.open(file, KEY);
    assertThat(store.notes()).isEmpty();
    requireAnswers(store, ids(0, 1024), 0);
    assertThatThrownBy(() -> store.gather(new long[] {1500}, 0, 0, 12))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "Block 2 of 3 in the store %s is damaged. Label the data again: only the 1024 samples of"
                + " that block are asked.",
            file);
    requireAnswers(store, ids(2048, 3000), 0);
  }

  @Test
  void aBlockOfAnotherStore_isForeign() throws IOException {
    write(ids(0, 1024), 0);
    byte[] mine = Files.readAllBytes(file);
    Path other = folder.resolve("other.store");
    StoreKey otherKey =
        StoreKey.of("another", "d", Normalization.none(), Augmentations.none(), 0, CLASSES);
    StoreWriter.create(other, otherKey, Map.of());
    byte[] theirs = Files.readAllBytes(other);
    System.arraycopy(theirs, 0, mine, 0, HEADER);
    put(mine);
    assertThat(Store.open(file, otherKey).size()).isZero();
  }

  @Test
  void creatingAgain_keepsWhatIsThere() {
    write(ids(0, 1500), 0);
    StoreWriter.create(file, KEY, Map.of());
    requireAnswers(Store.open(file, KEY), ids(0, 1500), 0);
    assertThat(folder).isDirectoryNotContaining("glob:**/.answers.store.[0-9]*");
  }

  @Test
  void whileOneWrites_nobodyElseCan() {
    write(ids(0, 10), 0);
    try (StoreWriter first = StoreWriter.open(file, KEY).orElseThrow()) {
      Path otherWords = folder.resolve("..").resolve(folder.getFileName()).resolve("answers.store");
      assertThat(StoreWriter.open(file, KEY)).isEmpty();
      assertThat(StoreWriter.open(otherWords, KEY)).isEmpty();
      assertThat(first.stored().size()).isEqualTo(10);
    }
    write(ids(10, 20), 0);
    requireAnswers(Store.open(file, KEY), ids(0, 20), 0);
  }

  @Test
  void aWriterThatCannotOpenItsFile_letsOthersWrite() {
    write(ids(0, 10), 0);
    StoreKey another =
        StoreKey.of("another", "d", Normalization.none(), Augmentations.none(), 0, CLASSES);
    assertThatThrownBy(() -> StoreWriter.open(file, another)).isInstanceOf(RanbikiException.class);
    write(ids(10, 20), 0);
    requireAnswers(Store.open(file, KEY), ids(0, 20), 0);
  }

  @Test
  void aFileThatIsMissingOrNoStore_isRefused() throws IOException {
    assertThatThrownBy(() -> Store.open(file, KEY))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "Cannot read the store %s: no such file or folder. Label first, or name its file.",
            file);
    for (String text : List.of("", "RBKSTOR", "not a store, but long enough to have a magic")) {
      Files.writeString(file, text);
      assertThatThrownBy(() -> Store.open(file, KEY))
          .isInstanceOf(RanbikiException.class)
          .hasMessage("%s is not a store of a teacher's answers. Name another file.", file);
    }
  }

  @Test
  void readers_seeWhatWasThereWhenTheyOpened_whileOthersWrite() {
    write(ids(0, 1500), 0);
    Store before = Store.open(file, KEY);
    write(ids(1500, 4000), 0);
    assertThat(before.size()).isEqualTo(1500);
    requireAnswers(before, ids(0, 1500), 0);
    requireAnswers(Store.open(file, KEY), ids(0, 4000), 0);
  }

  private void write(long[] ids, int view) {
    if (!Files.exists(file)) {
      StoreWriter.create(file, KEY, Map.of());
    }
    try (StoreWriter writer = StoreWriter.open(file, KEY).orElseThrow()) {
      byte[] rows = answers(ids, view);
      for (int i = 0; i < ids.length; i++) {
        writer.add(ids[i], view, List.of(rows), ids.length, i);
      }
    }
  }

  private static void requireAnswers(Store store, long[] ids, int view) {
    assertThat(store.gather(ids, view, 0, 4 * CLASSES)).isEqualTo(answers(ids, view));
  }

  /** Bytes that tell the sample and the view. */
  private static byte[] answers(long[] ids, int view) {
    ByteBuffer bytes = ByteBuffer.allocate(ids.length * 4 * CLASSES).order(ByteOrder.LITTLE_ENDIAN);
    for (long id : ids) {
      bytes.putLong(id * 31 + 5).putInt(view + 1);
    }
    return bytes.array();
  }

  private static long[] ids(int from, int to) {
    return LongStream.range(from, to).toArray();
  }

  private void put(byte[] bytes) {
    try {
      // A new file, since a mapped one must not shrink.
      Files.deleteIfExists(file);
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void change(int place, int bits) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.seek(place);
      int old = bytes.read();
      bytes.seek(place);
      bytes.write(old ^ bits);
    }
  }
}
