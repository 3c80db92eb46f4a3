package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Augmentations;
import io.ranbiki.data.CsvRows;
import io.ranbiki.prepare.Colour;
import io.ranbiki.prepare.Normalization;
import java.nio.file.Path;
import java.util.Optional;

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
    IDX("idx"),
    /** CIFAR-10 in its binary version. */
    CIFAR10("cifar10"),
    /** CIFAR-100 in its binary version, with its 100 fine classes. */
    CIFAR100("cifar100"),
    /** PNG and JPEG images: {@code train/<class>/*} and {@code test/<class>/*}. */
    IMAGES("images"),
    /** Rows of numbers: {@code train.csv} and {@code test.csv}. */
    CSV("csv"),
    /** Digits that are drawn by this library. */
    DIGITS("digits");

    private final String word;

    Format(String word) {
      this.word = word;
    }

    /** The name in configurations. */
    public String word() {
      return word;
    }
  }
}
