package io.ranbiki.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes small data sets in the format of MNIST. */
final class IdxFiles {

  static final String TRAIN_IMAGES = "train-images-idx3-ubyte";
  static final String TRAIN_LABELS = "train-labels-idx1-ubyte";
  static final String TEST_IMAGES = "t10k-images-idx3-ubyte";
  static final String TEST_LABELS = "t10k-labels-idx1-ubyte";

  private IdxFiles() {}

  /** A folder of 40 training and 20 test images, square, whose labels take turns. */
  static Path write(Path folder, int side, int classes) throws IOException {
    Files.createDirectories(folder);
    Files.write(folder.resolve(TRAIN_IMAGES), images(40, side));
    Files.write(folder.resolve(TRAIN_LABELS), labels(40, classes));
    Files.write(folder.resolve(TEST_IMAGES), images(20, side));
    Files.write(folder.resolve(TEST_LABELS), labels(20, classes));
    return folder;
  }

  static byte[] images(int count, int side) {
    ByteBuffer file = ByteBuffer.allocate(16 + count * side * side);
    file.putInt(0x803).putInt(count).putInt(side).putInt(side);
    while (file.hasRemaining()) {
      file.put((byte) (file.position() * 7));
    }
    return file.array();
  }

  static byte[] labels(int count, int classes) {
    ByteBuffer file = ByteBuffer.allocate(8 + count).putInt(0x801).putInt(count);
    for (int i = 0; i < count; i++) {
      file.put((byte) (i % classes));
    }
    return file.array();
  }
}
