package io.ranbiki.data;

import io.ranbiki.tensor.Tensor;

/**
 * Some samples, ready for a network.
 *
 * @param inputs {@code [batch, channels, height, width]}, channels last, or {@code [batch,
 *     features]}; normalised FLOAT32
 * @param labels {@code [batch]} INT64; {@link io.ranbiki.tensor.Functional#IGNORE} where a sample
 *     has no label
 * @param ids stable name of each sample
 * @param view number of the view under which each sample is seen: 0, 1, ...
 */
public record Batch(Tensor inputs, Tensor labels, long[] ids, int view) {

  /** Number of samples. */
  public int size() {
    return ids.length;
  }
}
