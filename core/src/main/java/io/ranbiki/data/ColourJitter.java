package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;

/**
 * Changes brightness, contrast, saturation and hue by random factors, in a random order.
 *
 * <p>Source: {@code ColorJitter} of torchvision; Howard 2013, arXiv:1312.5402, section 2.
 *
 * @param brightness factors are uniform in 1 - this to 1 + this, 0 to 1
 * @param contrast the same
 * @param saturation the same
 * @param hue the largest turn of the circle of colours to either side, 0 to 0.5
 */
public record ColourJitter(double brightness, double contrast, double saturation, double hue)
    implements Augmentation {

  private static final int CHANGES = 4;

  static ColourJitter read(Options options) {
    Rule[] share = {Rule.atLeast(0), Rule.atMost(1)};
    return new ColourJitter(
        options.number("brightness", 0.4, "Largest change of the brightness", share),
        options.number("contrast", 0.4, "Largest change of the contrast", share),
        options.number("saturation", 0.4, "Largest change of the saturation", share),
        options.number(
            "hue", 0, "Largest turn of the circle of colours", Rule.atLeast(0), Rule.atMost(0.5)));
  }

  /** Checks the ranges. */
  public ColourJitter {
    for (double change : new double[] {brightness, contrast, saturation, 2 * hue}) {
      if (!(change >= 0 && change <= 1)) {
        throw RanbikiException.configuration(
            "The changes of a colour jitter are %s, %s, %s and %s, but must be 0 to 1, the last one"
                + " 0 to 0.5. Try 0.4, 0.4, 0.4 and 0.",
            brightness, contrast, saturation, hue);
      }
    }
  }

  @Override
  public String words() {
    return "colour-jitter brightness "
        + brightness
        + " contrast "
        + contrast
        + " saturation "
        + saturation
        + " hue "
        + hue;
  }

  @Override
  public void apply(SplitMix random, Pixels pixels) {
    int[] order = random.permutation(CHANGES);
    double[] factors = {
      random.between(1 - brightness, 1 + brightness),
      random.between(1 - contrast, 1 + contrast),
      random.between(1 - saturation, 1 + saturation),
      random.between(-hue, hue)
    };
    for (int change : order) {
      switch (change) {
        case 0 -> ColourChange.brightness(pixels, factors[0]);
        case 1 -> ColourChange.contrast(pixels, factors[1]);
        case 2 -> ColourChange.saturation(pixels, factors[2]);
        default -> ColourChange.hue(pixels, factors[3]);
      }
    }
  }
}
