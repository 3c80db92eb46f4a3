package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;

/**
 * Cuts out a part at a random place and stretches it to the original size, with bilinear
 * interpolation.
 *
 * <p>The part's share of the area is uniform between {@code smallestArea} and 1, the logarithm of
 * its height by its width uniform between those of 3/4 and 4/3, its sides are rounded to whole
 * pixels. If none of ten such parts fits into the image, the middle of it is taken, as torchvision
 * does it. Where images have any size, the part becomes a square of its shorter side, which
 * networks resize as they resize an image.
 *
 * <p>Source: Szegedy et al. 2014, arXiv:1409.4842, section 6; {@code RandomResizedCrop} of
 * torchvision. Students that are to match a teacher's function learn from such parts in Beyer et
 * al. 2021, arXiv:2106.05237, section 3.
 *
 * @param smallestArea the smallest share of the area, above 0 and below 1; 0.08 there
 */
public record ResizedCrop(double smallestArea) implements Augmentation {

  /** The least ratio of its sides; the largest is the inverse. */
  private static final double SLIMMEST = 3 / 4.0;

  static ResizedCrop read(Options options) {
    return new ResizedCrop(
        options.number(
            "smallest-area", 0.25, "Smallest share of the area", Rule.above(0), Rule.below(1)));
  }

  /** Checks the share. */
  public ResizedCrop {
    if (!(smallestArea > 0 && smallestArea < 1)) {
      throw RanbikiException.configuration(
          "The smallest area of a resized crop is %s, but must be above 0 and below 1. Try 0.25.",
          smallestArea);
    }
  }

  @Override
  public String words() {
    return "resized-crop smallest-area " + smallestArea + " else middle";
  }

  @Override
  public void apply(SplitMix random, Pixels pixels) {
    pixels.stretch(
        pixels.part(random, smallestArea, 1, SLIMMEST).orElseGet(() -> pixels.middle(SLIMMEST)));
  }
}
