package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.ConfigNode;
import io.ranbiki.config.Options;
import io.ranbiki.config.Provider;
import io.ranbiki.config.Rule;
import io.ranbiki.config.Words;
import io.ranbiki.data.Augmentation;
import io.ranbiki.data.Augmentations;
import io.ranbiki.data.CsvRows;
import io.ranbiki.data.Task;
import io.ranbiki.prepare.Colour;
import io.ranbiki.prepare.Normalization;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Where samples come from and what happens to them.
 *
 * @param format how the files are laid out
 * @param folder where they are; empty for the drawn digits
 * @param size how many digits are drawn to train on; of no meaning for other formats
 * @param csv how CSV files are to be read, without class names; of no meaning for other formats
 * @param colour what is made of a pixel of image folders; of no meaning for other formats
 * @param normalization of the inputs
 * @param augmentations what views do to a training sample
 * @param views how many views of a sample there are, epoch e using view e modulo this; 0 for a new
 *     one every epoch
 * @param validation how many of the training samples are held out, to judge epochs by
 * @param limit training samples that are used, of those with label: one of each class after the
 *     other, the first ones of each; empty for all
 * @param labelled training samples that keep their label, the same number of every class; empty for
 *     all
 * @param dropUnlabelled whether the samples that do not keep their label are left out
 * @param splitSeed chooses what is held out and which samples keep their label; empty for the seed
 *     of each training, so that every seed has other ones
 * @param unlabelled a second set of samples, which have no label
 * @param labelledShare share of every batch that has a label, above 0 and below 1; empty to take
 *     the samples as they come
 */
public record DataConfig(
    Format format,
    Optional<Path> folder,
    int size,
    CsvRows.Options csv,
    Colour colour,
    Normalization normalization,
    Augmentations augmentations,
    int views,
    Validation validation,
    Optional<Integer> limit,
    Optional<Integer> labelled,
    boolean dropUnlabelled,
    Optional<Long> splitSeed,
    Optional<Unlabelled> unlabelled,
    Optional<Double> labelledShare) {

  /** Checks that the samples without label are there, and are other ones than those with label. */
  public DataConfig {
    unlabelled
        .flatMap(Unlabelled::folder)
        .filter(other -> folder.filter(own -> isSame(own, other)).isPresent())
        .ifPresent(
            other -> {
              throw RanbikiException.configuration(
                  "the samples without labels are to come from %s, where the labelled ones are, so"
                      + " each would come twice; name another folder, or say 'labelled' to keep"
                      + " the labels of some",
                  other);
            });
    labelledShare.ifPresent(
        share ->
            requireShare(share, unlabelled.isPresent(), labelled.isPresent() && !dropUnlabelled));
  }

  /**
   * Reads the keys of {@code data}.
   *
   * @param taught whether there is a teacher
   */
  static DataConfig read(Options options, boolean taught) {
    Files files =
        options.variant(
            "format",
            "How the files are laid out",
            Arrays.stream(Format.values()).map(Files::provider).toList());
    // Every key is read before a record may refuse some of them, so that none of them is unknown.
    Optional<Normalization> normalization =
        options.optionalMap(
            "normalize",
            "What is subtracted from the inputs and divided by",
            DataConfig::normalize);
    List<Augmentation> augment =
        options
            .optionalValue("augment", "What views do to a training sample", Augmentation::read)
            .orElseGet(() -> options.settle("augment", List.of()));
    int views =
        options.integer(
            "views",
            0,
            "How many views of a sample there are; 0 for a new one every epoch",
            Rule.atLeast(0));
    Validation validation =
        options.value(
            "validation",
            "auto",
            "Share of the training samples that is held out to judge epochs by",
            node ->
                node.wordOr(
                    "auto",
                    new Auto(taught),
                    share -> new Share(share.number(Rule.atLeast(0), Rule.below(1)))));
    Optional<Integer> limit =
        options.optionalInteger(
            "limit", "Training samples that are used; all if left out", Rule.atLeast(1));
    Optional<Integer> labelled =
        options.optionalInteger(
            "labelled", "Training samples that keep their label; all if left out", Rule.atLeast(1));
    boolean dropUnlabelled =
        options.bool(
            "drop-unlabelled",
            false,
            "Whether the samples that do not keep their label are left out");
    Optional<Long> splitSeed =
        options.optionalLong(
            "split-seed",
            "Chooses what is held out and which samples keep their label; each training's seed"
                + " if left out");
    Optional<Double> labelledShare =
        options.optionalNumber(
            "labelled-share",
            "Share of every batch that has a label; as the samples come if left out",
            Rule.above(0),
            Rule.below(1));
    if (files == null) {
      return options.stop();
    }
    return new DataConfig(
        files.format,
        files.folder,
        files.size,
        files.csv,
        files.colour,
        normalization.orElse(Normalization.none()),
        new Augmentations(augment),
        views,
        validation,
        limit,
        labelled,
        dropUnlabelled,
        splitSeed,
        files.unlabelled,
        labelledShare);
  }

  static Normalization normalize(Options options) {
    return new Normalization(
        floats(options, "mean", "One number a channel, or one for all"),
        floats(options, "std", "As many standard deviations"));
  }

  private static float[] floats(Options options, String key, String sentence) {
    List<Double> numbers = options.oneOrMore(key, sentence, number -> number.number());
    float[] values = new float[numbers.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = numbers.get(i).floatValue();
    }
    return values;
  }

  /** What depends on the format. */
  private record Files(
      Format format,
      Optional<Path> folder,
      int size,
      CsvRows.Options csv,
      Colour colour,
      Optional<Unlabelled> unlabelled) {

    private static final Pattern POSITION = Pattern.compile("-?\\d+");

    static Provider<Files> provider(Format format) {
      return Provider.of(
          Files.class, format.word(), format.sentence, options -> read(format, options));
    }

    private static Files read(Format format, Options options) {
      Optional<Path> folder = folder(format, options);
      int size = size(format, options);
      CsvRows.Options csv = format == Format.CSV ? csv(options) : CsvRows.Options.defaults();
      Colour colour =
          format == Format.IMAGES
              ? options.word("colour", Colour.RGB, "What is made of a pixel")
              : Colour.RGB;
      Optional<Unlabelled> unlabelled =
          options.optionalMap(
              "unlabelled",
              "A second set of samples, which have no label",
              set -> set(format, set));
      return new Files(format, folder, size, csv, colour, unlabelled);
    }

    private static Unlabelled set(Format format, Options options) {
      return new Unlabelled(
          folder(format, options),
          size(format, options),
          options.optionalInteger(
              "limit", "First samples that are used; all if left out", Rule.atLeast(1)));
    }

    private static Optional<Path> folder(Format format, Options options) {
      return format == Format.DIGITS
          ? Optional.empty()
          : Optional.of(options.path("folder", "Where the files are"));
    }

    private static int size(Format format, Options options) {
      return format == Format.DIGITS
          ? options.integer("size", 10_000, "How many digits are drawn", Rule.atLeast(1))
          : 0;
    }

    private static CsvRows.Options csv(Options options) {
      List<String> labels =
          options
              .optionalValue(
                  "label",
                  "Columns of the truth, by name or position from 0; the last one if left out",
                  node -> node.oneOrMore(ConfigNode::string))
              .orElse(List.of("-1"));
      CsvRows.Kind kind =
          options.word("task", CsvRows.Kind.AUTO, "What the columns of the truth hold");
      Optional<String> text =
          options.optionalString(
              "text", "The column of a text, which is then all that a sample has");
      Optional<String> key = options.optionalString("key", "The column of what people call a row");
      // Whoever names a column has named columns.
      boolean named =
          Stream.of(labels.stream(), text.stream(), key.stream())
              .flatMap(columns -> columns)
              .anyMatch(column -> !POSITION.matcher(column).matches());
      boolean header =
          options
              .optionalBool(
                  "header", "Whether the first row names the columns; true where a column is named")
              .orElseGet(() -> options.settle("header", named));
      char delimiter =
          options.value("delimiter", ",", "What stands between two values", Files::delimiter);
      return new CsvRows.Options(labels, kind, text, key, header, delimiter, List.of());
    }

    private static char delimiter(ConfigNode node) {
      String text = node.string();
      if (text.equals("\\t")) {
        return '\t'; // without quotes, as a shell leaves it
      }
      if (text.length() != 1) {
        node.mistake(
            "must be one character, such as \",\", \";\" or \"\\t\", but is '"
                + Words.shorten(text)
                + "'.");
        return ',';
      }
      return text.charAt(0);
    }
  }

  /** The same, with a seed for the split where there is none. */
  DataConfig withSplitSeed(long seed) {
    return new DataConfig(
        format,
        folder,
        size,
        csv,
        colour,
        normalization,
        augmentations,
        views,
        validation,
        limit,
        labelled,
        dropUnlabelled,
        splitSeed.or(() -> Optional.of(seed)),
        unlabelled,
        labelledShare);
  }

  /** The task as far as it can be told before a file is opened; of no names. */
  Task likelyTask() {
    if (format != Format.CSV || csv.kind() == CsvRows.Kind.CLASSES) {
      return new Task.Classes(List.of());
    }
    if (csv.kind() == CsvRows.Kind.NUMBERS) {
      return new Task.Numbers(List.of());
    }
    return csv.labels().size() > 1 || csv.kind() == CsvRows.Kind.LABELS
        ? new Task.Labels(List.of())
        : new Task.Classes(List.of());
  }

  /** Whether samples are held out if there are enough. */
  boolean mayHoldOut() {
    return !validation.equals(new Share(0));
  }

  /** How many of the training samples are held out, to judge epochs by. */
  public sealed interface Validation {}

  /**
   * A share of the samples with label.
   *
   * @param share 0 or more and below 1
   */
  public record Share(double share) implements Validation {}

  /**
   * As many as {@link RunData#split} finds enough: a tenth, at most 2,000.
   *
   * @param taught whether there is a teacher, with whom a student can agree on samples without
   *     label where labels are few
   */
  public record Auto(boolean taught) implements Validation {}

  private static boolean isSame(Path one, Path other) {
    return one.toAbsolutePath().normalize().equals(other.toAbsolutePath().normalize());
  }

  private static void requireShare(double share, boolean secondSet, boolean hidden) {
    if (!(share > 0 && share < 1)) {
      throw RanbikiException.configuration(
          "the labelled share is %s, but must be above 0 and below 1; try 0.25", share);
    }
    if (!secondSet && !hidden) {
      throw RanbikiException.configuration(
          "the labelled share is %s, but every sample that is trained on has a label; name samples"
              + " without under 'unlabelled', keep the labels of some with 'labelled', or leave the"
              + " share out",
          share);
    }
  }

  /**
   * A set of samples without labels.
   *
   * @param folder where they are; empty for the drawn digits
   * @param size how many digits are drawn; of no meaning for other formats
   * @param limit first samples that are used; empty for all
   */
  public record Unlabelled(Optional<Path> folder, int size, Optional<Integer> limit) {}

  /** How files are laid out. */
  public enum Format {
    /** The files of MNIST and its kin, plain or gzipped. */
    IDX("idx", "The files of MNIST and its kin, plain or gzipped."),
    /** CIFAR-10 in its binary version. */
    CIFAR10("cifar10", "CIFAR-10 in its binary version."),
    /** CIFAR-100 in its binary version, with its 100 fine classes. */
    CIFAR100("cifar100", "CIFAR-100 in its binary version, with its 100 fine classes."),
    /** PNG and JPEG images: {@code train/<class>/*} and {@code test/<class>/*}. */
    IMAGES("images", "PNG and JPEG images in a folder for each class."),
    /** Rows of numbers: {@code train.csv} and {@code test.csv}. */
    CSV("csv", "Rows of numbers: train.csv and test.csv."),
    /** Digits that are drawn by this library. */
    DIGITS("digits", "Digits that are drawn by this library.");

    private final String word;
    private final String sentence;

    Format(String word, String sentence) {
      this.word = word;
      this.sentence = sentence;
    }

    /** The name in configurations. */
    public String word() {
      return word;
    }
  }
}
