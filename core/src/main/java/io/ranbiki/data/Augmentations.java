package io.ranbiki.data;

import java.util.List;

/**
 * Augmentations that are done one after the other.
 *
 * @param list in the order in which they are done; empty for none
 */
public record Augmentations(List<Augmentation> list) {

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
   * @throws io.ranbiki.RanbikiException if one needs an image and the samples are rows
   */
  public void requireFits(int[] shape) {
    list.forEach(augmentation -> augmentation.requireFits(shape));
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
    apply(view, new Pixels(values, offset, shape, spare));
  }

  /**
   * The same for an image of a data set whose images have any size.
   *
   * @return the shape of the view, which lies at the beginning of the array
   */
  int[] applyToAnySize(View view, float[] values, int[] shape, float[] spare) {
    Pixels pixels = new Pixels(values, 0, shape, spare, true);
    apply(view, pixels);
    return new int[] {shape[0], pixels.height(), pixels.width()};
  }

  private void apply(View view, Pixels pixels) {
    SplitMix random = new SplitMix(view.seed(), view.sampleId(), view.number());
    list.forEach(augmentation -> augmentation.apply(random, pixels));
  }
}
