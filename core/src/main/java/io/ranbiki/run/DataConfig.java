package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.ConfigNode;
import io.ranbiki.config.Options;
import io.ranbiki.config.Provider;
import io.ranbiki.config.Rule;
import io.ranbiki.data.Augmentation;
import io.ranbiki.data.Augmentations;
import io.ranbiki.data.Format;
import io.ranbiki.data.PackedFormat;
import io.ranbiki.data.Task;
import io.ranbiki.prepare.Normalization;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where samples come from and what happens to them.
 *
 * @param format how the samples lie on disk, and where
 * @param normalization of the inputs
 * @param augmentations what views do to a training sample
 * @param views how many views of a sample there are, epoch e using view e modulo this; 0 for a new
 *     one every epoch
 * @param validation how many of the training samples are held out, to judge epochs by
 * @param limit training samples that are used, of those with label: one of each class after the
 *     other, the first ones of each; empty for all
 * @param labelled training samples that keep their label, the same number of every class; empty for
 *     all
 * @param dropUnlabelled whether samples that have no label, or do not keep it, are left out
 * @param outOfScope the class whose samples are of none of the classes; empty if there is none
 * @param splitSeed chooses what is held out and which samples keep their label; empty for the seed
 *     of each training, so that every seed has other ones
 * @param labelledShare share of every batch that has a label, above 0 and below 1; empty to take
 *     the samples as they come
 */
public record DataConfig(
    Format format,
    Normalization normalization,
    Augmentations augmentations,
    int views,
    Validation validation,
    Optional<Integer> limit,
    Optional<Integer> labelled,
    boolean dropUnlabelled,
    Optional<String> outOfScope,
    Optional<Long> splitSeed,
    Optional<Double> labelledShare) {

  private static final String AUTO = "auto";

  /** Checks that the samples without label are there, and are other ones than those with label. */
  public DataConfig {
    Path own = format.files().get("folder");
    Path other = format.files().get("unlabelled.folder");
    if (own != null && other != null && isSame(own, other)) {
      throw RanbikiException.configuration(
          "The samples without labels are to come from %s, where the labelled ones are, so"
              + " each would come twice; name another folder, or say 'labelled' to keep"
              + " the labels of some.",
          other);
    }
    labelledShare.ifPresent(
        share ->
            requireShare(
                share, format.unlabelled().isPresent(), labelled.isPresent() && !dropUnlabelled));
  }

  /**
   * Reads the keys of {@code data}.
   *
   * @param taught whether there is a teacher
   */
  static DataConfig read(Options options, boolean taught) {
    Format files =
        options.variant("format", "How the files are laid out", Provider.all(Format.class));
    Optional<Path> packed =
        options.optionalPath(
            "packed", "A folder that 'ranbiki pack' makes of the samples, which are read from it");
    Optional<PackedFormat.Order> order =
        options.optionalWord(
            "order",
            PackedFormat.Order.class,
            "How packed samples are shuffled; if left out, in blocks of neighbours where memory"
                + " cannot hold them all, else exact");
    if (order.isPresent() && packed.isEmpty()) {
      options.mistake("gives an 'order', which is one of packed samples, but no 'packed'.");
    }
    // Every key is read before a record may refuse some of them, so that none of them is unknown.
    Optional<Normalization> normalization =
        options.optionalValue(
            "normalize",
            "What is subtracted from the inputs and divided by; auto, as if left out: by the"
                + " training rows where columns are named, else nothing",
            node ->
                node.keysOr(
                    DataConfig::normalize,
                    word -> word.wordOr(AUTO, Normalization.none(), DataConfig::noWord)));
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
            "Whether samples that have no label, or do not keep it, are left out");
    Optional<String> outOfScope =
        options.optionalString(
            "out-of-scope",
            "A class that is none: training leaves its samples out, and the test asks whether"
                + " models doubt them");
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
    if (files.likelyTask() instanceof Task.MaskedLanguage
        && (labelled.isPresent() || labelledShare.isPresent() || outOfScope.isPresent())) {
      options.mistake(
          "hides pieces of every text (task: masked-language), so that labels have no say; leave"
              + " 'labelled', 'labelled-share' and 'out-of-scope' out.");
    }
    Format format =
        packed.isPresent()
            ? PackedFormat.of(
                files,
                packed.get(),
                outOfScope,
                order.orElseGet(() -> order(options, packed.get())))
            : files;
    return new DataConfig(
        format,
        normalization.orElse(Normalization.none()),
        new Augmentations(augment),
        views,
        validation,
        limit,
        labelled,
        dropUnlabelled,
        outOfScope,
        splitSeed,
        labelledShare);
  }

  /** The order is written into the resolved file, so that a run goes on in it on any machine. */
  private static PackedFormat.Order order(Options options, Path folder) {
    PackedFormat.Order order = PackedFormat.Order.suiting(folder);
    options.settle("order", order.word());
    return order;
  }

  static Normalization normalize(Options options) {
    return new Normalization(
        floats(options, "mean", "One number a channel, or one for all"),
        floats(options, "std", "As many standard deviations"));
  }

  private static Normalization noWord(ConfigNode node) {
    node.oneOf(List.of(AUTO));
    return Normalization.none();
  }

  private static float[] floats(Options options, String key, String sentence) {
    List<Double> numbers = options.oneOrMore(key, sentence, number -> number.number());
    float[] values = new float[numbers.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = numbers.get(i).floatValue();
    }
    return values;
  }

  /** The same, with a seed for the split where there is none. */
  DataConfig withSplitSeed(long seed) {
    return new DataConfig(
        format,
        normalization,
        augmentations,
        views,
        validation,
        limit,
        labelled,
        dropUnlabelled,
        outOfScope,
        splitSeed.or(() -> Optional.of(seed)),
        labelledShare);
  }

  /** Whether the task is to guess pieces that are hidden of texts. */
  boolean hidesPieces() {
    return format.likelyTask() instanceof Task.MaskedLanguage;
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
          "The labelled share is %s, but must be above 0 and below 1; try 0.25.", share);
    }
    if (!secondSet && !hidden) {
      throw RanbikiException.configuration(
          "The labelled share is %s, but every sample that is trained on has a label; name samples"
              + " without under 'unlabelled', keep the labels of some with 'labelled', or leave the"
              + " share out.",
          share);
    }
  }
}
