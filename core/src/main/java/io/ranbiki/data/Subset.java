package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Row;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Some samples of a dataset in a chosen order, with their ids; labels may be hidden. */
public final class Subset implements Dataset {

  private final Dataset base;
  private final int[] indices;
  private final boolean @Nullable [] hidden;
  private final boolean hasNotes;

  private Subset(Dataset base, int[] indices, boolean @Nullable [] hidden, boolean hasNotes) {
    this.base = base;
    this.indices = indices;
    this.hidden = hidden;
    this.hasNotes = hasNotes;
  }

  /**
   * The samples at these indices, in this order.
   *
   * @throws RanbikiException if there is none, one is out of range, or one comes twice
   */
  public static Subset of(Dataset dataset, int[] indices) {
    requireSome(indices);
    boolean[] seen = new boolean[dataset.size()];
    for (int index : indices) {
      if (index < 0 || index >= seen.length) {
        throw RanbikiException.configuration(
            "The index %d of a subset is out of range: the dataset has the samples 0 to %d. Choose"
                + " among these.",
            index, seen.length - 1);
      }
      if (seen[index]) {
        throw RanbikiException.configuration(
            "The index %d comes twice in a subset, but ids must be unique. Name it once.", index);
      }
      seen[index] = true;
    }
    return new Subset(dataset, indices.clone(), null, false);
  }

  /**
   * The samples at these indices, in the order of the dataset.
   *
   * @throws RanbikiException if there is none
   */
  public static Subset of(Dataset dataset, BitSet indices) {
    int[] chosen = new int[indices.cardinality()];
    int done = 0;
    for (int next = indices.nextSetBit(0); next >= 0; next = indices.nextSetBit(next + 1)) {
      chosen[done++] = next;
    }
    requireSome(chosen);
    return new Subset(dataset, chosen, null, false);
  }

  private static void requireSome(int[] indices) {
    if (indices.length == 0) {
      throw RanbikiException.configuration(
          "A subset must have at least one sample, but has none. Choose more samples.");
    }
  }

  /** All samples in their order, the marked ones without their label. */
  static Subset hiding(Dataset dataset, boolean[] hidden) {
    int[] all = new int[dataset.size()];
    Arrays.setAll(all, index -> index);
    return new Subset(dataset, all, hidden, false);
  }

  /** The same, which says what there is to know of the whole dataset. */
  Subset withNotes() {
    return new Subset(base, indices, hidden, true);
  }

  @Override
  public List<String> notes() {
    return hasNotes ? base.notes() : List.of();
  }

  /** The samples of the same dataset that are not in here, in its order, with their labels. */
  Subset rest() {
    BitSet others = new BitSet();
    others.set(0, base.size());
    IntStream.of(indices).forEach(others::clear);
    return Subset.of(base, others);
  }

  @Override
  public int size() {
    return indices.length;
  }

  @Override
  public List<Field> fields() {
    return base.fields();
  }

  @Override
  public Task task() {
    return base.task();
  }

  @Override
  public String key(int index) {
    return base.key(indices[index]);
  }

  @Override
  public long id(int index) {
    return base.id(indices[index]);
  }

  private boolean isHidden(int index) {
    return hidden != null && hidden[index];
  }

  @Override
  public int stratum(int index) {
    return isHidden(index) ? UNLABELLED : base.stratum(indices[index]);
  }

  @Override
  public Row read(int index) {
    Row sample = base.read(indices[index]);
    return isHidden(index) ? sample.without(Batch.TRUTH) : sample;
  }

  @Override
  public String place(int index) {
    return base.place(indices[index]);
  }

  @Override
  public String fingerprint() {
    Fingerprint fingerprint = new Fingerprint("subset").text(base.fingerprint()).ints(indices);
    if (hidden != null) {
      for (boolean one : hidden) {
        fingerprint.ints(one ? 1 : 0);
      }
    }
    return fingerprint.hex();
  }
}
