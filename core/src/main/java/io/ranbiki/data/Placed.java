package io.ranbiki.data;

import java.util.Locale;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;

/**
 * Samples with the places where they were read, and what people call them.
 *
 * @param samples all else
 * @param places of each sample by index, see {@link Dataset#place}
 * @param keys of each sample by index, see {@link Dataset#key}
 */
record Placed(Dataset samples, IntFunction<String> places, IntFunction<String> keys)
    implements ForwardingDataset {

  /** With the keys that the samples have. */
  Placed(Dataset samples, IntFunction<String> places) {
    this(samples, places, samples::key);
  }

  /**
   * Samples that are known by numbers of their source.
   *
   * @param unit what has the numbers, such as {@code line}
   */
  static Placed numbered(Dataset samples, String unit, IntUnaryOperator numbers, String source) {
    return new Placed(
        samples,
        index -> String.format(Locale.ROOT, "%s %d of %s", unit, numbers.applyAsInt(index), source),
        index -> Integer.toString(numbers.applyAsInt(index)));
  }

  @Override
  public String key(int index) {
    return keys.apply(index);
  }

  @Override
  public String place(int index) {
    return places.apply(index);
  }
}
