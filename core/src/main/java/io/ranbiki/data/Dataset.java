package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Row;
import io.ranbiki.prepare.Values;
import java.util.List;

/**
 * A finite, ordered collection of samples with the same fields. Reading is safe from many threads
 * at once.
 *
 * <p>Whoever opened a dataset closes it; subsets, splits and other views only borrow it, and
 * closing them does nothing.
 */
public interface Dataset extends AutoCloseable {

  /** The {@link #stratum} of a sample whose truth is not known. */
  int UNLABELLED = -1;

  /** The number of samples, 1 or more. */
  int size();

  /** What a network can be given of every sample: all fields but the truth. */
  List<Field> fields();

  /** What an answer to a sample means; of no names if no sample ever had a label. */
  Task task();

  /**
   * The name of a sample, the same in every subset: its position in the original file or in the
   * sorted listing, 0 or more, and unique within the dataset.
   */
  long id(int index);

  /**
   * What a person calls the sample, such as the name of its file: stable, and unique if the data
   * are. The id, where there is nothing better.
   */
  default String key(int index) {
    return Long.toString(id(index));
  }

  /** Whether anything of a sample's truth is known. */
  default boolean isLabelled(int index) {
    return stratum(index) != UNLABELLED;
  }

  /**
   * The group of a sample, of which splits take the same part from each: its class where the task
   * has classes, 0 for every labelled sample of another task; {@link #UNLABELLED} if its truth is
   * not known.
   */
  int stratum(int index);

  /** How many groups there are: the numbers below it are those of {@link #stratum}. */
  default int strata() {
    return task() instanceof Task.Classes classes ? classes.width() : 1;
  }

  /**
   * One sample: its fields, and its truth under {@link Batch#TRUTH} if it has a label. Pixels are
   * bytes, channel by channel; other numbers as they are.
   *
   * @throws RanbikiException if the sample cannot be read any more
   */
  Row read(int index);

  /**
   * The SHA-256 of content and format in hexadecimal digits, computed when first asked. Equal
   * fingerprints mean the same samples with the same labels and ids in the same order.
   */
  String fingerprint();

  /** Where a sample was read, such as a file or {@code row 18 of train.csv}; empty if nowhere. */
  default String place(int index) {
    return "";
  }

  /**
   * The {@link #key} and the {@link #place}, such as {@code parcel-7, row 18 of train.csv}; one of
   * them where both say the same, empty where neither says more than the id.
   */
  default String called(int index) {
    String key = key(index);
    String place = place(index);
    boolean said =
        key.equals(Long.toString(id(index)))
            || place.equals(key)
            || place.endsWith("/" + key)
            || place.startsWith("row " + key + " of ")
            || place.startsWith("line " + key + " of ");
    return said ? place : place.isEmpty() ? key : key + ", " + place;
  }

  /**
   * A sample in words, for messages: {@code sample 17 (row 18 of train.csv)}, with its key where a
   * column names the rows.
   */
  default String nameOf(long id) {
    String called = "";
    for (int index = 0; index < size() && called.isEmpty(); index++) {
      called = id(index) == id ? called(index) : "";
    }
    return "sample " + id + (called.isEmpty() ? "" : " (" + called + ")");
  }

  /**
   * The field of samples that have only one.
   *
   * @throws RanbikiException if there are several
   */
  default Field input() {
    if (fields().size() != 1) {
      throw RanbikiException.configuration(
          "The samples have the fields %s, but one alone is wanted here. Take a network that names"
              + " its inputs.",
          fields());
    }
    return fields().get(0);
  }

  /** The shape of {@link #input}: {@code [channels, height, width]}, or {@code [features]}. */
  default int[] shape() {
    return input().shape().stream().mapToInt(length -> length).toArray();
  }

  /**
   * The numbers of {@link #input}: pixels scaled to [0, 1], channel by channel; others as they are.
   *
   * @throws RanbikiException if the sample cannot be read any more
   */
  default float[] numbers(int index) {
    Values values = read(index).get(input().name());
    float[] numbers = new float[Values.count(values.shape())];
    Padding.toFloats(values, numbers, 0);
    return numbers;
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
