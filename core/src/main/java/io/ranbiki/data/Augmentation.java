package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.ConfigNode;
import io.ranbiki.config.Provider;
import java.util.Arrays;
import java.util.List;

/**
 * A random change of a sample that leaves its class alone; done before normalization. A record of
 * its options: ours stand in {@link Transforms}; one of your own comes from a {@link
 * io.ranbiki.config.Catalogue} of yours, with {@code Augmentation.class} as the kind of its
 * provider.
 */
public interface Augmentation {

  /** Reads a list of augmentations, such as the key {@code augment} has. */
  static List<Augmentation> read(ConfigNode node) {
    List<Provider<Augmentation>> providers = Provider.all(Augmentation.class);
    return node.list(entry -> entry.choice(providers));
  }

  /**
   * What it does, with the value of every option, as the key of stored answers has it: two that can
   * make different views must not have the same words. A record's own text will do.
   */
  default String words() {
    return toString();
  }

  /**
   * Checks that it can be done on samples of a shape; unless said otherwise, on images.
   *
   * @param shape {@code [channels, height, width]} of images, {@code [features]} of rows
   * @throws RanbikiException if it cannot
   */
  default void requireFits(int[] shape) {
    if (shape.length != 3) {
      throw RanbikiException.configuration(
          "The augmentation %s needs images, but samples have the shape %s. Remove it; noise can"
              + " be added to rows.",
          this, Arrays.toString(shape));
    }
  }

  /**
   * Whether it is for sounds, and then for nothing else: the sample is {@code [1, frames, bands]}
   * then, the natural logarithms of power.
   */
  default boolean isForSounds() {
    return false;
  }

  /**
   * Changes a sample in place, on any thread.
   *
   * @param random the only source of what is random
   * @param pixels the sample
   */
  void apply(SplitMix random, Pixels pixels);
}
