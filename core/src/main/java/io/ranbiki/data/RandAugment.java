package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;

/**
 * Does some of fourteen changes, each time one of them at random, all of the same strength.
 *
 * <p>Source: Cubuk et al. 2019, arXiv:1909.13719; {@code RandAugment} of torchvision, with its
 * changes and their ranges. Deviation: what moves pixels interpolates, where torchvision takes the
 * nearest pixel unless told otherwise; black comes in from outside.
 *
 * @param changes how many are done, one after the other, 1 to 14
 * @param magnitude their strength, 0 to 30
 */
public record RandAugment(int changes, int magnitude) implements Augmentation {

  private static final int STRONGEST = 30;

  /** The changes; torchvision calls the saturation Color. */
  enum Change {
    IDENTITY,
    SHEAR_X,
    SHEAR_Y,
    TRANSLATE_X,
    TRANSLATE_Y,
    ROTATE,
    BRIGHTNESS,
    SATURATION,
    CONTRAST,
    SHARPNESS,
    POSTERIZE,
    SOLARIZE,
    AUTOCONTRAST,
    EQUALIZE;

    /**
     * Does it.
     *
     * @param strength 0 to 1
     * @param sign 1 or -1; of no meaning for those that have one direction
     */
    void apply(Pixels pixels, double strength, int sign) {
      double factor = 1 + sign * 0.9 * strength;
      switch (this) {
        case IDENTITY -> {}
        case SHEAR_X -> pixels.move(0, sign * 0.3 * strength, 0, 0);
        case SHEAR_Y -> pixels.move(sign * 0.3 * strength, 0, 0, 0);
        case TRANSLATE_X ->
            pixels.move(0, 0, 0, (int) (sign * 150.0 / 331 * pixels.width() * strength));
        case TRANSLATE_Y ->
            pixels.move(0, 0, (int) (sign * 150.0 / 331 * pixels.height() * strength), 0);
        case ROTATE -> pixels.rotate(sign * 30 * strength);
        case BRIGHTNESS -> ColourChange.brightness(pixels, factor);
        case SATURATION -> ColourChange.saturation(pixels, factor);
        case CONTRAST -> ColourChange.contrast(pixels, factor);
        case SHARPNESS -> ColourChange.sharpness(pixels, factor);
        case POSTERIZE -> ColourChange.posterize(pixels, 8 - (int) Math.rint(4 * strength));
        case SOLARIZE -> ColourChange.solarize(pixels, 1 - strength);
        case AUTOCONTRAST -> ColourChange.autocontrast(pixels);
        case EQUALIZE -> ColourChange.equalize(pixels);
      }
    }
  }

  static RandAugment read(Options options) {
    return new RandAugment(
        options.integer("changes", 2, "How many changes are done", Rule.between(1, 14)),
        options.integer("magnitude", 9, "Strength of the changes", Rule.between(0, STRONGEST)));
  }

  /** Checks the numbers. */
  public RandAugment {
    if (changes < 1 || changes > Change.values().length || magnitude < 0 || magnitude > STRONGEST) {
      throw RanbikiException.configuration(
          "A rand-augment of %d changes with magnitude %d is not possible: 1 to %d changes and a"
              + " magnitude of 0 to %d are. Try 2 and 9.",
          changes, magnitude, Change.values().length, STRONGEST);
    }
  }

  @Override
  public String words() {
    return "rand-augment changes " + changes + " magnitude " + magnitude;
  }

  @Override
  public void apply(SplitMix random, Pixels pixels) {
    for (int i = 0; i < changes; i++) {
      Change change = Change.values()[random.nextInt(Change.values().length)];
      change.apply(pixels, (double) magnitude / STRONGEST, random.nextBoolean() ? 1 : -1);
    }
  }
}
