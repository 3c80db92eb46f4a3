package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import java.util.List;
import java.util.function.IntToLongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The dataset of every reader: labels and names in memory, samples from wherever they are. */
final class Samples implements Dataset {

  /** Where the numbers of one sample come from; safe from many threads at once. */
  interface Source {
    void read(int index, float[] target, int offset);

    /** See {@link Dataset#notes}. */
    default List<String> notes() {
      return List.of();
    }
  }

  private final int[] shape;
  private final int[] labels;
  private final List<String> classNames;
  private final IntToLongFunction ids;
  private final Source source;
  private final Supplier<String> fingerprints;
  private final Runnable onClose;
  private @Nullable String fingerprint;

  Samples(
      int[] shape,
      int[] labels,
      List<String> classNames,
      IntToLongFunction ids,
      Source source,
      Supplier<String> fingerprints,
      Runnable onClose) {
    this.shape = shape.clone();
    this.labels = labels;
    this.classNames = List.copyOf(classNames);
    this.ids = ids;
    this.source = source;
    this.fingerprints = fingerprints;
    this.onClose = onClose;
    if (labels.length == 0) {
      throw RanbikiException.configuration(
          "A dataset must have at least one sample, but has none. Check where it is read from.");
    }
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < UNLABELLED || labels[i] >= classNames.size()) {
        throw RanbikiException.configuration(
            "The label of sample %d is %d, but there are %d classes, so it must be 0 to %d (or -1"
                + " for none). Repair the label or the number of classes.",
            i, labels[i], classNames.size(), classNames.size() - 1);
      }
    }
  }

  @Override
  public int size() {
    return labels.length;
  }

  @Override
  public int classes() {
    return classNames.size();
  }

  @Override
  public int[] shape() {
    return shape.clone();
  }

  @Override
  public long id(int index) {
    return ids.applyAsLong(index);
  }

  @Override
  public int label(int index) {
    return labels[index];
  }

  @Override
  public void read(int index, float[] target, int offset) {
    source.read(index, target, offset);
  }

  @Override
  public synchronized String fingerprint() {
    if (fingerprint == null) {
      fingerprint = fingerprints.get();
    }
    return fingerprint;
  }

  @Override
  public List<String> classNames() {
    return classNames;
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
