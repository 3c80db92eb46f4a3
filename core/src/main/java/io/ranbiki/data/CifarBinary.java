package io.ranbiki.data;

import io.ranbiki.Memory;
import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import io.ranbiki.prepare.Row;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * The binary files of CIFAR-10 and CIFAR-100: records of one or two label bytes and 3072 bytes of
 * pixels, channel by channel. Samples are {@code [3, 32, 32]} and are read from disk when asked
 * for. An id is the position in the files, counted on from file to file.
 *
 * <p>Source: Krizhevsky, "Learning multiple layers of features from tiny images", 2009, the layout
 * of its "binary version".
 */
public final class CifarBinary {

  private static final int[] SHAPE = {3, 32, 32};
  private static final int PIXELS = 3 * 32 * 32;
  private static final int LARGEST_NAMES = 1 << 20;

  private CifarBinary() {}

  /** What the label bytes of a record are, and which of them is used. */
  public enum Layout {
    /** One label byte, 10 classes. */
    CIFAR10(1, 0, 10, "batches.meta.txt"),
    /** Coarse and fine label; the fine one is used, 100 classes. */
    CIFAR100_FINE(2, 1, 100, "fine_label_names.txt"),
    /** Coarse and fine label; the coarse one is used, 20 classes. */
    CIFAR100_COARSE(2, 0, 20, "coarse_label_names.txt");

    private final int labelBytes;
    private final int used;
    private final int classes;
    private final String names;

    Layout(int labelBytes, int used, int classes, String names) {
      this.labelBytes = labelBytes;
      this.used = used;
      this.classes = classes;
      this.names = names;
    }

    private int recordBytes() {
      return labelBytes + PIXELS;
    }
  }

  /**
   * Opens one part of a folder as it is published: {@code data_batch_1.bin} to {@code
   * data_batch_5.bin} and {@code test_batch.bin} for CIFAR-10, {@code train.bin} and {@code
   * test.bin} for CIFAR-100. Class names are taken from the text file beside them, if it is there.
   *
   * @throws RanbikiException if a file is missing or damaged
   */
  public static Dataset folder(Path folder, Part part, Layout layout) {
    Sources.requireFolder(folder);
    List<Path> files;
    if (layout != Layout.CIFAR10) {
      files = List.of(folder.resolve(part + ".bin"));
    } else if (part == Part.TEST) {
      files = List.of(folder.resolve("test_batch.bin"));
    } else {
      files =
          IntStream.rangeClosed(1, 5)
              .mapToObj(number -> folder.resolve("data_batch_" + number + ".bin"))
              .toList();
    }
    requireBinary(folder, layout, files.get(0));
    return open(files, layout, classNames(folder, layout));
  }

  /** The data are published in a version for Python, too, and in a folder within the archive. */
  private static void requireBinary(Path folder, Layout layout, Path first) {
    if (Files.exists(first)) {
      return;
    }
    String name = first.getFileName().toString();
    for (String inner : List.of("cifar-10-batches-bin", "cifar-100-binary")) {
      if (Files.exists(folder.resolve(inner).resolve(name))) {
        throw RanbikiException.configuration(
            "%s does not exist, but %s does. Name the folder %s.",
            first, folder.resolve(inner).resolve(name), folder.resolve(inner));
      }
    }
    String other = layout == Layout.CIFAR10 ? "train.bin" : "data_batch_1.bin";
    if (Files.exists(folder.resolve(other))) {
      throw RanbikiException.configuration(
          "%s does not exist, but %s does, which is another format. Say format: %s.",
          first, folder.resolve(other), layout == Layout.CIFAR10 ? "cifar100" : "cifar10");
    }
    if (Files.isRegularFile(folder.resolve("data_batch_1"))
        || Files.isRegularFile(folder.resolve("train"))
        || Files.isDirectory(folder.resolve("cifar-10-batches-py"))
        || Files.isDirectory(folder.resolve("cifar-100-python"))) {
      throw RanbikiException.configuration(
          "%s does not exist; what lies in %s is the version for Python. Fetch the binary version,"
              + " cifar-10-binary.tar.gz or cifar-100-binary.tar.gz.",
          first, folder);
    }
  }

  /**
   * Opens files one after the other; classes are named by their numbers.
   *
   * @throws RanbikiException if a file is missing or damaged
   */
  public static Dataset open(List<Path> files, Layout layout) {
    return open(files, layout, numbers(layout));
  }

  private static Dataset open(List<Path> files, Layout layout, List<String> classNames) {
    if (files.isEmpty()) {
      throw RanbikiException.configuration("A CIFAR data set needs at least one file. Name one.");
    }
    Store store = new Store(layout);
    try {
      for (Path file : files) {
        store.add(file);
      }
      Dataset samples =
          new Samples(
              List.of(InMemory.image(SHAPE)),
              new Truth.OfClasses(store.labels(), new Task.Classes(classNames)),
              index -> index,
              store,
              () -> store.fingerprint(classNames),
              store::close);
      return new Placed(samples, store::place);
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
  }

  private static List<String> numbers(Layout layout) {
    return IntStream.range(0, layout.classes).mapToObj(Integer::toString).toList();
  }

  private static List<String> classNames(Path folder, Layout layout) {
    Path file = folder.resolve(layout.names);
    if (!Files.isRegularFile(file)) {
      return numbers(layout);
    }
    try {
      if (Files.size(file) > LARGEST_NAMES) {
        throw RanbikiException.configuration(
            "%s has %d bytes, too many for the names of %d classes. Correct or remove the file.",
            file, Files.size(file), layout.classes);
      }
      List<String> names =
          Files.readAllLines(file).stream().map(String::strip).filter(n -> !n.isEmpty()).toList();
      if (names.size() != layout.classes) {
        throw RanbikiException.configuration(
            "%s names %d classes, but %s has %d. Correct or remove the file.",
            file, names.size(), layout, layout.classes);
      }
      return ClassNames.distinct(names);
    } catch (IOException e) {
      throw Sources.unreadable(file, e);
    }
  }

  /** The open files; positional reads of a channel need no lock. */
  private static final class Store implements Samples.Source {
    private final Layout layout;
    private final List<Path> files = new ArrayList<>();
    private final List<FileChannel> channels = new ArrayList<>();

    /** The first index of each file, and behind them the size of all. */
    private final List<Integer> starts = new ArrayList<>(List.of(0));

    Store(Layout layout) {
      this.layout = layout;
    }

    void add(Path file) {
      Sources.requireFile(file);
      try {
        FileChannel channel = FileChannel.open(file);
        channels.add(channel);
        files.add(file);
        long size = channel.size();
        int record = layout.recordBytes();
        if (size == 0 || size % record != 0) {
          throw RanbikiException.configuration(
              "%s has %d bytes, but a file in the layout %s has a multiple of %d, at least one."
                  + " %s",
              file, size, layout, record, advice(size));
        }
        long samples = starts.get(starts.size() - 1) + size / record;
        if (samples > InMemory.LARGEST_ARRAY) {
          throw RanbikiException.configuration(
              "%s has %d bytes, which makes %d samples with the files before it, but a data set"
                  + " may have %d. Leave some out.",
              file, size, samples, InMemory.LARGEST_ARRAY);
        }
        starts.add((int) samples);
      } catch (IOException e) {
        throw Sources.unreadable(file, e);
      }
    }

    private String advice(long size) {
      Layout other = layout.labelBytes == 1 ? Layout.CIFAR100_FINE : Layout.CIFAR10;
      return size > 0 && size % other.recordBytes() == 0
          ? String.format(
              Locale.ROOT,
              "It fits %s: choose that format.",
              other == Layout.CIFAR10 ? "cifar10" : "cifar100")
          : "Fetch it again.";
    }

    int[] labels() {
      int samples = starts.get(starts.size() - 1);
      Memory.requireHeap(
          Kind.CONFIGURATION,
          (double) Integer.BYTES * samples,
          "Holding the labels of " + samples + " samples of " + files,
          "Use fewer samples");
      int[] labels = new int[samples];
      ByteBuffer label = ByteBuffer.allocate(1);
      for (int index = 0; index < labels.length; index++) {
        read(index, layout.used, label.clear());
        labels[index] = label.get(0) & 0xff;
        if (labels[index] >= layout.classes) {
          throw RanbikiException.configuration(
              "The label of record %d of %s is %d, but the layout %s has 0 to %d. Check the layout"
                  + " or fetch the file again.",
              index - starts.get(fileOf(index)),
              files.get(fileOf(index)),
              labels[index],
              layout,
              layout.classes - 1);
        }
      }
      return labels;
    }

    @Override
    public Row read(int index) {
      ByteBuffer pixels = ByteBuffer.allocate(PIXELS);
      read(index, layout.labelBytes, pixels);
      return InMemory.image(pixels.array(), SHAPE);
    }

    private void read(int index, int skip, ByteBuffer target) {
      int file = fileOf(index);
      long position = (long) (index - starts.get(file)) * layout.recordBytes() + skip;
      try {
        while (target.hasRemaining()) {
          if (channels.get(file).read(target, position + target.position()) < 0) {
            throw RanbikiException.io(
                "%s became shorter while it was in use. Restore it and start again.",
                files.get(file));
          }
        }
      } catch (IOException e) {
        throw Sources.unreadable(files.get(file), e);
      }
    }

    String place(int index) {
      int file = fileOf(index);
      return String.format(
          Locale.ROOT, "record %d of %s", index - starts.get(file), files.get(file));
    }

    private int fileOf(int index) {
      int file = 0;
      while (index >= starts.get(file + 1)) {
        file++;
      }
      return file;
    }

    String fingerprint(List<String> classNames) {
      Fingerprint fingerprint = new Fingerprint(layout.name()).texts(classNames);
      files.forEach(fingerprint::file);
      return fingerprint.hex();
    }

    void close() {
      for (FileChannel channel : channels) {
        try {
          channel.close();
        } catch (IOException e) {
          // It was only read: nothing is lost.
        }
      }
    }
  }
}
