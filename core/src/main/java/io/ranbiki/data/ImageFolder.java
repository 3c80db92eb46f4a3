package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.Colour;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Images in one folder per class: {@code folder/class/name.png}. Classes are the folder names, in
 * Unicode's NFC, in order; an id is the position in the listing sorted by class and file name.
 * Samples are those of {@link ImageFiles}. Names that start with a dot are left out; any other file
 * that is no image is an error, so that no sample is lost in silence.
 */
public final class ImageFolder {

  /** The order that the same files have on every system; two spellings of one name come last. */
  private static final Comparator<Named> BY_NAME =
      Comparator.comparing(Named::name)
          .thenComparing(named -> named.path().getFileName().toString());

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
   * @throws RanbikiException if a folder is missing or empty, a file is no image, or two folders
   *     have the name of one class
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
    return open(folder, classNames, ImageFiles.Options.of(colour));
  }

  static Dataset open(Path folder, List<String> classNames, ImageFiles.Options options) {
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
    return ImageFiles.open(
        files,
        index -> key(files.get(index)),
        labels.stream().mapToInt(label -> label).toArray(),
        names,
        options);
  }

  /**
   * Opens a folder of images without classes, which has no sub-folders.
   *
   * @throws RanbikiException as {@link #open(Path, Colour)}
   */
  public static Dataset unlabelled(Path folder, Colour colour) {
    return unlabelled(folder, ImageFiles.Options.of(colour));
  }

  static Dataset unlabelled(Path folder, ImageFiles.Options options) {
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
    return ImageFiles.open(
        files, index -> files.get(index).getFileName().toString(), labels, List.of(), options);
  }

  /** The file's name behind that of its class. */
  private static String key(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    return (folder == null ? "" : folder.getFileName() + "/") + file.getFileName();
  }

  /** A name that was brought into NFC once, since a folder may have a hundred thousand. */
  private record Named(String name, Path path) {}

  private static List<Path> list(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(path -> !path.getFileName().toString().startsWith("."))
          .map(path -> new Named(ClassNames.nfc(FileNames.of(path)), path))
          .sorted(BY_NAME)
          .map(Named::path)
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
    return files;
  }
}
