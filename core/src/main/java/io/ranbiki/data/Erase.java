package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import java.util.Locale;

/**
 * Makes a random rectangle of an image black, in all channels.
 *
 * <p>Its share of the area is uniform between both bounds, the logarithm of its height by its width
 * uniform between those of 0.3 and 1/0.3, its sides are rounded to whole pixels, one at least. If
 * none of ten such rectangles fits into the image, nothing is erased.
 *
 * <p>Source: Zhong et al. 2017, "Random Erasing Data Augmentation", arXiv:1708.04896, algorithm 1.
 * Deviations: erased pixels are 0 before normalization, the black that the other augmentations let
 * in, where the paper has random values and {@code RandomErasing} of torchvision 0 after it; the
 * logarithm of the ratio is uniform, as in torchvision, not the ratio itself; the paper tries
 * without end.
 *
 * @param probability that a view has a rectangle, above 0, at most 1
 * @param smallestArea the smallest share of the area, above 0 and below 1
 * @param largestArea the largest share of the area, {@code smallestArea} or more and below 1
 */
public record Erase(double probability, double smallestArea, double largestArea)
    implements Augmentation {

  /** The least ratio of its sides; the largest is the inverse. */
  private static final double SLIMMEST = 0.3;

  static Erase read(Options options) {
    return new Erase(
        options.number(
            "probability", 0.5, "How likely a view has a rectangle", Rule.above(0), Rule.atMost(1)),
        options.number(
            "smallest-area", 0.02, "Smallest share of the area", Rule.above(0), Rule.below(1)),
        options.number(
            "largest-area", 0.33, "Largest share of the area", Rule.above(0), Rule.below(1)));
  }

  /** Checks the probability and the shares. */
  public Erase {
    if (!(probability > 0 && probability <= 1)) {
      throw RanbikiException.configuration(
          "The probability of erasing is %s, but must be above 0 and at most 1. Try 0.5.",
          probability);
    }
    if (!(smallestArea > 0 && smallestArea <= largestArea && largestArea < 1)) {
      throw RanbikiException.configuration(
          "The erased share of the area is %s to %s, but must be above 0 and below 1, the"
              + " smallest first. Try 0.02 to 0.33.",
          smallestArea, largestArea);
    }
  }

  @Override
  public String words() {
    return String.format(
        Locale.ROOT,
        "erase probability %s smallest-area %s largest-area %s",
        probability,
        smallestArea,
        largestArea);
  }

  @Override
  public void apply(SplitMix random, Pixels pixels) {
    if (random.nextDouble() < probability) {
      pixels.part(random, smallestArea, largestArea, SLIMMEST).ifPresent(pixels::blacken);
    }
  }
}
