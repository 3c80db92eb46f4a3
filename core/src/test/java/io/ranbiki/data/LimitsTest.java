package io.ranbiki.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.Colour;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Normalization;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that ask for more than can be held are refused before it is asked for. */
class LimitsTest {

  @TempDir Path folder;

  private static AbstractThrowableAssert<?, ?> refused(ThrowingCallable reading) {
    return assertThatThrownBy(reading)
        .isInstanceOfSatisfying(
            RanbikiException.class,
            e -> assertThat(e.kind()).isEqualTo(RanbikiException.Kind.CONFIGURATION));
  }

  /** A file that begins with some bytes and has holes behind them. */
  private Path sparse(String name, byte[] start, long size) throws IOException {
    Path file = folder.resolve(name);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(start));
      channel.write(ByteBuffer.wrap(new byte[1]), size - 1);
    }
    return file;
  }

  private static byte[] idxHeader(int magic, int... sizes) {
    ByteBuffer header = ByteBuffer.allocate(4 + 4 * sizes.length).putInt(magic);
    for (int size : sizes) {
      header.putInt(size);
    }
    return header.array();
  }

  @Test
  void imagesLargerThanTheHeap_areRefusedWithoutReading() throws IOException {
    int most = InMemory.LARGEST_ARRAY;
    Path images = sparse("images", idxHeader(0x803, 1, 1, most), 16L + most);
    Path labels = Files.write(folder.resolve("labels"), new byte[0]);
    refused(() -> Idx.open(images, labels, 10))
        .hasMessageMatching(
            "Holding \\S+images, which has \\[1, 1, 2147483631] bytes, needs 2\\.0 GB of memory or"
                + " more, but Java may use [\\d.]+ GB, of which [\\d.]+ [MG]B are free\\. Use fewer"
                + " or smaller samples, or give Java more: JAVA_OPTS=-Xmx3g\\.");
  }

  @Test
  void moreSamplesThanCanBeCounted_areRefused() throws IOException {
    long records = 8_000_000_000_000L / 3073;
    Path file = sparse("data_batch_1.bin", new byte[1], records * 3073);
    refused(() -> CifarBinary.open(List.of(file), CifarBinary.Layout.CIFAR10))
        .hasMessage(
            file
                + " has 7999999999936 bytes, which makes 2603319232 samples with the files before"
                + " it, but a data set may have 2147483631. Leave some out.");
  }

  @Test
  void labelsLargerThanTheHeap_areRefusedWithoutReading() throws IOException {
    long records = 600_000_000;
    Path file = sparse("data_batch_1.bin", new byte[1], records * 3073);
    refused(() -> CifarBinary.open(List.of(file), CifarBinary.Layout.CIFAR10))
        .hasMessageStartingWith(
            "Holding the labels of 600000000 samples of [" + file + "] needs 2.2 GB of memory");
  }

  @Test
  void emptyPartsWithoutEnd_areNoPackedFile() throws IOException {
    ByteArrayOutputStream empty = new ByteArrayOutputStream();
    new GZIPOutputStream(empty).close();
    Path file = folder.resolve("train-labels-idx1-ubyte.gz");
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int i = 0; i < 100_000; i++) {
        out.write(empty.toByteArray());
      }
    }
    refused(() -> Idx.folder(folder, Part.TRAIN))
        .hasMessage(file + " is truncated or damaged and cannot be unpacked. Fetch it again.");
  }

  // ---- images

  private static byte[] pngHeader(int width, int height) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ByteBuffer chunk = ByteBuffer.allocate(17);
    chunk.put("IHDR".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    chunk.putInt(width).putInt(height).put(new byte[] {8, 2, 0, 0, 0});
    CRC32 checksum = new CRC32();
    checksum.update(chunk.array());
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeLong(0x89504E470D0A1A0AL);
      out.writeInt(13);
      out.write(chunk.array());
      out.writeInt((int) checksum.getValue());
      out.writeInt(0);
      out.writeBytes("IDAT");
      out.writeInt(0x35af061e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  @Test
  void imageWhoseSizeNoIntegerHolds_isRefused() throws IOException {
    Path image = Files.createDirectories(folder.resolve("a")).resolve("a.png");
    Files.write(image, pngHeader(Integer.MAX_VALUE, Integer.MAX_VALUE));
    refused(() -> ImageFolder.open(folder, Colour.RGB))
        .hasMessage(
            image
                + " is 2147483647 x 2147483647 pixels large, but an image may have 89,478,485"
                + " pixels at most. Make it smaller.");
  }

  @Test
  void largeFileThatIsNoImage_isNotReadAtLength() throws IOException {
    Files.createDirectories(folder.resolve("a"));
    Path image = sparse("a/a.png", new byte[1], 5L << 30);
    refused(() -> ImageFolder.open(folder, Colour.RGB))
        .hasMessage(
            image
                + " is empty, damaged, or not a PNG, JPEG, BMP, GIF or WebP image. Replace or"
                + " remove it.");
  }

  @Test
  void imageFileLargerThanTheHeap_isRefused() throws IOException {
    Files.createDirectories(folder.resolve("a"));
    Path image = sparse("a/a.png", pngHeader(8, 8), 5L << 30);
    refused(() -> ImageFolder.open(folder, Colour.RGB))
        .hasMessageStartingWith("Reading " + image + " needs 5.0 GB of memory or more, but Java");
  }

  @Test
  void batchOfLargeImages_isRefusedBeforeItIsMade_andASmallerOneIsTaken() {
    Field large = new Field(Batch.IMAGE, Field.Kind.UINT8, List.of(3, 4600, 4600));
    Dataset images =
        TestData.samples(
            large,
            64,
            i -> {
              throw new AssertionError("read");
            });
    refused(() -> loader(images, 32))
        .hasMessageMatching(
            "Making batches of 32 samples with 63480000 numbers each needs 3\\.8 GB of memory or"
                + " more, but Java may use [\\d.]+ GB, of which [\\d.]+ [MG]B are free\\. Use a"
                + " smaller batch or smaller samples.*");
    assertThat(loader(images, 1).batches()).isEqualTo(64);
  }

  @Test
  void batchFarLargerThanTheDataset_takesNoMoreMemoryThanTheDataset() {
    Dataset rows = InMemory.rows(new float[] {1, 2, 3}, 1, new int[3], List.of("a"));
    try (Epoch epoch = loader(rows, Integer.MAX_VALUE).epoch(0)) {
      HostBatch batch = epoch.next();
      assertThat(batch.size()).isEqualTo(3);
      assertThat(TestData.inputs(batch)).hasSize(3);
    }
  }

  private static Loader loader(Dataset dataset, int batch) {
    return new Loader(dataset, Loader.Options.inOrder(batch), Normalization.none(), Views.none());
  }

  // ---- CSV

  @Test
  void openQuote_isFoundBeforeTheMemoryIsFull() throws IOException {
    Path file = folder.resolve("train.csv");
    long most = Runtime.getRuntime().maxMemory() / 64;
    try (OutputStream out =
        new GZIPOutputStream(Files.newOutputStream(folder.resolve("t.csv.gz")))) {
      out.write("1,2,a\n3,4,\"".getBytes(java.nio.charset.StandardCharsets.UTF_8));
      byte[] many = new byte[1 << 20];
      java.util.Arrays.fill(many, (byte) 'x');
      for (long written = 0; written <= most + many.length; written += many.length) {
        out.write(many);
      }
    }
    refused(() -> CsvRows.read(folder.resolve("t.csv.gz"), CsvRows.Options.defaults()))
        .hasMessageMatching(
            "The row of \\S+t\\.csv\\.gz behind line 1 has more than \\d+ characters, the most that"
                + " fit into the [\\d.]+ GB of memory that Java may use\\. Close the quote if one is"
                + " open, take another delimiter, or give Java more: JAVA_OPTS=-Xmx\\d+m\\.");
    assertThat(file).doesNotExist();
  }

  @Test
  void rowsInSeveralBlocks_areThoseOfTheFile_withTheFingerprintOfOneArray() throws IOException {
    int rows = 500_000; // of three numbers: more than one block of a million
    StringBuilder text = new StringBuilder();
    float[] values = new float[3 * rows];
    int[] labels = new int[rows];
    for (int row = 0; row < rows; row++) {
      values[3 * row] = row;
      values[3 * row + 2] = -row;
      labels[row] = row % 2;
      text.append(row).append(",0,").append(-row).append(',').append(row % 2).append('\n');
    }
    Path file = Files.writeString(folder.resolve("rows.csv"), text);
    Dataset read = CsvRows.read(file, CsvRows.Options.defaults());
    Dataset whole = InMemory.rows(values, 3, labels, List.of("0", "1"));
    assertThat(read.fingerprint()).isEqualTo(whole.fingerprint());
    for (int index : new int[] {0, 349_524, 349_525, 349_526, rows - 1}) {
      assertThat(read.numbers(index)).containsExactly(index, 0, -index);
    }
  }

  @Test
  void rowsAreCountedByThemselves() throws IOException {
    byte[] rows = "12345,6\n".repeat(20_000).getBytes(java.nio.charset.StandardCharsets.UTF_8);
    CsvParser parser = new CsvParser(folder, new ByteArrayInputStream(rows), ',', 1 << 16);
    int count = 0;
    while (parser.next()) {
      count++;
    }
    assertThat(count).isEqualTo(20_000);
  }

  @Test
  void manyClassesOfOneRowEach_areRefused_andOtherwiseReadInTimeThatGrowsEvenly()
      throws IOException {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 200_000; i++) {
      rows.append(i % 10).append(",").append(i).append('\n');
    }
    Path own = Files.writeString(folder.resolve("own.csv"), rows);
    refused(() -> CsvRows.read(own, CsvRows.Options.defaults()))
        .hasMessage(
            "Each of the 200000 rows of "
                + own
                + " has a class of its own in column 1, so nothing can be learned from one row"
                + " about another. Name the column of the class (data.label).");
    assertThat(CsvRows.read(own, CsvRows.Options.defaults().withLabel("0")).task().width())
        .as("after the advice, with numbers in the other column")
        .isEqualTo(10);
  }
}
