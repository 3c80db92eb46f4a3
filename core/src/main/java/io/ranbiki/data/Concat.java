package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Row;
import java.util.Arrays;
import java.util.List;

/**
 * Several datasets one after the other, such as a labelled one and a larger one without labels.
 *
 * <p>The id of a sample of part {@code p} (from 0) is {@code p * 2^40} plus its id there: the first
 * part keeps its ids, and no id changes when another part grows or shrinks.
 */
public final class Concat implements Dataset {

  private static final int PART_BITS = 40;

  private final List<Dataset> parts;
  private final int[] starts;
  private final Dataset named;

  private Concat(List<Dataset> parts, int[] starts, Dataset named) {
    this.parts = parts;
    this.starts = starts;
    this.named = named;
  }

  /**
   * Joins datasets of the same fields and the same classes; a part that has no classes at all fits
   * to any.
   *
   * @throws RanbikiException if there is none, fields or classes differ, or a part was joined
   *     before
   */
  public static Concat of(Dataset... parts) {
    if (parts.length == 0) {
      throw RanbikiException.configuration("There is no dataset to join. Name one at least.");
    }
    Dataset named = parts[0];
    int[] starts = new int[parts.length + 1];
    for (int p = 0; p < parts.length; p++) {
      Dataset part = parts[p];
      if (!part.fields().equals(parts[0].fields())) {
        throw RanbikiException.configuration(
            "Samples of dataset 0 have the fields %s and those of dataset %d have %s, but joined"
                + " datasets must have the same. Convert one of them.",
            parts[0].fields(), p, part.fields());
      }
      named = named.task().width() == 0 ? part : named;
      if (part.task().width() != 0 && !part.task().equals(named.task())) {
        throw RanbikiException.configuration(
            "Dataset %d has the classes %s, but the ones before it have %s, and joined datasets"
                + " must have the same. Name the classes alike, or drop them from one dataset.",
            p, part.task().names(), named.task().names());
      }
      for (int i = 0; i < part.size(); i++) {
        if (part.id(i) >>> PART_BITS != 0) {
          throw RanbikiException.configuration(
              "Dataset %d has the id %d, but only ids below 2^40 can be joined. Join all datasets"
                  + " at once instead of in steps.",
              p, part.id(i));
        }
      }
      starts[p + 1] = Math.addExact(starts[p], part.size());
    }
    return new Concat(List.of(parts), starts, named);
  }

  /** The part, from 0, of the sample with an id. */
  public static int part(long id) {
    return (int) (id >>> PART_BITS);
  }

  /** The id that a sample has in its part. */
  public static long idInPart(long id) {
    return id & ((1L << PART_BITS) - 1);
  }

  private int partOf(int index) {
    int part = Arrays.binarySearch(starts, index);
    return part >= 0 ? part : -part - 2;
  }

  @Override
  public int size() {
    return starts[parts.size()];
  }

  @Override
  public List<Field> fields() {
    return named.fields();
  }

  @Override
  public Task task() {
    return named.task();
  }

  @Override
  public String key(int index) {
    int part = partOf(index);
    return parts.get(part).key(index - starts[part]);
  }

  @Override
  public long id(int index) {
    int part = partOf(index);
    return ((long) part << PART_BITS) + parts.get(part).id(index - starts[part]);
  }

  @Override
  public int stratum(int index) {
    int part = partOf(index);
    return parts.get(part).stratum(index - starts[part]);
  }

  @Override
  public Row read(int index) {
    int part = partOf(index);
    return parts.get(part).read(index - starts[part]);
  }

  @Override
  public String place(int index) {
    int part = partOf(index);
    return parts.get(part).place(index - starts[part]);
  }

  @Override
  public String fingerprint() {
    return new Fingerprint("concat").texts(parts.stream().map(Dataset::fingerprint).toList()).hex();
  }
}
