package io.ranbiki.run;

import io.ranbiki.data.Augmentations;
import io.ranbiki.data.CifarBinary;
import io.ranbiki.data.Concat;
import io.ranbiki.data.CsvRows;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Digits;
import io.ranbiki.data.Idx;
import io.ranbiki.data.ImageFolder;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Normalization;
import io.ranbiki.data.Part;
import io.ranbiki.data.Splits;
import io.ranbiki.data.Subset;
import io.ranbiki.data.Views;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The samples of a run: opened once, split anew for every seed. The test set is touched once, at
 * the end.
 */
public final class RunData implements AutoCloseable {

  private static final long DIGITS_TRAIN_SEED = 1;
  private static final long DIGITS_TEST_SEED = 2;
  private static final int DIGITS_TEST_SIZE = 2_000;

  /** Seed of the views; the same for every run, so that runs share stored answers. */
  static final long VIEW_SEED = 0;

  private static final int EVALUATION_BATCH = 256;

  private final DataConfig config;
  private final Dataset all;
  private final Dataset test;

  private RunData(DataConfig config, Dataset all, Dataset test) {
    this.config = config;
    this.all = all;
    this.test = test;
  }

  /** Opens the files. */
  public static RunData open(DataConfig config) {
    Path folder = config.folder().orElse(Path.of(""));
    Dataset train =
        switch (config.format()) {
          case IDX -> Idx.folder(folder, Part.TRAIN);
          case CIFAR10 -> CifarBinary.folder(folder, Part.TRAIN, CifarBinary.Layout.CIFAR10);
          case CIFAR100 -> CifarBinary.folder(folder, Part.TRAIN, CifarBinary.Layout.CIFAR100_FINE);
          case IMAGES -> ImageFolder.open(folder, Part.TRAIN, ImageFolder.Colour.RGB);
          case CSV -> CsvRows.read(csv(folder, "train"), csvOptions(config));
          case DIGITS -> Digits.dataset(config.size(), DIGITS_TRAIN_SEED);
        };
    Dataset test =
        switch (config.format()) {
          case IDX -> Idx.folder(folder, Part.TEST);
          case CIFAR10 -> CifarBinary.folder(folder, Part.TEST, CifarBinary.Layout.CIFAR10);
          case CIFAR100 -> CifarBinary.folder(folder, Part.TEST, CifarBinary.Layout.CIFAR100_FINE);
          case IMAGES -> ImageFolder.open(folder, Part.TEST, ImageFolder.Colour.RGB);
          case CSV ->
              CsvRows.read(
                  csv(folder, "test"), csvOptions(config).withClassNames(train.classNames()));
          case DIGITS -> Digits.dataset(DIGITS_TEST_SIZE, DIGITS_TEST_SEED);
        };
    return new RunData(config, train, test);
  }

  private static Path csv(Path folder, String part) {
    Path zipped = folder.resolve(part + ".csv.gz");
    return Files.exists(zipped) ? zipped : folder.resolve(part + ".csv");
  }

  private static CsvRows.Options csvOptions(DataConfig config) {
    CsvRows.Options options = CsvRows.Options.defaults();
    return config.label().map(options::withLabel).orElse(options);
  }

  /**
   * What one seed trains on.
   *
   * @param train every training sample, with or without label
   * @param labelled those that have a label, repeated until there are as many as in {@code train}:
   *     what a student from labels alone gets, so that both take the same number of steps
   * @param validation held out; empty if nothing is
   */
  public record Split(Dataset train, Dataset labelled, Optional<Dataset> validation) {}

  /** Splits the training samples. */
  public Split split(long seed) {
    Dataset limited = config.limit().map(limit -> Splits.first(all, limit)).orElse(all);
    Optional<Dataset> validation = Optional.empty();
    Dataset train = limited;
    if (config.validation() > 0) {
      Splits.Split split = Splits.holdOut(limited, config.validation(), seed);
      train = split.train();
      validation = Optional.of(split.validation());
    }
    if (config.labelled().isPresent()) {
      Splits.Rest rest = config.dropUnlabelled() ? Splits.Rest.DROPPED : Splits.Rest.UNLABELLED;
      train = Splits.labelledOnly(train, config.labelled().get(), seed, rest);
    }
    return new Split(train, repeatLabelled(train), validation);
  }

  /** Every sample that is trained on with any of the seeds, once. */
  public Dataset trainedOn(List<Long> seeds) {
    Set<Long> ids = new HashSet<>();
    for (long seed : seeds) {
      Dataset train = split(seed).train();
      IntStream.range(0, train.size()).forEach(index -> ids.add(train.id(index)));
    }
    int[] kept = IntStream.range(0, all.size()).filter(i -> ids.contains(all.id(i))).toArray();
    return Subset.of(all, kept);
  }

  private static Dataset repeatLabelled(Dataset train) {
    int[] labelled =
        IntStream.range(0, train.size())
            .filter(index -> train.label(index) != Dataset.UNLABELLED)
            .toArray();
    if (labelled.length == train.size() || labelled.length == 0) {
      return train;
    }
    Dataset[] copies = new Dataset[(train.size() - 1) / labelled.length + 1];
    Arrays.fill(copies, Subset.of(train, labelled));
    return Splits.first(Concat.of(copies), train.size());
  }

  /** Shuffled batches with the views of this run. */
  public Loader trainLoader(Dataset dataset, int batch, long seed) {
    return new Loader(
        dataset, Loader.Options.shuffled(batch, seed), config.normalization(), views());
  }

  /** Shuffled batches without augmentation. */
  Loader plainLoader(Dataset dataset, int batch, long seed) {
    return new Loader(
        dataset, Loader.Options.shuffled(batch, seed), config.normalization(), Views.none());
  }

  /** Batches in order, without augmentation. */
  public Loader evaluationLoader(Dataset dataset) {
    return new Loader(
        dataset, Loader.Options.inOrder(EVALUATION_BATCH), config.normalization(), Views.none());
  }

  private Views views() {
    Augmentations augmentations = config.augmentations();
    if (augmentations.list().isEmpty()) {
      return Views.none();
    }
    return config.views() == 0
        ? Views.fresh(augmentations, VIEW_SEED)
        : Views.cycle(augmentations, VIEW_SEED, config.views());
  }

  /** The samples of the test. */
  public Dataset test() {
    return test;
  }

  /** Number of classes. */
  public int classes() {
    return all.classes();
  }

  /** Shape of one sample. */
  public List<Integer> shape() {
    return Arrays.stream(all.shape()).boxed().toList();
  }

  /** Names of the classes. */
  public List<String> classNames() {
    return all.classNames();
  }

  /** What is done to inputs. */
  public Normalization normalization() {
    return config.normalization();
  }

  /** What views do to a training sample. */
  public Augmentations augmentations() {
    return config.augmentations();
  }

  /** How many views of a sample a training of some epochs uses. */
  public int viewCount(int epochs) {
    if (config.augmentations().list().isEmpty()) {
      return 1;
    }
    return config.views() == 0 ? epochs : Math.min(config.views(), epochs);
  }

  /** SHA-256 of the training samples. */
  public String fingerprint() {
    return all.fingerprint();
  }

  @Override
  public void close() {
    all.close();
    test.close();
  }
}
