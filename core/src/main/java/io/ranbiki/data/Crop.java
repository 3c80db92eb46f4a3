package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;

/**
 * Adds black pixels on all four sides and cuts out the original size at a random place.
 *
 * <p>Source: He et al. 2015, arXiv:1512.03385, section 4.2; {@code RandomCrop} of torchvision.
 *
 * @param padding pixels on each side, 1 to 4096
 */
public record Crop(int padding) implements Augmentation {

  static Crop read(Options options) {
    return new Crop(options.integer("padding", 4, "Pixels on each side", Rule.between(1, 4096)));
  }

  /** Checks the padding. */
  public Crop {
    if (padding < 1 || padding > 4096) {
      throw RanbikiException.configuration(
          "The padding of a crop is %d, but must be 1 to 4096. Try 4 for images of 32 pixels.",
          padding);
    }
  }

  @Override
  public String words() {
    return "crop padding " + padding;
  }

  @Override
  public void apply(SplitMix random, Pixels pixels) {
    int places = 2 * padding + 1;
    int down = random.nextInt(places) - padding;
    int right = random.nextInt(places) - padding;
    pixels.shift(down, right);
  }
}
