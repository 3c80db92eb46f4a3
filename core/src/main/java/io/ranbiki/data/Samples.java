package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Row;
import java.util.List;
import java.util.function.IntToLongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The dataset of every reader: truth and names in memory, samples from wherever they are. */
final class Samples implements Dataset {

  /** Where the fields of one sample come from; safe from many threads at once. */
  interface Source {
    Row read(int index);

    /** See {@link Dataset#notes}. */
    default List<String> notes() {
      return List.of();
    }
  }

  private final List<Field> fields;
  private final Truth truth;
  private final IntToLongFunction ids;
  private final Source source;
  private final Supplier<String> fingerprints;
  private final Runnable onClose;
  private @Nullable String fingerprint;

  Samples(
      List<Field> fields,
      Truth truth,
      IntToLongFunction ids,
      Source source,
      Supplier<String> fingerprints,
      Runnable onClose) {
    this.fields = List.copyOf(fields);
    this.truth = truth;
    this.ids = ids;
    this.source = source;
    this.fingerprints = fingerprints;
    this.onClose = onClose;
    if (truth.size() == 0) {
      throw RanbikiException.configuration(
          "A dataset must have at least one sample, but has none. Check where it is read from.");
    }
  }

  @Override
  public int size() {
    return truth.size();
  }

  @Override
  public List<Field> fields() {
    return fields;
  }

  @Override
  public Task task() {
    return truth.task();
  }

  @Override
  public long id(int index) {
    return ids.applyAsLong(index);
  }

  @Override
  public int stratum(int index) {
    return truth.stratum(index);
  }

  @Override
  public Row read(int index) {
    Row sample = source.read(index);
    return isLabelled(index) ? sample.with(Batch.TRUTH, truth.values(index)) : sample;
  }

  @Override
  public synchronized String fingerprint() {
    if (fingerprint == null) {
      fingerprint = fingerprints.get();
    }
    return fingerprint;
  }

  @Override
  public List<String> notes() {
    return source.notes();
  }

  @Override
  public void close() {
    onClose.run();
  }
}
