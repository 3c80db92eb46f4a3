package io.ranbiki.data;

import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Row;
import io.ranbiki.prepare.Values;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A batch in Java arrays.
 *
 * @param fields {@code [batch, ...]} by name, augmented, with the truth under {@link Batch#TRUTH}:
 *     not yet normalized, pixels still bytes unless an augmentation made numbers in [0, 1] of them.
 *     Arrays may be longer than the batch, and are overwritten once the next batch is asked for
 * @param masks of the fields whose length varies, see {@link Batch#masks}
 * @param ids {@code [batch]}, {@link Dataset#id} of each sample
 * @param indices {@code [batch]}, the index of each sample in the loader's dataset
 * @param viewNumber which view of the samples this is
 * @param labelled how many of the samples have a label
 * @param prepare what a network's inputs go through; of it, what is done to each sample by itself
 *     is done
 * @param others the same samples as other networks take them
 */
public record HostBatch(
    Map<String, Values> fields,
    Map<String, Values.Longs> masks,
    long[] ids,
    int[] indices,
    int viewNumber,
    int labelled,
    Prepare prepare,
    List<HostBatch> others) {

  /** The same with the same samples as other networks take them. */
  HostBatch with(List<HostBatch> those) {
    return new HostBatch(fields, masks, ids, indices, viewNumber, labelled, prepare, those);
  }

  /** The same arrays for a network that differs in what whole batches go through. */
  HostBatch as(Prepare network) {
    return new HostBatch(fields, masks, ids, indices, viewNumber, labelled, network, List.of());
  }

  /** The number of samples. */
  public int size() {
    return ids.length;
  }

  /** One of the samples as it was before it was padded. */
  public Row row(int index) {
    Map<String, Values> arrays = new LinkedHashMap<>();
    fields.forEach(
        (name, stack) -> arrays.put(name, Padding.unstack(stack, masks.get(name), index)));
    Row row = new Row(arrays);
    return Padding.isKnown(row.get(Batch.TRUTH)) ? row : row.without(Batch.TRUTH);
  }
}
