package io.ranbiki.prepare;

import io.ranbiki.RanbikiException;
import java.util.Arrays;

/**
 * Subtracts a mean and divides by a standard deviation, channel by channel (of rows: feature by
 * feature), in float32 as PyTorch does it.
 *
 * @param mean one finite number for each channel, or a single one for all; empty for none
 * @param std as many numbers, finite and above 0
 */
public record Normalization(float[] mean, float[] std) {

  private static final Normalization NONE = new Normalization(new float[0], new float[0]);

  /** Checks and copies the numbers. */
  public Normalization {
    mean = mean.clone();
    std = std.clone();
    if (mean.length != std.length) {
      throw RanbikiException.configuration(
          "The normalization has %d means and %d standard deviations, but needs one of each for"
              + " every channel. Add what is missing.",
          mean.length, std.length);
    }
    for (int i = 0; i < mean.length; i++) {
      if (!Float.isFinite(mean[i])) {
        throw RanbikiException.configuration(
            "The mean of channel %d is %s, but must be finite. Correct the normalization.",
            i, mean[i]);
      }
      if (!Float.isFinite(std[i]) || std[i] <= 0) {
        throw RanbikiException.configuration(
            "The standard deviation of channel %d is %s, but must be finite and above 0. Correct"
                + " the normalization.",
            i, std[i]);
      }
    }
  }

  /** Leaves samples as they are. */
  public static Normalization none() {
    return NONE;
  }

  @Override
  public float[] mean() {
    return mean.clone();
  }

  @Override
  public float[] std() {
    return std.clone();
  }

  /**
   * Checks that there is a number for every channel of a sample.
   *
   * @throws RanbikiException if there is not
   */
  public void requireFits(int[] shape) {
    if (mean.length > 1 && mean.length != shape[0]) {
      throw RanbikiException.configuration(
          "The normalization has %d channels, but samples of shape %s have %d. Give one mean and"
              + " one standard deviation for each.",
          mean.length, Arrays.toString(shape), shape[0]);
    }
  }

  /**
   * Whether these can be the mean and the standard deviation of numbers in 0..1, as pixels are: the
   * mean is one of them, and the deviation at most half of the range. A mean of 0 and a deviation
   * of 1, which change nothing, pass as well.
   */
  public boolean fitsPixels() {
    for (int i = 0; i < mean.length; i++) {
      boolean nothing = mean[i] == 0 && std[i] == 1;
      if (!nothing && (mean[i] < 0 || mean[i] > 1 || std[i] > 0.5f)) {
        return false;
      }
    }
    return true;
  }

  /** Normalizes one sample of a shape in place. */
  public void apply(float[] sample, int offset, int[] shape) {
    if (mean.length == 0) {
      return;
    }
    int plane = 1;
    for (int i = 1; i < shape.length; i++) {
      plane *= shape[i];
    }
    for (int channel = 0; channel < shape[0]; channel++) {
      float shift = mean[mean.length == 1 ? 0 : channel];
      float scale = std[std.length == 1 ? 0 : channel];
      int start = offset + channel * plane;
      for (int i = start; i < start + plane; i++) {
        sample[i] = (sample[i] - shift) / scale;
      }
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Normalization that
        && Arrays.equals(mean, that.mean)
        && Arrays.equals(std, that.std);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(mean) + Arrays.hashCode(std);
  }

  @Override
  public String toString() {
    return "Normalization[mean=" + Arrays.toString(mean) + ", std=" + Arrays.toString(std) + "]";
  }
}
