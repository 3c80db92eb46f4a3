package io.ranbiki.data;

import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Row;
import java.util.List;
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
    implements Dataset {

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

  @Override
  public int size() {
    return samples.size();
  }

  @Override
  public List<Field> fields() {
    return samples.fields();
  }

  @Override
  public Task task() {
    return samples.task();
  }

  @Override
  public long id(int index) {
    return samples.id(index);
  }

  @Override
  public int stratum(int index) {
    return samples.stratum(index);
  }

  @Override
  public Row read(int index) {
    return samples.read(index);
  }

  @Override
  public String fingerprint() {
    return samples.fingerprint();
  }

  @Override
  public List<String> notes() {
    return samples.notes();
  }

  @Override
  public void close() {
    samples.close();
  }
}
