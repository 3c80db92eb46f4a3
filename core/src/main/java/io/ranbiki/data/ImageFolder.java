package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.Colour;
import io.ranbiki.prepare.Image;
import io.ranbiki.prepare.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * PNG and JPEG files in one folder per class: {@code folder/class/name.png}. Classes are the folder
 * names, in Unicode's NFC, in order; an id is the position in the listing sorted by class and file
 * name. Samples are {@code [1 or 3, height, width]}, decoded when asked for; {@link
 * InMemory#copyOf} decodes only once. All images must have one size, which is checked when the
 * folder is opened. Names that start with a dot are left out; any other file is an error, so that
 * no sample is lost in silence.
 */
public final class ImageFolder {

  /** The order that the same files have on every system; two spellings of one name come last. */
  private static final Comparator<Path> BY_NAME =
      Comparator.<Path, String>comparing(path -> ClassNames.nfc(FileNames.of(path)))
          .thenComparing(FileNames::of);

  private ImageFolder() {}

  /**
   * Opens the sub-folder {@code train} or {@code test} of a folder.
   *
   * @throws RanbikiException as {@link #open(Path, Colour)}
   */
  public static Dataset open(Path folder, Part part, Colour colour) {
    return open(folder, part, colour, List.of());
  }

  /**
   * Opens the sub-folder {@code train} or {@code test} of a folder, numbered as in another one.
   *
   * @throws RanbikiException as {@link #open(Path, Colour, List)}
   */
  public static Dataset open(Path folder, Part part, Colour colour, List<String> classNames) {
    Sources.requireFolder(folder);
    return open(folder.resolve(part.toString()), colour, classNames);
  }

  /**
   * Opens a folder with one sub-folder per class, whose names in order are the classes.
   *
   * @throws RanbikiException if a folder is missing or empty, a file is not a PNG or JPEG image,
   *     sizes differ, or two folders have the name of one class
   */
  public static Dataset open(Path folder, Colour colour) {
    return open(folder, colour, List.of());
  }

  /**
   * Opens a folder with one sub-folder per class, numbered as in another folder.
   *
   * @param classNames the classes in the order of their numbers, such as those of the training part
   *     for its test part; some may have no folder here. Empty for the names of the folders
   * @throws RanbikiException if a folder has the name of no class; else as {@link #open(Path,
   *     Colour)}
   */
  public static Dataset open(Path folder, Colour colour, List<String> classNames) {
    Sources.requireFolder(folder);
    List<Path> classes = list(folder);
    if (classes.isEmpty()) {
      throw RanbikiException.configuration(
          "%s has no class folders. Put the images of each class into a folder of its name.",
          folder);
    }
    Map<String, Path> folders = new LinkedHashMap<>();
    for (Path path : classes) {
      if (!Files.isDirectory(path)) {
        throw RanbikiException.configuration(
            "%s lies beside the class folders, where only folders may be. Move the file into the"
                + " folder of its class.",
            path);
      }
      Path other = folders.put(ClassNames.nfc(FileNames.of(path)), path);
      if (other != null) {
        throw RanbikiException.configuration(
            "%s and %s are one name in two spellings of Unicode, so both are folders of one class."
                + " Move the images of one into the other, and remove it.",
            other, path);
      }
    }
    List<String> names =
        classNames.isEmpty() ? List.copyOf(folders.keySet()) : ClassNames.distinct(classNames);
    List<Path> files = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    Map<String, Integer> numbers = ClassNames.numbers(names);
    String otherwise =
        classNames.isEmpty()
            ? "or remove this class from training and test"
            : "or remove the folder";
    folders.forEach(
        (name, path) -> {
          Integer label = numbers.get(name);
          if (label == null) {
            throw RanbikiException.configuration(
                "%s is the folder of a class that training lacks: it has %s. Give training images"
                    + " of this class, too, or remove or rename the folder.",
                path, ClassNames.abridged(names));
          }
          List<Path> images = images(path, otherwise);
          files.addAll(images);
          labels.addAll(Collections.nCopies(images.size(), label));
        });
    return dataset(files, labels.stream().mapToInt(label -> label).toArray(), names, colour);
  }

  /**
   * Opens a folder of images without classes, which has no sub-folders.
   *
   * @throws RanbikiException as {@link #open(Path, Colour)}
   */
  public static Dataset unlabelled(Path folder, Colour colour) {
    Sources.requireFolder(folder);
    list(folder).stream()
        .filter(Files::isDirectory)
        .findFirst()
        .ifPresent(
            inner -> {
              throw RanbikiException.configuration(
                  "%s is a folder, but images without labels lie side by side in one folder. Move"
                      + " its images up into %s.",
                  inner, folder);
            });
    List<Path> files = images(folder, "or name another folder");
    int[] labels = new int[files.size()];
    Arrays.fill(labels, Dataset.UNLABELLED);
    return dataset(files, labels, List.of(), colour);
  }

  private static Dataset dataset(
      List<Path> files, int[] labels, List<String> classNames, Colour colour) {
    Image.Header first = Image.header(files.get(0));
    Images images = new Images(files, colour, first.height(), first.width());
    boolean plain =
        IntStream.range(1, files.size())
                    .parallel()
                    .filter(
                        index -> {
                          Image.Header header = Image.header(files.get(index));
                          images.requireSize(index, header.height(), header.width());
                          return !header.plain();
                        })
                    .count()
                + (first.plain() ? 0 : 1)
            == 0;
    Dataset samples =
        new Samples(
            List.of(InMemory.image(images.shape())),
            new Truth.OfClasses(labels, new Task.Classes(classNames)),
            index -> index,
            images,
            () -> {
              Fingerprint fingerprint = new Fingerprint("image-folder").text(colour.name());
              if (!plain) {
                // Answers to pixels that went through a colour profile must not stand for these.
                fingerprint.text("components of JPEG as stored");
              }
              fingerprint.texts(classNames).ints(labels);
              files.forEach(fingerprint::file);
              return fingerprint.hex();
            },
            () -> {});
    return new Placed(
        samples,
        index -> files.get(index).toString(),
        index -> key(files.get(index), !classNames.isEmpty()));
  }

  /** The file's name, behind that of its class if it has one. */
  private static String key(Path file, boolean inClass) {
    Path name = file.getFileName();
    Path folder = file.toAbsolutePath().getParent();
    return inClass && folder != null ? folder.getFileName() + "/" + name : name.toString();
  }

  /** The files of a dataset, decoded when asked for. */
  private static final class Images implements Samples.Source {

    private final List<Path> files;
    private final Colour colour;
    private final int height;
    private final int width;

    /** The files that the decoder found fault with, and read all the same. */
    private final Set<Integer> damaged = ConcurrentHashMap.newKeySet();

    Images(List<Path> files, Colour colour, int height, int width) {
      this.files = files;
      this.colour = colour;
      this.height = height;
      this.width = width;
    }

    int[] shape() {
      return new int[] {colour.channels(), height, width};
    }

    @Override
    public Row read(int index) {
      Image image = Image.read(files.get(index));
      requireSize(index, image.height(), image.width());
      if (image.isDamaged()) {
        damaged.add(index);
      }
      return InMemory.image(image.bytes(colour), shape());
    }

    @Override
    public List<String> notes() {
      if (damaged.isEmpty()) {
        return List.of();
      }
      return List.of(
          String.format(
              Locale.ROOT,
              "The data of %,d of %,d images are damaged, first of %s; they were read all the same,"
                  + " but may not look as they should.",
              damaged.size(),
              files.size(),
              files.get(Collections.min(damaged))));
    }

    void requireSize(int index, int foundHeight, int foundWidth) {
      if (foundHeight != height || foundWidth != width) {
        throw RanbikiException.configuration(
            "%s is %d x %d pixels large, but %s is %d x %d, and all images must have one size."
                + " Bring them to the same size.",
            files.get(index), foundWidth, foundHeight, files.get(0), width, height);
      }
    }
  }

  private static List<Path> list(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(path -> !path.getFileName().toString().startsWith("."))
          .sorted(BY_NAME)
          .toList();
    } catch (IOException e) {
      throw Sources.unreadable(folder, e);
    }
  }

  private static List<Path> images(Path folder, String otherwise) {
    List<Path> files = list(folder);
    if (files.isEmpty()) {
      throw RanbikiException.configuration(
          "The image folder %s is empty. Put images into it, %s.", folder, otherwise);
    }
    for (Path file : files) {
      String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
      if (!Files.isRegularFile(file)
          || !(name.endsWith(".png") || name.endsWith(".jpg") || name.endsWith(".jpeg"))) {
        throw RanbikiException.configuration(
            "%s is not a file that ends in .png, .jpg or .jpeg. Convert it or move it elsewhere.",
            file);
      }
    }
    return files;
  }
}
