package io.ranbiki.data;

import io.ranbiki.config.Options;

/**
 * Hides stretches of time of a sound: its frames there become the mean of all its numbers.
 *
 * <p>Source: Park et al. 2019, "SpecAugment", arXiv:1904.08779, section 2: the width of a mask is
 * uniform between 0 and a largest one, and so is its place. Deviations: the largest width is a
 * share of the sound, so that networks with other frames have the same stretches hidden; frames are
 * normalised afterwards, so the mean stands for the paper's 0; time is not warped.
 *
 * @param share largest width as a share of the sound, above 0, at most 1
 * @param count how many stretches
 */
public record TimeMask(double share, int count) implements Augmentation {

  static TimeMask read(Options options) {
    return new TimeMask(Masks.share(options), Masks.count(options));
  }

  /** Checks the numbers. */
  public TimeMask {
    Masks.require(this, share, count);
  }

  @Override
  public boolean isForSounds() {
    return true;
  }

  @Override
  public String words() {
    return "time-mask share " + share + " count " + count;
  }

  @Override
  public void apply(SplitMix random, Pixels pixels) {
    float mean = Masks.mean(pixels);
    for (int i = 0; i < count; i++) {
      Masks.Stretch hidden = Masks.stretch(random, share, pixels.height());
      for (int frame = hidden.from(); frame < hidden.to(); frame++) {
        for (int band = 0; band < pixels.width(); band++) {
          pixels.set(0, frame, band, mean);
        }
      }
    }
  }
}
