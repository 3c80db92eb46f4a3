package io.ranbiki.data;

import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.MemoryFormat;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.util.Arrays;

/**
 * Some samples, ready for a network.
 *
 * @param inputs {@code [batch, channels, height, width]}, channels last, or {@code [batch,
 *     features]}; normalised FLOAT32
 * @param labels {@code [batch]} INT64; {@link io.ranbiki.tensor.Functional#IGNORE} where a sample
 *     has no label
 * @param ids stable name of each sample
 * @param view number of the view under which each sample is seen: 0, 1, ...
 * @param labelled how many of the samples have a label
 */
public record Batch(Tensor inputs, Tensor labels, long[] ids, int view, int labelled) {

  /** Counts the labels. */
  public Batch(Tensor inputs, Tensor labels, long[] ids, int view) {
    this(inputs, labels, ids, view, (int) labels.ne(Functional.IGNORE).sum().item());
  }

  /** Copies a batch of Java arrays into tensors of the innermost scope. */
  public static Batch of(HostBatch host) {
    long[] shape = Arrays.stream(host.shape()).asLongStream().toArray();
    Tensor inputs = Tensors.ofBeginning(host.inputs(), shape);
    if (shape.length == 4) {
      inputs = inputs.copy(MemoryFormat.CHANNELS_LAST);
    }
    long[] labels =
        Arrays.stream(host.labels())
            .mapToLong(label -> label == Dataset.UNLABELLED ? Functional.IGNORE : label)
            .toArray();
    int labelled = (int) Arrays.stream(host.labels()).filter(l -> l != Dataset.UNLABELLED).count();
    return new Batch(
        inputs, Tensors.of(labels, labels.length), host.ids(), host.viewNumber(), labelled);
  }

  /** Number of samples. */
  public int size() {
    return ids.length;
  }
}
