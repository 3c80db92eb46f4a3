package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;

/**
 * Adds independent normal noise to every number; images are clipped back to [0, 1], as torchvision
 * does it.
 *
 * @param std the standard deviation, finite and above 0, in the unit of the sample before
 *     normalization
 */
public record Noise(double std) implements Augmentation {

  static Noise read(Options options) {
    return new Noise(options.number("std", 0.1, "Standard deviation", Rule.above(0)));
  }

  /** Checks the standard deviation. */
  public Noise {
    if (!(std > 0 && Double.isFinite(std))) {
      throw RanbikiException.configuration(
          "The standard deviation of the noise is %s, but must be finite and above 0. Try 0.1.",
          std);
    }
  }

  @Override
  public String words() {
    return "noise std " + std;
  }

  /** Rows take noise, too. */
  @Override
  public void requireFits(int[] shape) {}

  @Override
  public void apply(SplitMix random, Pixels pixels) {
    pixels.add(random, std);
  }
}
