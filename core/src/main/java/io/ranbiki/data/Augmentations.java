package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import java.util.Arrays;
import java.util.List;

/**
 * Augmentations that are done one after the other.
 *
 * @param list in the order in which they are done; empty for none
 */
public record Augmentations(List<Augmentation> list) {

  private static final double PART_RATIO = 3 / 4.0;
  private static final double ERASED_RATIO = 0.3;
  private static final Augmentations NONE = new Augmentations(List.of());

  /** Copies the list. */
  public Augmentations {
    list = List.copyOf(list);
  }

  /** Leaves samples as they are. */
  public static Augmentations none() {
    return NONE;
  }

  /**
   * Checks that all of them can be done on samples of a shape.
   *
   * @throws RanbikiException if one needs an image and the samples are rows
   */
  public void requireFits(int[] shape) {
    for (Augmentation augmentation : list) {
      if (shape.length != 3 && !(augmentation instanceof Augmentation.Noise)) {
        throw RanbikiException.configuration(
            "The augmentation %s needs images, but samples have the shape %s. Remove it; noise can"
                + " be added to rows.",
            augmentation, Arrays.toString(shape));
      }
    }
  }

  /**
   * Turns a sample into one of its views, in place.
   *
   * @param view the only thing that what is random depends on
   * @param values where the sample is, from {@code offset} on, as {@link Dataset#read} gives it
   * @param shape its shape
   * @param spare an array of one sample's length that is overwritten
   */
  public void apply(View view, float[] values, int offset, int[] shape, float[] spare) {
    if (list.isEmpty()) {
      return;
    }
    SplitMix random = new SplitMix(view.seed(), view.sampleId(), view.number());
    Pixels pixels = new Pixels(values, offset, shape, spare);
    for (Augmentation augmentation : list) {
      apply(augmentation, random, pixels);
    }
  }

  private static void apply(Augmentation augmentation, SplitMix random, Pixels pixels) {
    if (augmentation instanceof Augmentation.Crop crop) {
      int places = 2 * crop.padding() + 1;
      int down = random.nextInt(places) - crop.padding();
      int right = random.nextInt(places) - crop.padding();
      pixels.shift(down, right);
    } else if (augmentation instanceof Augmentation.ResizedCrop crop) {
      pixels.part(random, crop.smallestArea(), 1, PART_RATIO).ifPresent(pixels::stretch);
    } else if (augmentation instanceof Augmentation.Erase erase) {
      if (random.nextDouble() < erase.probability()) {
        pixels
            .part(random, erase.smallestArea(), erase.largestArea(), ERASED_RATIO)
            .ifPresent(pixels::blacken);
      }
    } else if (augmentation instanceof Augmentation.Flip flip) {
      if (random.nextBoolean()) {
        pixels.mirror(flip.direction() == Augmentation.Direction.HORIZONTAL);
      }
    } else if (augmentation instanceof Augmentation.Rotation rotation) {
      pixels.rotate(random.between(-rotation.degrees(), rotation.degrees()));
    } else if (augmentation instanceof Augmentation.Noise noise) {
      pixels.add(random, noise.std());
    } else {
      throw new IllegalStateException("no rule for " + augmentation);
    }
  }
}
