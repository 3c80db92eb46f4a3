package io.ranbiki.data;

/**
 * A batch in Java arrays.
 *
 * @param inputs the samples one after the other, augmented and normalized; may be longer than the
 *     batch, and is overwritten once the next batch is asked for
 * @param shape {@code [batch, channels, height, width]} or {@code [batch, features]}
 * @param labels {@code [batch]}, {@link Dataset#UNLABELLED} where there is none
 * @param ids {@code [batch]}, {@link Dataset#id} of each sample
 * @param indices {@code [batch]}, the index of each sample in the loader's dataset
 * @param viewNumber which view of the samples this is
 */
public record HostBatch(
    float[] inputs, int[] shape, int[] labels, long[] ids, int[] indices, int viewNumber) {

  /** The number of samples. */
  public int size() {
    return shape[0];
  }
}
