package io.ranbiki.run;

import io.ranbiki.data.Augmentations;
import io.ranbiki.data.Normalization;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where samples come from and what happens to them.
 *
 * @param format how the files are laid out
 * @param folder where they are; empty for the drawn digits
 * @param size how many digits are drawn to train on; of no meaning for other formats
 * @param label the column of the label in CSV rows; empty for the last
 * @param normalization of the inputs
 * @param augmentations what views do to a training sample
 * @param views how many views of a sample there are, epoch e using view e modulo this; 0 for a new
 *     one every epoch
 * @param validation share of the training samples that is held out, 0 for none
 * @param limit first training samples that are used; empty for all
 * @param labelled training samples that keep their label, the same number of every class; empty for
 *     all
 * @param dropUnlabelled whether the samples without label are left out
 */
public record DataConfig(
    Format format,
    Optional<Path> folder,
    int size,
    Optional<String> label,
    Normalization normalization,
    Augmentations augmentations,
    int views,
    double validation,
    Optional<Integer> limit,
    Optional<Integer> labelled,
    boolean dropUnlabelled) {

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
