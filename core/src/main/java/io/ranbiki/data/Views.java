package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import java.util.function.IntUnaryOperator;

/**
 * Which view of every sample an epoch uses.
 *
 * @param augmentations what is done to a sample
 * @param seed the seed of the views; not that of the batch order, so that runs which shuffle
 *     differently can share stored answers
 * @param numberOf gives the view number of an epoch (from 0)
 */
public record Views(Augmentations augmentations, long seed, IntUnaryOperator numberOf) {

  /** Every sample as it is: view 0 in every epoch. */
  public static Views none() {
    return new Views(Augmentations.none(), 0, epoch -> 0);
  }

  /** A new view in every epoch: epoch e uses view e. */
  public static Views fresh(Augmentations augmentations, long seed) {
    return new Views(augmentations, seed, epoch -> epoch);
  }

  /**
   * A fixed number of views that come round: epoch e uses view {@code e mod count}.
   *
   * @param count 1 or more
   * @throws RanbikiException if the count is below 1
   */
  public static Views cycle(Augmentations augmentations, long seed, int count) {
    if (count < 1) {
      throw RanbikiException.configuration(
          "The number of views is %d, but must be 1 or more. Try 4.", count);
    }
    return new Views(augmentations, seed, epoch -> epoch % count);
  }
}
