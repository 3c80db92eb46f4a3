package io.ranbiki.data;

import io.ranbiki.Memory;
import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The files of MNIST, Fashion-MNIST and their kin: grey images of unsigned bytes in one IDX file,
 * labels in another, plain or packed by gzip. Samples are {@code [1, height, width]}, held in
 * memory; an id is the position in the file.
 *
 * <p>Source: "The MNIST database of handwritten digits", LeCun, Cortes, Burges, section "File
 * formats".
 */
public final class Idx {

  private static final String TRAIN_IMAGES = "train-images-idx3-ubyte";
  private static final String TRAIN_LABELS = "train-labels-idx1-ubyte";
  private static final int IMAGES = 0x0803;
  private static final int LABELS = 0x0801;

  /** Deflate packs at most 1032 to 1; a header that promises more cannot be true. */
  private static final long LARGEST_RATIO = 1040;

  private Idx() {}

  /**
   * Opens one part of a folder that holds {@code train-images-idx3-ubyte}, {@code
   * train-labels-idx1-ubyte}, {@code t10k-images-idx3-ubyte} and {@code t10k-labels-idx1-ubyte},
   * each plain or with {@code .gz}; where both are there, they must hold the same. There are as
   * many classes as the largest training label says.
   *
   * @throws RanbikiException if a file is missing, damaged, or does not fit the others
   */
  public static Dataset folder(Path folder, Part part) {
    Sources.requireFolder(folder);
    Path trainLabels = find(folder, TRAIN_LABELS);
    int classes = 0;
    for (byte label : read(trainLabels, LABELS).content()) {
      classes = Math.max(classes, (label & 0xff) + 1);
    }
    return part == Part.TRAIN
        ? open(find(folder, TRAIN_IMAGES), trainLabels, classes)
        : open(
            find(folder, "t10k-images-idx3-ubyte"),
            find(folder, "t10k-labels-idx1-ubyte"),
            classes,
            "Give training samples of this class, too, or remove those of the test");
  }

  /**
   * Opens an image file and its label file.
   *
   * @param classes the number of classes, 1 to 256; every label must be below it
   * @throws RanbikiException if a file is missing, damaged, or does not fit the other
   */
  public static Dataset open(Path images, Path labels, int classes) {
    return open(images, labels, classes, "Correct the number of classes or the file");
  }

  private static Dataset open(Path images, Path labels, int classes, String advice) {
    if (classes < 1 || classes > 256) {
      throw RanbikiException.configuration(
          "The number of classes is %d, but an IDX label file has 1 to 256. Correct the number.",
          classes);
    }
    Content pictures = read(images, IMAGES);
    Content answers = read(labels, LABELS);
    if (pictures.sizes()[0] != answers.sizes()[0]) {
      throw RanbikiException.configuration(
          "%s holds %d images, but %s holds %d labels; there must be one label for each image."
              + " Take both files from the same part of the data set.",
          images, pictures.sizes()[0], labels, answers.sizes()[0]);
    }
    int[] numbers = new int[answers.content().length];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = answers.content()[i] & 0xff;
      if (numbers[i] >= classes) {
        throw RanbikiException.configuration(
            "Label %d of %s is %d, but there are %d classes, so it must be 0 to %d. %s.",
            i, labels, numbers[i], classes, classes - 1, advice);
      }
    }
    List<String> names = IntStream.range(0, classes).mapToObj(Integer::toString).toList();
    int[] shape = {1, pictures.sizes()[1], pictures.sizes()[2]};
    return placed(InMemory.images(pictures.content(), shape, numbers, names), images);
  }

  /**
   * Opens the images of a folder that holds {@code train-images-idx3-ubyte}, plain or with {@code
   * .gz}, without labels, whether there are any or not.
   *
   * @throws RanbikiException if the file is missing or damaged
   */
  public static Dataset unlabelled(Path folder) {
    Sources.requireFolder(folder);
    Path file =
        existing(folder, TRAIN_IMAGES)
            .orElseThrow(
                () ->
                    RanbikiException.configuration(
                        "The folder %s has neither %s nor %s.gz. Put the images without labels"
                            + " there under this name.",
                        folder, TRAIN_IMAGES, TRAIN_IMAGES));
    Content pictures = read(file, IMAGES);
    int[] labels = new int[pictures.sizes()[0]];
    Arrays.fill(labels, Dataset.UNLABELLED);
    int[] shape = {1, pictures.sizes()[1], pictures.sizes()[2]};
    return placed(InMemory.images(pictures.content(), shape, labels, List.of()), file);
  }

  private static Dataset placed(Dataset samples, Path file) {
    return new Placed(samples, index -> String.format(Locale.ROOT, "image %d of %s", index, file));
  }

  /** The file with the labels of the training images in a folder, if there is one. */
  public static Optional<Path> trainLabels(Path folder) {
    return existing(folder, TRAIN_LABELS);
  }

  private static Path find(Path folder, String name) {
    return existing(folder, name)
        .orElseThrow(
            () ->
                RanbikiException.configuration(
                    "The folder %s has neither %s nor %s.gz. Put the four files of the data set"
                        + " there under their usual names.",
                    folder, name, name));
  }

  private static Optional<Path> existing(Path folder, String name) {
    return Sources.plainOrPacked(folder.resolve(name));
  }

  private record Content(int[] sizes, byte[] content) {}

  private static Content read(Path file, int magic) {
    Sources.requireFile(file);
    try (InputStream in = Sources.open(file)) {
      int dimensions = magic & 0xff;
      byte[] start = in.readNBytes(4);
      int found = start.length == 4 ? ByteBuffer.wrap(start).getInt() : magic;
      if (found != magic) {
        throw RanbikiException.configuration(
            "%s starts with 0x%08x, but an IDX file of %s starts with 0x%08x. %s",
            file, found, magic == IMAGES ? "images" : "labels", magic, advice(found));
      }
      byte[] header = in.readNBytes(4 * dimensions);
      if (header.length < 4 * dimensions) {
        throw RanbikiException.configuration(
            "%s ends after %d bytes, inside its header of %d bytes. Fetch it again.",
            file, start.length + header.length, 4 + 4 * dimensions);
      }
      ByteBuffer numbers = ByteBuffer.wrap(header);
      int[] sizes = new int[dimensions];
      long expected = 1;
      for (int i = 0; i < dimensions; i++) {
        sizes[i] = numbers.getInt();
        if (sizes[i] < 1 || expected * sizes[i] > InMemory.LARGEST_ARRAY) {
          throw RanbikiException.configuration(
              "The header of %s gives %d as size %d of %d, but sizes must be 1 or more and their"
                  + " product at most %d. Fetch the file again.",
              file, sizes[i], i + 1, dimensions, InMemory.LARGEST_ARRAY);
        }
        expected *= sizes[i];
      }
      long available = Files.size(file) * (Sources.compressed(file) ? LARGEST_RATIO : 1);
      // Nothing is allocated on the word of a header that the file's size proves wrong.
      int length = (int) Math.min(expected, available);
      Memory.requireHeap(
          Kind.CONFIGURATION,
          magic == IMAGES ? length : (1.0 + Integer.BYTES) * length,
          "Holding " + file + ", which has " + Arrays.toString(sizes) + " bytes,",
          "Use fewer or smaller samples");
      byte[] content = new byte[length];
      int read = in.readNBytes(content, 0, length);
      if (read < expected) {
        throw RanbikiException.configuration(
            "%s is truncated: its header promises %d bytes, but %d follow. Fetch it again.",
            file, expected, read);
      }
      if (in.read() >= 0) {
        throw RanbikiException.configuration(
            "%s goes on after the %d bytes that its header promises. Fetch it again.",
            file, expected);
      }
      return new Content(sizes, content);
    } catch (IOException e) {
      throw Sources.unreadable(file, e);
    }
  }

  private static String advice(int found) {
    if (found == IMAGES || found == LABELS) {
      return "Images and labels seem to be swapped.";
    }
    return found >>> 16 == 0x1f8b
        ? "It is packed: let its name end in .gz."
        : "Check that it is the right file.";
  }
}
