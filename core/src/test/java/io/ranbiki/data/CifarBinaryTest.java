package io.ranbiki.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.RanbikiException.Kind;
import io.ranbiki.data.CifarBinary.Layout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CifarBinaryTest {

  @TempDir Path folder;

  /** Records whose pixels all have one value in each plane: start, start + 1, start + 2. */
  private Path write(String name, int labelBytes, int... labelsAndStart) throws IOException {
    int records = labelsAndStart.length / (labelBytes + 1);
    ByteBuffer file = ByteBuffer.allocate(records * (labelBytes + 3072));
    for (int record = 0; record < records; record++) {
      int at = record * (labelBytes + 1);
      for (int i = 0; i < labelBytes; i++) {
        file.put((byte) labelsAndStart[at + i]);
      }
      for (int i = 0; i < 3072; i++) {
        file.put((byte) (labelsAndStart[at + labelBytes] + i / 1024));
      }
    }
    return Files.write(folder.resolve(name), file.array());
  }

  @Test
  void cifar100_usesTheFineLabelAndTheNamesBesideIt() throws IOException {
    write("train.bin", 2, 3, 42, 10, 19, 99, 20);
    Files.writeString(
        folder.resolve("fine_label_names.txt"),
        IntStream.range(0, 100).mapToObj(i -> "name" + i).collect(Collectors.joining("\n")));

    try (Dataset fine = CifarBinary.folder(folder, Part.TRAIN, Layout.CIFAR100_FINE);
        Dataset coarse = CifarBinary.folder(folder, Part.TRAIN, Layout.CIFAR100_COARSE)) {
      assertThat(fine.size()).isEqualTo(2);
      assertThat(fine.shape()).containsExactly(3, 32, 32);
      assertThat(fine.stratum(0)).isEqualTo(42);
      assertThat(fine.task().names().get(42)).isEqualTo("name42");
      assertThat(coarse.stratum(1)).isEqualTo(19);
      assertThat(coarse.task().width()).isEqualTo(20);
      float[] sample = fine.numbers(1);
      assertThat(sample[0]).isEqualTo(20 / 255f);
      assertThat(sample[1024]).isEqualTo(21 / 255f);
      assertThat(sample[3071]).isEqualTo(22 / 255f);
      assertThat(fine.fingerprint()).isNotEqualTo(coarse.fingerprint());
    }
  }

  @Test
  void cifar10_joinsFiveFilesWithRunningIds() throws IOException {
    for (int i = 1; i <= 5; i++) {
      write("data_batch_" + i + ".bin", 1, i, 10 * i, i + 1, 10 * i);
    }
    try (Dataset data = CifarBinary.folder(folder, Part.TRAIN, Layout.CIFAR10)) {
      assertThat(data.size()).isEqualTo(10);
      assertThat(data.id(7)).isEqualTo(7);
      assertThat(data.stratum(7)).isEqualTo(5);
      assertThat(data.numbers(7)[0]).isEqualTo(40 / 255f);
    }
  }

  @Test
  void wrongSize_isRefused() throws IOException {
    Path file = Files.write(folder.resolve("test.bin"), new byte[3073]);
    Refusal.ofConfiguration(
        () -> CifarBinary.folder(folder, Part.TEST, Layout.CIFAR100_FINE),
        file + " has 3073 bytes, but a file in the layout CIFAR100_FINE has a multiple of 3074");
    Files.write(file, new byte[0]);
    Refusal.ofConfiguration(
        () -> CifarBinary.folder(folder, Part.TEST, Layout.CIFAR100_FINE), "has 0 bytes");
  }

  /** Whole records that are cut off cannot be told from a file that never had them. */
  @Test
  void filesThatAreCutWithinARecord_areNamed() throws IOException {
    Path file = write("a.bin", 1, 9, 0, 1, 7);
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0;
        length < whole.length;
        length += length < 9 || length > 3060 && length < 3090 ? 1 : 97) {
      Files.write(file, Arrays.copyOf(whole, length));
      if (length != 3073) {
        Refusal.ofConfiguration(
            () -> CifarBinary.open(List.of(file), Layout.CIFAR10),
            file + " has " + length + " bytes");
      }
    }
  }

  @Test
  void labelOutOfRange_isRefused() throws IOException {
    Path file = write("a.bin", 1, 9, 0, 10, 0);
    Refusal.ofConfiguration(
        () -> CifarBinary.open(List.of(file), Layout.CIFAR10),
        "The label of record 1 of " + file + " is 10, but the layout CIFAR10 has 0 to 9.");
  }

  @Test
  void missingFile_isNamed() {
    Refusal.ofConfiguration(
        () -> CifarBinary.folder(folder, Part.TEST, Layout.CIFAR10),
        "The data file " + folder.resolve("test_batch.bin") + " does not exist.");
  }

  @Test
  void otherVersions_areRecognised() throws IOException {
    Files.write(folder.resolve("data_batch_1"), new byte[] {1});
    Refusal.ofConfiguration(
        () -> CifarBinary.folder(folder, Part.TRAIN, Layout.CIFAR10),
        folder.resolve("data_batch_1.bin")
            + " does not exist; what lies in "
            + folder
            + " is the version for Python. Fetch the binary version, cifar-10-binary.tar.gz or"
            + " cifar-100-binary.tar.gz.");
    Path inner = Files.createDirectory(folder.resolve("cifar-100-binary"));
    Path file = write("cifar-100-binary/train.bin", 2, 3, 42, 10);
    Refusal.ofConfiguration(
        () -> CifarBinary.folder(folder, Part.TRAIN, Layout.CIFAR100_FINE),
        folder.resolve("train.bin")
            + " does not exist, but "
            + file
            + " does. Name the folder "
            + inner
            + ".");
    CifarBinary.folder(inner, Part.TRAIN, Layout.CIFAR100_FINE).close();
    Files.move(file, inner.resolve("test_batch.bin"));
    Refusal.ofConfiguration(
        () -> CifarBinary.folder(inner, Part.TEST, Layout.CIFAR10),
        "It fits cifar100: choose that format.");
  }

  @Test
  void filesOfTheOtherFormat_areNamed_alsoInTheVersionForPython() throws IOException {
    Path ten = write("data_batch_1.bin", 1, 3, 9);
    Refusal.ofConfiguration(
        () -> CifarBinary.folder(folder, Part.TRAIN, Layout.CIFAR100_FINE),
        folder.resolve("train.bin")
            + " does not exist, but "
            + ten
            + " does, which is another format. Say format: cifar10.");
    Path hundred = Files.move(ten, folder.resolve("train.bin"));
    Refusal.ofConfiguration(
        () -> CifarBinary.folder(folder, Part.TRAIN, Layout.CIFAR10),
        folder.resolve("data_batch_1.bin")
            + " does not exist, but "
            + hundred
            + " does, which is another format. Say format: cifar100.");
    Files.move(hundred, folder.resolve("data_batch_1"));
    Refusal.ofConfiguration(
        () -> CifarBinary.folder(folder, Part.TRAIN, Layout.CIFAR100_FINE),
        " is the version for Python. Fetch the binary version");
  }

  @Test
  void wrongNumberOfNames_isRefused() throws IOException {
    write("test.bin", 2, 0, 0, 0);
    Files.writeString(folder.resolve("coarse_label_names.txt"), "one\ntwo\n");
    Refusal.ofConfiguration(
        () -> CifarBinary.folder(folder, Part.TEST, Layout.CIFAR100_COARSE),
        "names 2 classes, but CIFAR100_COARSE has 20. Correct or remove the file.");
  }

  @Test
  void fileThatShrinksWhileInUse_isAnIoFailure() throws IOException {
    Path file = write("a.bin", 1, 9, 0, 8, 0);
    try (Dataset data = CifarBinary.open(List.of(file), Layout.CIFAR10)) {
      Files.write(file, new byte[10]);
      Refusal.of(
          () -> data.read(1),
          Kind.IO,
          file + " became shorter while it was in use. Restore it and start again.");
    }
  }
}
