package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;

/** What masks of time and of frequency have in common. */
final class Masks {

  private Masks() {}

  /** From one index to that behind the last. */
  record Stretch(int from, int to) {}

  static double share(Options options) {
    options.shorthand("share");
    return options.number("share", 0.2, "Largest width as a share", Rule.above(0), Rule.atMost(1));
  }

  static int count(Options options) {
    return options.integer("count", 1, "How many masks", Rule.between(1, 100));
  }

  static void require(Augmentation mask, double share, int count) {
    if (!(share > 0 && share <= 1) || count < 1) {
      throw RanbikiException.configuration(
          "The share of %s is %s and its count %d, but the share must be above 0 and at most 1, and"
              + " the count 1 or more. Try 0.2 and 1.",
          mask.getClass().getSimpleName(), share, count);
    }
  }

  /** Draws twice, whatever the length, so that the next draw is the same for other lengths. */
  static Stretch stretch(SplitMix random, double share, int length) {
    int widest = (int) (share * length);
    int width = (int) (random.nextDouble() * (widest + 1));
    int from = (int) (random.nextDouble() * Math.max(1, length - width));
    return new Stretch(from, from + width);
  }

  static float mean(Pixels pixels) {
    double sum = 0;
    for (int frame = 0; frame < pixels.height(); frame++) {
      for (int band = 0; band < pixels.width(); band++) {
        sum += pixels.get(0, frame, band);
      }
    }
    return (float) (sum / ((double) pixels.height() * pixels.width()));
  }
}
