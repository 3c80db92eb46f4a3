package io.ranbiki.data;

import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Values;
import java.util.List;

/**
 * Where a reader puts the samples that it reads one after the other, so that it need not hold them
 * all: memory, or files. A format gets one and hands it on to {@link CsvRows}.
 */
public abstract sealed class SampleSink permits MemorySink, PackSink {

  SampleSink() {}

  /** Samples in memory, as a run has them that needs no pack. */
  public static SampleSink memory() {
    return new MemorySink();
  }

  /** Told, before the first sample, how many bytes there are to be read. */
  public void expect(long bytes) {}

  /** Told how many bytes were read since it was told before. */
  public void read(long bytes) {}

  /**
   * Called once, before the first sample.
   *
   * @param cells the names of the cells where the field has those, else none
   * @param source what is read, for messages
   */
  abstract void begin(List<Field> fields, List<String> cells, String source);

  /**
   * Takes a sample.
   *
   * @param key what people call it; empty if all have the numbers of their rows alone
   * @param sample values for each field, in order
   */
  abstract void add(String key, Values... sample);

  /**
   * Told, before each sample, in which line of the source it stands, from 1, where people count
   * lines and not rows.
   */
  abstract void line(int number);

  /** What people call a sample that was added, from 0. */
  abstract String key(int index);

  /** The line of a sample that was added, from 0; of those that have lines. */
  abstract int lineOf(int index);

  /** Opens what was added, of which there is something. */
  abstract Dataset finish(Truth truth);
}
