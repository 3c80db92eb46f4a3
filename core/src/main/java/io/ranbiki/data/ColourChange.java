package io.ranbiki.data;

/**
 * What changes the colours of an image: torchvision's functions of these names on tensors in 0 to 1
 * (version 0.28, {@code transforms.functional}), clipped to 0 to 1. An image of one channel is its
 * own grey.
 */
final class ColourChange {

  private static final int LEVELS = 256;
  private static final double[] LUMA = {0.2989, 0.587, 0.114};

  private ColourChange() {}

  private static float clipped(double value) {
    return (float) Math.min(1, Math.max(0, value));
  }

  private static double grey(Pixels pixels, int y, int x) {
    if (pixels.channels() != LUMA.length) {
      return pixels.get(0, y, x);
    }
    return LUMA[0] * pixels.get(0, y, x)
        + LUMA[1] * pixels.get(1, y, x)
        + LUMA[2] * pixels.get(2, y, x);
  }

  /** One number of an image without its channel. */
  private interface Other {
    double at(int y, int x);
  }

  /** {@code factor * image + (1 - factor) * other}. */
  private static void blend(Pixels pixels, double factor, Other other) {
    for (int y = 0; y < pixels.height(); y++) {
      for (int x = 0; x < pixels.width(); x++) {
        double rest = (1 - factor) * other.at(y, x);
        for (int channel = 0; channel < pixels.channels(); channel++) {
          pixels.set(channel, y, x, clipped(factor * pixels.get(channel, y, x) + rest));
        }
      }
    }
  }

  /** Towards black, or away from it. */
  static void brightness(Pixels pixels, double factor) {
    blend(pixels, factor, (y, x) -> 0);
  }

  /** Towards the mean of the grey image, or away from it. */
  static void contrast(Pixels pixels, double factor) {
    double sum = 0;
    for (int y = 0; y < pixels.height(); y++) {
      for (int x = 0; x < pixels.width(); x++) {
        sum += grey(pixels, y, x);
      }
    }
    double mean = sum / pixels.height() / pixels.width();
    blend(pixels, factor, (y, x) -> mean);
  }

  /** Towards the grey image, or away from it. */
  static void saturation(Pixels pixels, double factor) {
    blend(pixels, factor, (y, x) -> grey(pixels, y, x));
  }

  /**
   * Turns the circle of colours.
   *
   * @param turn part of the circle, -0.5 to 0.5
   */
  static void hue(Pixels pixels, double turn) {
    if (pixels.channels() != LUMA.length) {
      return;
    }
    for (int y = 0; y < pixels.height(); y++) {
      for (int x = 0; x < pixels.width(); x++) {
        turn(pixels, y, x, turn);
      }
    }
  }

  private static void turn(Pixels pixels, int y, int x, double turn) {
    double red = pixels.get(0, y, x);
    double green = pixels.get(1, y, x);
    double blue = pixels.get(2, y, x);
    double most = Math.max(red, Math.max(green, blue));
    double range = most - Math.min(red, Math.min(green, blue));
    if (range == 0) {
      return;
    }
    double sixth;
    if (most == red) {
      sixth = (green - blue) / range;
    } else {
      sixth = most == green ? 2 + (blue - red) / range : 4 + (red - green) / range;
    }
    double hue = sixth / 6 + turn;
    double place = (hue - Math.floor(hue)) * 6;
    for (int channel = 0; channel < LUMA.length; channel++) {
      double distance = (place + (channel == 0 ? 5 : channel == 1 ? 3 : 1)) % 6;
      double share = Math.max(0, Math.min(1, Math.min(distance, 4 - distance)));
      pixels.set(channel, y, x, clipped(most - range * share));
    }
  }

  /** Towards the mean of the neighbours, or away from it; the outermost pixels stay. */
  static void sharpness(Pixels pixels, double factor) {
    int height = pixels.height();
    int width = pixels.width();
    float[] plane = new float[height * width];
    for (int channel = 0; channel < pixels.channels(); channel++) {
      for (int i = 0; i < plane.length; i++) {
        plane[i] = pixels.get(channel, i / width, i % width);
      }
      for (int y = 1; y < height - 1; y++) {
        for (int x = 1; x < width - 1; x++) {
          double sum = 4 * plane[y * width + x];
          for (int i = 0; i < 9; i++) {
            sum += plane[(y - 1 + i / 3) * width + x - 1 + i % 3];
          }
          double own = factor * plane[y * width + x];
          pixels.set(channel, y, x, clipped(own + (1 - factor) * sum / 13));
        }
      }
    }
  }

  /** Keeps the highest bits of a byte. */
  static void posterize(Pixels pixels, int bits) {
    int mask = -1 << Byte.SIZE - bits;
    change(pixels, value -> (level(value) & mask) / 255.0);
  }

  /** Inverts what is as bright as a threshold. */
  static void solarize(Pixels pixels, double threshold) {
    change(pixels, value -> value >= threshold ? 1 - value : value);
  }

  private interface Level {
    double of(float value);
  }

  private static void change(Pixels pixels, Level level) {
    for (int channel = 0; channel < pixels.channels(); channel++) {
      change(pixels, channel, level);
    }
  }

  private static void change(Pixels pixels, int channel, Level level) {
    for (int y = 0; y < pixels.height(); y++) {
      for (int x = 0; x < pixels.width(); x++) {
        pixels.set(channel, y, x, clipped(level.of(pixels.get(channel, y, x))));
      }
    }
  }

  /** Stretches each channel to 0 to 1. */
  static void autocontrast(Pixels pixels) {
    for (int channel = 0; channel < pixels.channels(); channel++) {
      float[] bounds = {Float.MAX_VALUE, -Float.MAX_VALUE};
      change(
          pixels,
          channel,
          value -> {
            bounds[0] = Math.min(bounds[0], value);
            bounds[1] = Math.max(bounds[1], value);
            return value;
          });
      if (bounds[1] > bounds[0]) {
        double scale = 1.0 / (bounds[1] - bounds[0]);
        change(pixels, channel, value -> (value - bounds[0]) * scale);
      }
    }
  }

  /** Makes all levels of a byte equally frequent in each channel. */
  static void equalize(Pixels pixels) {
    for (int channel = 0; channel < pixels.channels(); channel++) {
      int[] counts = new int[LEVELS];
      change(
          pixels,
          channel,
          value -> {
            counts[level(value)]++;
            return value;
          });
      int last = LEVELS - 1;
      while (counts[last] == 0) {
        last--;
      }
      int step = (pixels.height() * pixels.width() - counts[last]) / (LEVELS - 1);
      if (step > 0) {
        int[] table = new int[LEVELS];
        int below = 0;
        for (int i = 0; i < LEVELS; i++) {
          table[i] = Math.min(LEVELS - 1, (below + step / 2) / step);
          below += counts[i];
        }
        change(pixels, channel, value -> table[level(value)] / 255.0);
      }
    }
  }

  private static int level(float value) {
    return Math.round(value * (LEVELS - 1));
  }
}
