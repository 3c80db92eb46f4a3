package io.ranbiki.data;

import io.ranbiki.config.Options;

/**
 * Hides ranges of frequency of a sound, from its beginning to its end: as {@link TimeMask} does
 * with time.
 *
 * @param share largest width as a share of the bands, above 0, at most 1
 * @param count how many ranges
 */
public record FrequencyMask(double share, int count) implements Augmentation {

  static FrequencyMask read(Options options) {
    return new FrequencyMask(Masks.share(options), Masks.count(options));
  }

  /** Checks the numbers. */
  public FrequencyMask {
    Masks.require(this, share, count);
  }

  @Override
  public boolean isForSounds() {
    return true;
  }

  @Override
  public String words() {
    return "frequency-mask share " + share + " count " + count;
  }

  @Override
  public void apply(SplitMix random, Pixels pixels) {
    float mean = Masks.mean(pixels);
    for (int i = 0; i < count; i++) {
      Masks.Stretch hidden = Masks.stretch(random, share, pixels.width());
      for (int frame = 0; frame < pixels.height(); frame++) {
        for (int band = hidden.from(); band < hidden.to(); band++) {
          pixels.set(0, frame, band, mean);
        }
      }
    }
  }
}
