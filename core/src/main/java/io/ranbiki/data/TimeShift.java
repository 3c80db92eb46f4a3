package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.prepare.MelSpectrogram;

/**
 * Moves a sound in time by whole frames, every distance equally likely; silence comes in.
 *
 * @param share farthest distance to either side as a share of the sound, above 0 and below 1
 */
public record TimeShift(double share) implements Augmentation {

  static TimeShift read(Options options) {
    options.shorthand("share");
    return new TimeShift(
        options.number(
            "share",
            0.1,
            "Farthest distance to either side as a share of the sound",
            Rule.above(0),
            Rule.below(1)));
  }

  /** Checks the share. */
  public TimeShift {
    if (!(share > 0 && share < 1)) {
      throw RanbikiException.configuration(
          "The share of a time shift is %s, but must be above 0 and below 1. Try 0.1.", share);
    }
  }

  @Override
  public boolean isForSounds() {
    return true;
  }

  @Override
  public String words() {
    return "time-shift share " + share;
  }

  @Override
  public void apply(SplitMix random, Pixels pixels) {
    int frames = pixels.height();
    int later = (int) Math.round(random.between(-share, share) * frames);
    for (int i = 0; i < frames; i++) {
      int frame = later > 0 ? frames - 1 - i : i; // nothing is overwritten before it was moved
      int from = frame - later;
      for (int band = 0; band < pixels.width(); band++) {
        boolean inside = from >= 0 && from < frames;
        pixels.set(0, frame, band, inside ? pixels.get(0, from, band) : MelSpectrogram.SILENCE);
      }
    }
  }
}
