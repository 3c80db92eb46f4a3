package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import java.util.Locale;

/**
 * Hides stretches of time of a sound, or ranges of its bands: its frames there become the mean of
 * all its numbers.
 *
 * <p>Source: Park et al. 2019, "SpecAugment", arXiv:1904.08779, section 2: the width of a mask is
 * uniform between 0 and a largest one, and so is its place. Deviations: the largest width is a
 * share of the sound or of the bands, so that networks with other frames have the same hidden;
 * frames are normalised afterwards, so the mean stands for the paper's 0; time is not warped.
 *
 * @param axis along which the masks lie
 * @param share largest width as a share of the sound or of the bands, above 0, at most 1
 * @param count how many masks
 */
public record FrameMask(Axis axis, double share, int count) implements Augmentation {

  /** What is hidden. */
  public enum Axis {
    /** Frames side by side, with all their bands. */
    TIME,
    /** Bands side by side, from the beginning of a sound to its end. */
    FREQUENCY;

    private String word() {
      return name().toLowerCase(Locale.ROOT) + "-mask";
    }
  }

  static FrameMask read(Axis axis, Options options) {
    options.shorthand("share");
    return new FrameMask(
        axis,
        options.number("share", 0.2, "Largest width as a share", Rule.above(0), Rule.atMost(1)),
        options.integer("count", 1, "How many masks", Rule.between(1, 100)));
  }

  /** Checks the numbers. */
  public FrameMask {
    if (!(share > 0 && share <= 1) || count < 1) {
      throw RanbikiException.configuration(
          "The share of a %s is %s and its count %d, but the share must be above 0 and at most 1, and"
              + " the count 1 or more. Try 0.2 and 1.",
          axis.word(), share, count);
    }
  }

  @Override
  public boolean isForSounds() {
    return true;
  }

  @Override
  public String words() {
    return axis.word() + " share " + share + " count " + count;
  }

  @Override
  public void apply(SplitMix random, Pixels pixels) {
    boolean time = axis == Axis.TIME;
    int length = time ? pixels.height() : pixels.width();
    int across = time ? pixels.width() : pixels.height();
    float mean = mean(pixels);
    for (int i = 0; i < count; i++) {
      // Two draws, whatever the length, so that the next are the same for other lengths.
      int width = (int) (random.nextDouble() * ((int) (share * length) + 1));
      int from = (int) (random.nextDouble() * Math.max(1, length - width));
      for (int at = from; at < from + width; at++) {
        for (int other = 0; other < across; other++) {
          pixels.set(0, time ? at : other, time ? other : at, mean);
        }
      }
    }
  }

  private static float mean(Pixels pixels) {
    double sum = 0;
    for (int frame = 0; frame < pixels.height(); frame++) {
      for (int band = 0; band < pixels.width(); band++) {
        sum += pixels.get(0, frame, band);
      }
    }
    return (float) (sum / ((double) pixels.height() * pixels.width()));
  }
}
