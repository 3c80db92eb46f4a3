package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Words;
import io.ranbiki.data.CifarBinary;
import io.ranbiki.data.CsvRows;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Digits;
import io.ranbiki.data.Idx;
import io.ranbiki.data.ImageFolder;
import io.ranbiki.data.Part;
import io.ranbiki.data.Splits;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Opens the samples that a configuration names. */
final class SampleFiles {

  private static final long DIGITS_TRAIN_SEED = 1;
  private static final long DIGITS_TEST_SEED = 2;
  private static final long DIGITS_UNLABELLED_SEED = 3;
  private static final int DIGITS_TEST_SIZE = 2_000;

  private SampleFiles() {}

  static Dataset train(DataConfig config) {
    return switch (config.format()) {
      case CSV -> CsvRows.folder(folder(config), Part.TRAIN, config.csv());
      case DIGITS -> Digits.dataset(config.size(), DIGITS_TRAIN_SEED);
      default -> images(config, Part.TRAIN);
    };
  }

  /** The samples of the test, with the classes of the training samples. */
  static Dataset test(DataConfig config, Dataset train) {
    List<String> classes = train.task().names();
    Dataset test =
        switch (config.format()) {
          case CSV -> {
            requireSameColumns(config, "the test", folder(config), Part.TEST, config.csv());
            yield CsvRows.folder(folder(config), Part.TEST, config.csv().withTask(train.task()));
          }
          case IMAGES -> ImageFolder.open(folder(config), Part.TEST, config.colour(), classes);
          case DIGITS -> Digits.dataset(DIGITS_TEST_SIZE, DIGITS_TEST_SEED);
          default -> images(config, Part.TEST);
        };
    try {
      requireFits(config, train, test);
      return test;
    } catch (RuntimeException e) {
      test.close();
      throw e;
    }
  }

  private static void requireFits(DataConfig config, Dataset train, Dataset test) {
    if (!train.fields().equals(test.fields())) {
      throw RanbikiException.configuration(
          "the training samples have %s, but those of the test have %s; both must have the"
              + " same. Check the files in %s.",
          words(train), words(test), folder(config));
    }
    List<String> strangers = ClassCounts.of(test).lackingIn(ClassCounts.of(train));
    if (!strangers.isEmpty()) {
      throw RanbikiException.configuration(
          "the test has samples of %s, but training has none; give training samples of %s, too, or"
              + " remove those of the test.",
          Words.classes(strangers), strangers.size() == 1 ? "it" : "them");
    }
  }

  /** The shape of samples of one field; else all fields. */
  private static String words(Dataset samples) {
    return samples.fields().size() == 1
        ? "shape " + samples.input().shape()
        : "the fields " + samples.fields();
  }

  /** Columns are taken by their place, so those of two files could be mixed up in silence. */
  private static void requireSameColumns(
      DataConfig config, String other, Path otherFolder, Part part, CsvRows.Options options) {
    List<String> wanted = CsvRows.features(folder(config), Part.TRAIN, config.csv());
    List<String> found = CsvRows.features(otherFolder, part, options);
    for (int i = 0; i < wanted.size() && wanted.size() == found.size(); i++) {
      if (!wanted.get(i).equals(found.get(i))) {
        throw RanbikiException.configuration(
            "feature %d is '%s' in training, but '%s' in %s; %s.",
            i,
            Words.shorten(wanted.get(i)),
            Words.shorten(found.get(i)),
            other,
            advice(isNumber(wanted.get(i)), isNumber(found.get(i))));
      }
    }
  }

  /** What to do about names that differ, by whether they are values that were taken for names. */
  private static String advice(boolean values, boolean others) {
    if (values != others) {
      return "begin both files with the names of the columns, or neither";
    }
    return values
        ? "leave 'header' out: the first lines hold values"
        : "bring the columns into one order";
  }

  private static boolean isNumber(String text) {
    try {
      Double.parseDouble(text);
      return true;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private static Dataset images(DataConfig config, Part part) {
    Path folder = folder(config);
    return switch (config.format()) {
      case IDX -> Idx.folder(folder, part);
      case CIFAR10 -> CifarBinary.folder(folder, part, CifarBinary.Layout.CIFAR10);
      case CIFAR100 -> CifarBinary.folder(folder, part, CifarBinary.Layout.CIFAR100_FINE);
      case IMAGES -> ImageFolder.open(folder, part, config.colour());
      default -> throw new IllegalArgumentException("no images in " + config.format());
    };
  }

  /** The samples without labels, in the shape of the training samples. */
  static Dataset unlabelled(DataConfig config, DataConfig.Unlabelled source, Dataset train) {
    Path folder = source.folder().orElse(Path.of(""));
    Dataset samples =
        switch (config.format()) {
          case IDX -> Idx.unlabelled(folder);
          case CIFAR10, CIFAR100, IMAGES -> ImageFolder.unlabelled(folder, config.colour());
          case CSV -> {
            CsvRows.Options rows = config.csv().withLabel("");
            requireSameColumns(config, "the samples without labels", folder, Part.TRAIN, rows);
            yield CsvRows.folder(folder, Part.TRAIN, rows);
          }
          case DIGITS -> Splits.unlabelled(Digits.dataset(source.size(), DIGITS_UNLABELLED_SEED));
        };
    if (!train.fields().equals(samples.fields())) {
      throw RanbikiException.configuration(
          "the labelled samples have %s, but those without labels in %s have %s; both must have"
              + " the same. %s",
          words(train),
          folder,
          words(samples),
          config.format() == DataConfig.Format.CSV
              ? "Give the rows the same features, and no column for a label."
              : "Bring all images to one size.");
    }
    return samples;
  }

  /** What a user should know about the samples without labels. */
  static Optional<String> note(DataConfig config) {
    return config
        .unlabelled()
        .filter(source -> config.format() == DataConfig.Format.IDX)
        .flatMap(DataConfig.Unlabelled::folder)
        .flatMap(Idx::trainLabels)
        .map(
            labels ->
                "the labels in "
                    + labels
                    + " are not used: its images are under 'data.unlabelled'");
  }

  private static Path folder(DataConfig config) {
    return config.folder().orElse(Path.of(""));
  }
}
