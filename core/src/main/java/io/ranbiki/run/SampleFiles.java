package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.CifarBinary;
import io.ranbiki.data.CsvRows;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Digits;
import io.ranbiki.data.Idx;
import io.ranbiki.data.ImageFolder;
import io.ranbiki.data.Part;
import io.ranbiki.data.Splits;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
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
      case CSV -> CsvRows.read(csv(folder(config), "train"), csvOptions(config));
      case DIGITS -> Digits.dataset(config.size(), DIGITS_TRAIN_SEED);
      default -> images(config, Part.TRAIN);
    };
  }

  /** The samples of the test, with the classes of the training samples. */
  static Dataset test(DataConfig config, Dataset train) {
    Dataset test =
        switch (config.format()) {
          case CSV ->
              CsvRows.read(
                  csv(folder(config), "test"),
                  csvOptions(config).withClassNames(train.classNames()));
          case DIGITS -> Digits.dataset(DIGITS_TEST_SIZE, DIGITS_TEST_SEED);
          default -> images(config, Part.TEST);
        };
    if (!Arrays.equals(train.shape(), test.shape())) {
      throw RanbikiException.configuration(
          "the training samples have shape %s, but those of the test have %s; both must have the"
              + " same. Check the files in %s.",
          Arrays.toString(train.shape()), Arrays.toString(test.shape()), folder(config));
    }
    return test;
  }

  private static Dataset images(DataConfig config, Part part) {
    Path folder = folder(config);
    return switch (config.format()) {
      case IDX -> Idx.folder(folder, part);
      case CIFAR10 -> CifarBinary.folder(folder, part, CifarBinary.Layout.CIFAR10);
      case CIFAR100 -> CifarBinary.folder(folder, part, CifarBinary.Layout.CIFAR100_FINE);
      case IMAGES -> ImageFolder.open(folder, part, ImageFolder.Colour.RGB);
      default -> throw new IllegalArgumentException("no images in " + config.format());
    };
  }

  /** The samples without labels, in the shape of the training samples. */
  static Dataset unlabelled(DataConfig config, DataConfig.Unlabelled source, Dataset train) {
    Path folder = source.folder().orElse(Path.of(""));
    Dataset samples =
        switch (config.format()) {
          case IDX -> Idx.unlabelled(folder);
          case CIFAR10, CIFAR100, IMAGES -> ImageFolder.unlabelled(folder, ImageFolder.Colour.RGB);
          case CSV -> CsvRows.read(csv(folder, "train"), CsvRows.Options.defaults().withLabel(""));
          case DIGITS -> Splits.unlabelled(Digits.dataset(source.size(), DIGITS_UNLABELLED_SEED));
        };
    if (!Arrays.equals(train.shape(), samples.shape())) {
      throw RanbikiException.configuration(
          "the labelled samples have shape %s, but those without labels in %s have %s; both must"
              + " have the same. %s",
          Arrays.toString(train.shape()),
          folder,
          Arrays.toString(samples.shape()),
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
        .map("the labels in %s are not used: its images are under 'data.unlabelled'"::formatted);
  }

  private static Path folder(DataConfig config) {
    return config.folder().orElse(Path.of(""));
  }

  private static Path csv(Path folder, String part) {
    Path zipped = folder.resolve(part + ".csv.gz");
    return Files.exists(zipped) ? zipped : folder.resolve(part + ".csv");
  }

  private static CsvRows.Options csvOptions(DataConfig config) {
    CsvRows.Options options = CsvRows.Options.defaults();
    return config.label().map(options::withLabel).orElse(options);
  }
}
