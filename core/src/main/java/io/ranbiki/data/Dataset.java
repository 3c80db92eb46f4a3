package io.ranbiki.data;

import java.util.List;

/**
 * A finite, ordered collection of samples of one shape. Reading is safe from many threads at once.
 *
 * <p>Whoever opened a dataset closes it; subsets, splits and other views only borrow it, and
 * closing them does nothing.
 */
public interface Dataset extends AutoCloseable {

  /** The label of a sample whose class is not known. */
  int UNLABELLED = -1;

  /** The number of samples, 1 or more. */
  int size();

  /** The number of classes; 0 if no sample has ever had a label. */
  int classes();

  /** The shape of one sample: {@code [channels, height, width]}, or {@code [features]} for rows. */
  int[] shape();

  /**
   * The name of a sample, the same in every subset: its position in the original file or in the
   * sorted listing, 0 or more, and unique within the dataset.
   */
  long id(int index);

  /** The class of a sample, 0 to {@code classes() - 1}, or {@link #UNLABELLED}. */
  int label(int index);

  /**
   * Writes one sample into an array, as many numbers as the product of {@link #shape()}: images
   * scaled to [0, 1] and channel by channel, rows as they are.
   *
   * @throws io.ranbiki.RanbikiException if the sample cannot be read any more
   */
  void read(int index, float[] target, int offset);

  /**
   * The SHA-256 of content and format in hexadecimal digits, computed when first asked. Equal
   * fingerprints mean the same samples with the same labels and ids in the same order.
   */
  String fingerprint();

  /** The names of the classes, in the order of their numbers. */
  List<String> classNames();

  /** Where a sample was read, such as a file or {@code row 18 of train.csv}; empty if nowhere. */
  default String place(int index) {
    return "";
  }

  /** A sample in words, for messages: {@code sample 17 (row 18 of train.csv)}. */
  default String nameOf(long id) {
    String place = "";
    for (int index = 0; index < size() && place.isEmpty(); index++) {
      place = id(index) == id ? place(index) : "";
    }
    return "sample " + id + (place.isEmpty() ? "" : " (" + place + ")");
  }

  /** The numbers in one sample, the product of {@link #shape()}. */
  default int sampleLength() {
    int length = 1;
    for (int size : shape()) {
      length = Math.multiplyExact(length, size);
    }
    return length;
  }

  /**
   * What reading showed so far that a user should know, in sentences. Whoever opened the dataset
   * hears of all its samples; subsets and other views say nothing.
   */
  default List<String> notes() {
    return List.of();
  }

  /** Releases files; does nothing for data in memory. */
  @Override
  default void close() {}
}
