package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Row;
import io.ranbiki.prepare.Values;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToLongFunction;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One set of samples of a pack, as its header has it.
 *
 * @param samples how many
 * @param fields of the samples
 * @param cells the names of the cells, where they have some
 * @param task what it is called, see {@link Task#word}
 * @param names of what an answer holds
 * @param width how many numbers an answer has
 * @param fingerprint that of the samples as their files have them
 * @param source what the rows were read from, where a sample is a row of it; empty where each has a
 *     place of its own
 * @param keys whether each has a key of its own, beside the number of its row
 * @param lines whether samples are known by lines of the source, of which some are none, and not by
 *     rows
 * @param places whether each has an id, a key and a place of its own
 */
record PackedPart(
    int samples,
    List<Field> fields,
    List<String> cells,
    String task,
    List<String> names,
    int width,
    String fingerprint,
    String source,
    boolean keys,
    boolean lines,
    boolean places) {

  /** Behind the name of a set: the file of the lines. */
  static final String LINES = ".lines";

  /** Copies the lists. */
  PackedPart {
    fields = List.copyOf(fields);
    cells = List.copyOf(cells);
    names = List.copyOf(names);
  }

  /** Of samples that are known by rows or lines of one source; of no fingerprint yet. */
  static PackedPart of(SampleBytes form, Truth truth, String source, boolean keys, boolean lines) {
    return of(form, truth.task(), truth.size(), "", source, keys, lines, false);
  }

  /** Of samples of which each has a place of its own. */
  static PackedPart withPlaces(SampleBytes form, Task task, int samples, String fingerprint) {
    return of(form, task, samples, fingerprint, "", false, false, true);
  }

  private static PackedPart of(
      SampleBytes form,
      Task task,
      int samples,
      String fingerprint,
      String source,
      boolean keys,
      boolean lines,
      boolean places) {
    return new PackedPart(
        samples,
        form.fields(),
        form.cells(),
        task.word(),
        task.names(),
        task.width(),
        fingerprint,
        source,
        keys,
        lines,
        places);
  }

  PackedPart withFingerprint(String other) {
    return new PackedPart(
        samples, fields, cells, task, names, width, other, source, keys, lines, places);
  }

  /**
   * Opens it.
   *
   * @param part what its files are called
   * @throws RanbikiException if a file is missing or cut
   */
  Dataset open(Path folder, String part) {
    SampleBytes form = new SampleBytes(fields, cells);
    PackedRecords rows = PackedRecords.open(folder, part + ".rows", form.width(), samples);
    PackedRecords called = places ? PackedRecords.open(folder, part + ".names", 0, samples) : rows;
    IntToLongFunction ids = places ? index -> called.read(index).getLong() : index -> index;
    Dataset all =
        new Samples(
            fields,
            readTruth(folder, part),
            ids,
            index -> sample(form, rows, index, folder),
            () -> fingerprint,
            () -> {});
    if (places) {
      return new Placed(all, index -> text(called, index, 1), index -> text(called, index, 0));
    }
    Placed numbered =
        lines
            ? Placed.numbered(all, "line", numbers(folder, part), source)
            : Placed.numbered(all, "row", index -> index + 1, source);
    if (!keys) {
      return numbered;
    }
    PackedRecords texts = PackedRecords.open(folder, part + ".keys", 0, samples);
    return new Placed(all, numbered.places(), index -> SampleBytes.readText(texts.read(index)));
  }

  private IntUnaryOperator numbers(Path folder, String part) {
    PackedRecords records = PackedRecords.open(folder, part + LINES, Integer.BYTES, samples);
    return index -> records.read(index).getInt();
  }

  private static Row sample(SampleBytes form, PackedRecords rows, int index, Path folder) {
    try {
      return form.read(rows.read(index));
    } catch (BufferUnderflowException | NegativeArraySizeException e) {
      throw new RanbikiException(
          RanbikiException.Kind.CONFIGURATION,
          folder + " does not hold what its header says. Make it again with 'ranbiki pack'.",
          e);
    }
  }

  /** The key, or the place. */
  private static String text(PackedRecords called, int index, int which) {
    ByteBuffer record = called.read(index).position(Long.BYTES);
    String text = SampleBytes.readText(record);
    return which == 0 ? text : SampleBytes.readText(record);
  }

  // ---- the truth: a whole number, or the numbers of the task, for each sample

  static void writeTruth(Path folder, String part, Truth truth) {
    TruthWriter writer = new TruthWriter(folder, part, truth.task(), truth.size());
    for (int index = 0; index < truth.size(); index++) {
      writer.add(
          truth.stratum(index) == Dataset.UNLABELLED && truth instanceof Truth.OfClasses
              ? null
              : truth.values(index));
    }
    writer.finish();
  }

  private Truth readTruth(Path folder, String part) {
    Task what;
    try {
      what = Task.of(task, names, width);
    } catch (IllegalArgumentException e) {
      throw new RanbikiException(
          RanbikiException.Kind.CONFIGURATION,
          folder + " was made by another version. Make it again with 'ranbiki pack'.",
          e);
    }
    boolean classes = what instanceof Task.Classes;
    int numbers = classes ? 1 : width;
    PackedRecords truths =
        PackedRecords.open(folder, part + ".truth", Integer.BYTES * numbers, samples);
    int[] classOf = new int[classes ? samples : 0];
    float[] values = new float[classes ? 0 : Math.multiplyExact(samples, numbers)];
    PackedFile file = truths.file();
    int step = 1 << 18; // numbers
    for (int from = 0; from < samples * numbers; from += step) {
      int count = Math.min(step, samples * numbers - from);
      ByteBuffer read =
          ByteBuffer.wrap(file.read((long) Integer.BYTES * from, Integer.BYTES * count));
      if (classes) {
        read.asIntBuffer().get(classOf, from, count);
      } else {
        read.asFloatBuffer().get(values, from, count);
      }
    }
    return what instanceof Task.Classes of
        ? new Truth.OfClasses(classOf, of)
        : new Truth.OfNumbers(values, samples, what);
  }

  /** Writes the truth of one sample after the other. */
  static final class TruthWriter {

    private final PackedRecords.Writer file;
    private final ByteBuffer record;
    private final boolean classes;

    TruthWriter(Path folder, String part, Task task, int samples) {
      classes = task instanceof Task.Classes;
      if (!classes && task.truth().varies()) {
        throw RanbikiException.configuration(
            "The truth of the %,d samples is of the task '%s', which no pack can hold. Train on the"
                + " files themselves.",
            samples, task.word());
      }
      file = new PackedRecords.Writer(folder, part + ".truth", false);
      record = ByteBuffer.allocate(Integer.BYTES * (classes ? 1 : Math.max(1, task.width())));
    }

    /**
     * Takes a truth.
     *
     * @param truth null if it is not known
     */
    void add(@Nullable Values truth) {
      record.clear();
      if (classes) {
        record.putInt(truth instanceof Values.Longs number ? (int) number.data()[0] : -1);
      } else {
        float[] numbers = new float[record.capacity() / Float.BYTES];
        if (truth instanceof Values.Floats known) {
          System.arraycopy(known.data(), 0, numbers, 0, numbers.length);
        } else {
          Arrays.fill(numbers, Float.NaN);
        }
        record.asFloatBuffer().put(numbers);
        record.position(record.capacity());
      }
      file.add(record.flip());
    }

    void finish() {
      file.finish();
    }
  }
}
