package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.stream.Stream;

/**
 * Texts in UTF-8 files that end in {@code .txt}, a text in each, in one folder per class. Classes
 * are the folder names, in Unicode's NFC, in order; an id is the position in the listing sorted by
 * class and file name. Names that start with a dot are left out; any other file is an error, so
 * that no sample is lost in silence.
 */
final class TextFolder {

  private static final String ENDING = ".txt";

  /** Where the texts are. */
  enum Keeping {
    /** All are read at once. */
    MEMORY,
    /** Each is read whenever it is asked for. */
    FILES
  }

  private TextFolder() {}

  /**
   * Opens a folder with one folder per class.
   *
   * @param classNames the classes in the order of their numbers; empty for the names of the folders
   * @param keeping where the texts are
   * @throws RanbikiException if a folder is missing, empty or of no class, or a file is no such
   *     text
   */
  static Dataset open(Path folder, List<String> classNames, Keeping keeping) {
    List<Path> folders = list(folder);
    for (Path each : folders) {
      if (!Files.isDirectory(each)) {
        throw RanbikiException.configuration(
            "%s lies beside the class folders, where only folders may be. Move the file into the"
                + " folder of its class.",
            each);
      }
    }
    List<String> found = folders.stream().map(TextFolder::name).toList();
    List<String> names = classNames.isEmpty() ? ClassNames.distinct(found) : classNames;
    Map<String, Integer> numbers = ClassNames.numbers(names);
    List<Path> files = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    for (Path each : folders) {
      Integer label = numbers.get(name(each));
      if (label == null) {
        throw RanbikiException.configuration(
            "%s is the folder of a class that training lacks: it has %s. Give training texts of this"
                + " class, too, or remove or rename the folder.",
            each, ClassNames.abridged(names));
      }
      List<Path> texts = list(each);
      files.addAll(texts);
      labels.addAll(Collections.nCopies(texts.size(), label));
    }
    return samples(
        files,
        new Truth.OfClasses(
            labels.stream().mapToInt(label -> label).toArray(), new Task.Classes(names)),
        keeping);
  }

  /**
   * Opens a folder of texts without classes, side by side.
   *
   * @throws RanbikiException as {@link #open}
   */
  static Dataset unlabelled(Path folder, Keeping keeping) {
    return unlabelled(list(folder), keeping);
  }

  /**
   * Opens a folder of texts whose classes do not count: side by side, or in folders.
   *
   * @throws RanbikiException as {@link #open}
   */
  static Dataset anyOf(Path folder, Keeping keeping) {
    List<Path> files = new ArrayList<>();
    for (Path each : list(folder)) {
      files.addAll(Files.isDirectory(each) ? list(each) : List.of(each));
    }
    return unlabelled(files, keeping);
  }

  private static Dataset unlabelled(List<Path> files, Keeping keeping) {
    int[] labels = new int[files.size()];
    Arrays.fill(labels, Dataset.UNLABELLED);
    return samples(files, new Truth.OfClasses(labels, new Task.Classes(List.of())), keeping);
  }

  private static Dataset samples(List<Path> files, Truth truth, Keeping keeping) {
    List<String> texts =
        keeping == Keeping.MEMORY
            ? files.stream().map(TextFolder::read).toList()
            : new AbstractList<>() {
              @Override
              public String get(int index) {
                return read(files.get(index));
              }

              @Override
              public int size() {
                return files.size();
              }
            };
    return new Placed(
        InMemory.texts(texts, 1, truth),
        index -> files.get(index).toString(),
        index -> FileNames.of(files.get(index)));
  }

  private static String read(Path file) {
    if (!file.toString().endsWith(ENDING) || Files.isDirectory(file)) {
      throw RanbikiException.configuration(
          "%s is not a file that ends in .txt. Convert it or move it elsewhere.", file);
    }
    StringJoiner text = new StringJoiner("\n");
    Lines.read(file, (line, number) -> text.add(line));
    if (text.toString().isBlank()) {
      throw RanbikiException.configuration(
          "%s has no text. Write one into it, or remove it.", file);
    }
    return text.toString();
  }

  private static String name(Path path) {
    return ClassNames.nfc(FileNames.of(path));
  }

  private static List<Path> list(Path folder) {
    Sources.requireFolder(folder);
    try (Stream<Path> entries = Files.list(folder)) {
      List<Path> found =
          entries
              .filter(path -> !FileNames.of(path).startsWith("."))
              .sorted(Comparator.comparing(TextFolder::name).thenComparing(FileNames::of))
              .toList();
      if (found.isEmpty()) {
        throw RanbikiException.configuration(
            "The folder %s is empty. Put texts into it, or remove it.", folder);
      }
      return found;
    } catch (IOException e) {
      throw Sources.unreadable(folder, e);
    }
  }
}
