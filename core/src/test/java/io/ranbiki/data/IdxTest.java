package io.ranbiki.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.RanbikiException.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxTest {

  @TempDir Path folder;

  private static byte[] images(int count, int height, int width) {
    ByteBuffer file = ByteBuffer.allocate(16 + count * height * width);
    file.putInt(0x803).putInt(count).putInt(height).putInt(width);
    while (file.hasRemaining()) {
      file.put((byte) (file.position() * 7));
    }
    return file.array();
  }

  private static byte[] labels(int... labels) {
    ByteBuffer file = ByteBuffer.allocate(8 + labels.length).putInt(0x801).putInt(labels.length);
    for (int label : labels) {
      file.put((byte) label);
    }
    return file.array();
  }

  static byte[] packed(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  private Path write(String name, byte[] bytes) throws IOException {
    return Files.write(folder.resolve(name), bytes);
  }

  private Path goodImages() throws IOException {
    return write("images", images(3, 2, 4));
  }

  private Path goodLabels() throws IOException {
    return write("labels", labels(0, 2, 1));
  }

  @Test
  void plainFiles_giveImagesScaledToOne() throws IOException {
    Dataset data = Idx.open(goodImages(), goodLabels(), 3);

    assertThat(data.size()).isEqualTo(3);
    assertThat(data.shape()).containsExactly(1, 2, 4);
    assertThat(data.task().names()).containsExactly("0", "1", "2");
    assertThat(data.stratum(1)).isEqualTo(2);
    assertThat(data.id(2)).isEqualTo(2);
    float[] image = data.numbers(1);
    // The first byte of image 1 is byte 24 of the file.
    assertThat(image[0]).isEqualTo((24 * 7 & 0xff) / 255f);
    assertThat(image[7]).isEqualTo((31 * 7 & 0xff) / 255f);
  }

  @Test
  void packedFiles_giveTheSameDataset() throws IOException {
    Dataset plain = Idx.open(goodImages(), goodLabels(), 3);
    Dataset packed =
        Idx.open(
            write("images.gz", packed(images(3, 2, 4))),
            write("labels.gz", packed(labels(0, 2, 1))),
            3);
    assertThat(packed.fingerprint()).isEqualTo(plain.fingerprint()).hasSize(64);
  }

  @Test
  void folder_takesTheNumberOfClassesFromTheTrainingLabels() throws IOException {
    write("train-images-idx3-ubyte", images(3, 2, 2));
    write("train-labels-idx1-ubyte.gz", packed(labels(0, 4, 1)));
    write("t10k-images-idx3-ubyte", images(2, 2, 2));
    write("t10k-labels-idx1-ubyte", labels(1, 0));

    assertThat(Idx.folder(folder, Part.TRAIN).task().width()).isEqualTo(5);
    assertThat(Idx.folder(folder, Part.TEST).task().width()).isEqualTo(5);
    assertThat(Idx.folder(folder, Part.TEST).size()).isEqualTo(2);
  }

  @Test
  void plainAndPackedFile_mustHoldTheSame() throws IOException {
    write("train-images-idx3-ubyte", images(3, 2, 4));
    write("train-labels-idx1-ubyte", labels(0, 2, 1));
    Path packed = write("train-labels-idx1-ubyte.gz", packed(labels(0, 2, 1)));
    assertThat(Idx.folder(folder, Part.TRAIN).size()).isEqualTo(3);
    Files.write(packed, packed(labels(0, 2, 2)));
    Refusal.ofConfiguration(
        () -> Idx.folder(folder, Part.TRAIN),
        folder.resolve("train-labels-idx1-ubyte")
            + " and "
            + packed
            + " hold different data. Remove the one that is out of date.");
    Files.write(packed, new byte[] {1, 2, 3});
    Refusal.ofConfiguration(
        () -> Idx.folder(folder, Part.TRAIN),
        packed + " is truncated or damaged and cannot be unpacked. Fetch it again.");
    Files.delete(packed);
    assertThat(Idx.folder(folder, Part.TRAIN).size()).isEqualTo(3);
  }

  @Test
  void testLabelThatTrainingLacks_isRefused() throws IOException {
    write("train-images-idx3-ubyte", images(2, 2, 4));
    write("train-labels-idx1-ubyte", labels(0, 1));
    write("t10k-images-idx3-ubyte", images(2, 2, 4));
    write("t10k-labels-idx1-ubyte", labels(0, 2));
    Refusal.ofConfiguration(
        () -> Idx.folder(folder, Part.TEST),
        "Label 1 of "
            + folder.resolve("t10k-labels-idx1-ubyte")
            + " is 2, but there are 2 classes, so it must be 0 to 1. Give training samples of this"
            + " class, too, or remove those of the test.");
  }

  @Test
  void missingFile_isNamed() {
    Refusal.ofConfiguration(
        () -> Idx.open(folder.resolve("nothing"), goodLabels(), 3),
        "The data file " + folder.resolve("nothing") + " does not exist. Check the path.");
    Refusal.ofConfiguration(
        () -> Idx.folder(folder, Part.TRAIN),
        "has neither train-labels-idx1-ubyte nor train-labels-idx1-ubyte.gz");
    Refusal.ofConfiguration(
        () -> Idx.folder(folder.resolve("nowhere"), Part.TRAIN),
        "The data folder " + folder.resolve("nowhere") + " does not exist.");
  }

  @Test
  void emptyFile_isRefused() {
    Refusal.ofConfiguration(
        () -> Idx.open(write("empty", new byte[0]), goodLabels(), 3),
        "empty ends after 0 bytes, inside its header of 16 bytes. Fetch it again.");
    Refusal.ofConfiguration(
        () -> Idx.open(write("empty.gz", new byte[0]), goodLabels(), 3),
        "empty.gz is truncated or damaged and cannot be unpacked. Fetch it again.");
  }

  @Test
  void swappedFiles_areRecognized() {
    Refusal.ofConfiguration(
        () -> Idx.open(goodLabels(), goodImages(), 3),
        "starts with 0x00000801, but an IDX file of images starts with 0x00000803."
            + " Images and labels seem to be swapped.");
  }

  @Test
  void packedFileUnderAPlainName_isRecognized() {
    Refusal.ofConfiguration(
        () -> Idx.open(write("images", packed(images(3, 2, 4))), goodLabels(), 3),
        "It is packed: let its name end in .gz.");
  }

  @Test
  void truncatedFile_saysWhatIsMissing() throws IOException {
    byte[] whole = images(3, 2, 4);
    Refusal.ofConfiguration(
        () -> Idx.open(write("short", Arrays.copyOf(whole, 30)), goodLabels(), 3),
        "short is truncated: its header promises 24 bytes, but 14 follow. Fetch it again.");
    byte[] packed = packed(whole);
    Refusal.ofConfiguration(
        () -> Idx.open(write("short.gz", Arrays.copyOf(packed, 30)), goodLabels(), 3),
        "short.gz is truncated or damaged");
  }

  @Test
  void filesThatAreCutAnywhere_areNamed() throws IOException {
    Path images = goodImages();
    Path labels = goodLabels();
    for (String name : List.of("images", "labels", "images.gz", "labels.gz")) {
      byte[] plain = Files.readAllBytes(name.startsWith("images") ? images : labels);
      byte[] whole = name.endsWith(".gz") ? packed(plain) : plain;
      for (int length = 0; length < whole.length; length++) {
        Path cut = write("cut-" + name, Arrays.copyOf(whole, length));
        Refusal.ofConfiguration(
            () ->
                Idx.open(
                    name.startsWith("images") ? cut : images,
                    name.startsWith("labels") ? cut : labels,
                    3),
            cut + " ");
      }
    }
  }

  @Test
  void trailingBytes_areRefused() throws IOException {
    byte[] whole = images(3, 2, 4);
    Refusal.ofConfiguration(
        () -> Idx.open(write("long", Arrays.copyOf(whole, 41)), goodLabels(), 3),
        "long goes on after the 24 bytes that its header promises. Fetch it again.");
  }

  @Test
  void differentCounts_areRefused() throws IOException {
    Path labels = write("labels", labels(0, 1));
    Refusal.ofConfiguration(
        () -> Idx.open(goodImages(), labels, 3),
        "images holds 3 images, but " + labels + " holds 2 labels");
  }

  @Test
  void labelOutOfRange_isRefused() {
    Refusal.ofConfiguration(
        () -> Idx.open(goodImages(), goodLabels(), 2),
        "Label 1 of " + folder.resolve("labels") + " is 2, but there are 2 classes",
        "it must be 0 to 1");
  }

  @Test
  void headerWithImpossibleSizes_isRefusedWithoutAllocating() {
    ByteBuffer huge = ByteBuffer.allocate(20);
    huge.putInt(0x803).putInt(60_000).putInt(Integer.MAX_VALUE).putInt(28);
    Refusal.ofConfiguration(
        () -> Idx.open(write("huge", huge.array()), goodLabels(), 3),
        "gives 2147483647 as size 2 of 3");
    ByteBuffer large = ByteBuffer.allocate(20);
    large.putInt(0x803).putInt(2_000_000).putInt(32).putInt(32);
    Refusal.ofConfiguration(
        () -> Idx.open(write("large", large.array()), goodLabels(), 3),
        "its header promises 2048000000 bytes, but 4 follow");
    Refusal.ofConfiguration(
        () -> Idx.open(write("none", images(0, 2, 2)), goodLabels(), 3), "gives 0 as size 1 of 3");
  }

  @Test
  void folderInPlaceOfFile_isRefused() {
    Refusal.of(
        () -> Idx.open(folder, goodLabels(), 3),
        Kind.CONFIGURATION,
        "must be a file, but is not. Check the path.");
  }

  @Test
  void damagedFiles_areRefused() throws IOException {
    Path labels = goodLabels();
    byte[] whole = images(3, 9, 9);
    int plain =
        Damage.refusals(
            whole, folder.resolve("damaged"), 400, 1, file -> Idx.open(file, labels, 3));
    int packed =
        Damage.refusals(
            packed(whole), folder.resolve("d.gz"), 400, 2, file -> Idx.open(file, labels, 3));
    Path images = goodImages();
    int ofLabels =
        Damage.refusals(
            labels(0, 2, 1), folder.resolve("l"), 200, 5, file -> Idx.open(images, file, 3));
    assertThat(ofLabels).isGreaterThan(60);
    assertThat(plain).isGreaterThan(130);
    assertThat(packed).isGreaterThan(130);
  }
}
