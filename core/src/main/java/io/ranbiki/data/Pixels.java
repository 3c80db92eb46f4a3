package io.ranbiki.data;

import java.util.Arrays;
import java.util.Optional;

/**
 * The numbers of one sample within a batch, and what augmentations do to them: {@code [channels,
 * height, width]} in 0 to 1 where the sample is an image; a row of features has its length as
 * channels, and a height and width of 1.
 */
public final class Pixels {

  private final float[] values;
  private final int offset;
  private final boolean image;
  private final boolean anySize;
  private final int channels;
  private final float[] spare;
  private int height;
  private int width;
  private int length;

  /** The size of what {@link #spare} keeps. */
  private int keptHeight;

  private int keptWidth;

  Pixels(float[] values, int offset, int[] shape, float[] spare) {
    this(values, offset, shape, spare, false);
  }

  /**
   * Takes the numbers of a sample.
   *
   * @param anySize whether the image may become smaller, at the beginning of the array
   */
  Pixels(float[] values, int offset, int[] shape, float[] spare, boolean anySize) {
    this.anySize = anySize;
    this.values = values;
    this.offset = offset;
    this.image = shape.length == 3;
    this.channels = shape[0];
    this.height = image ? shape[1] : 1;
    this.width = image ? shape[2] : 1;
    this.length = channels * height * width;
    this.spare = spare;
  }

  /** How many channels there are, or features. */
  public int channels() {
    return channels;
  }

  /** The height of the image. */
  public int height() {
    return height;
  }

  /** The width of the image. */
  public int width() {
    return width;
  }

  /** One number. */
  public float get(int channel, int y, int x) {
    return values[offset + (channel * height + y) * width + x];
  }

  /** Changes one number. */
  public void set(int channel, int y, int x, float value) {
    values[offset + (channel * height + y) * width + x] = value;
  }

  /** Moves the image; what comes in is black. */
  void shift(int down, int right) {
    keep();
    Arrays.fill(values, offset, offset + length, 0);
    int count = width - Math.abs(right);
    if (count <= 0) {
      return;
    }
    for (int channel = 0; channel < channels; channel++) {
      for (int y = Math.max(0, down); y < Math.min(height, height + down); y++) {
        int from = (channel * height + y - down) * width + Math.max(0, -right);
        int to = (channel * height + y) * width + Math.max(0, right);
        System.arraycopy(spare, from, values, offset + to, count);
      }
    }
  }

  void mirror(boolean horizontal) {
    keep();
    for (int channel = 0; channel < channels; channel++) {
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          int from = horizontal ? y * width + width - 1 - x : (height - 1 - y) * width + x;
          values[offset + channel * height * width + y * width + x] =
              spare[channel * height * width + from];
        }
      }
    }
  }

  /** Turns the image counter-clockwise about its centre. */
  void rotate(double degrees) {
    keep();
    // Math.sin may differ in the last bit between platforms.
    double sine = StrictMath.sin(StrictMath.toRadians(degrees));
    double cosine = StrictMath.cos(StrictMath.toRadians(degrees));
    double middleX = (width - 1) / 2.0;
    double middleY = (height - 1) / 2.0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        double fromX = middleX + cosine * (x - middleX) - sine * (y - middleY);
        double fromY = middleY + sine * (x - middleX) + cosine * (y - middleY);
        for (int channel = 0; channel < channels; channel++) {
          set(channel, y, x, between(channel, fromY, fromX));
        }
      }
    }
  }

  /**
   * Slants the image about its corner at the top left, and moves it; what comes in is black.
   *
   * @param downPerRight how far a pixel comes from further down for each pixel that it is right
   * @param rightPerDown how far it comes from further right for each pixel that it is down
   */
  void move(double downPerRight, double rightPerDown, int down, int right) {
    keep();
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        double fromX = x + rightPerDown * (y + 0.5) - right;
        double fromY = y + downPerRight * (x + 0.5) - down;
        for (int channel = 0; channel < channels; channel++) {
          set(channel, y, x, between(channel, fromY, fromX));
        }
      }
    }
  }

  /** A random rectangle, as {@link Rectangle#random} draws it for this image. */
  Optional<Rectangle> part(SplitMix random, double smallest, double largest, double ratio) {
    return Rectangle.random(random, height, width, smallest, largest, ratio);
  }

  /**
   * The largest rectangle in the middle whose sides have a ratio in bounds, as {@code
   * RandomResizedCrop} of torchvision takes it where no random one fits: mostly the whole image.
   *
   * @param slimmest the least height by width and width by height, below 1
   */
  Rectangle middle(double slimmest) {
    int tall = Math.min(height, (int) Math.rint(width / slimmest));
    int wide = Math.min(width, (int) Math.rint(height / slimmest));
    return new Rectangle((height - tall) / 2, (width - wide) / 2, tall, wide);
  }

  /**
   * Stretches a part to the whole image, or, where images may have any size, to a square of its
   * shorter side; beyond its edge the part goes on as at the edge.
   */
  void stretch(Rectangle part) {
    keep();
    if (anySize) {
      height = Math.min(part.height(), part.width());
      width = height;
      length = channels * height * width;
    }
    for (int y = 0; y < height; y++) {
      double fromY = part.top() + stretched(y, height, part.height());
      for (int x = 0; x < width; x++) {
        double fromX = part.left() + stretched(x, width, part.width());
        for (int channel = 0; channel < channels; channel++) {
          set(channel, y, x, between(channel, fromY, fromX));
        }
      }
    }
  }

  /** Where a pixel of a stretched line comes from: centres lie half a pixel from the edges. */
  private static double stretched(int pixel, int length, int before) {
    double from = (pixel + 0.5) * before / length - 0.5;
    return Math.min(before - 1, Math.max(0, from));
  }

  void blacken(Rectangle part) {
    for (int channel = 0; channel < channels; channel++) {
      for (int y = part.top(); y < part.top() + part.height(); y++) {
        int from = offset + (channel * height + y) * width + part.left();
        Arrays.fill(values, from, from + part.width(), 0);
      }
    }
  }

  void add(SplitMix random, double std) {
    for (int i = offset; i < offset + length; i++) {
      float noisy = values[i] + (float) (std * random.nextGaussian());
      values[i] = image ? Math.min(1, Math.max(0, noisy)) : noisy;
    }
  }

  /** The value of the kept image between four pixels, by bilinear interpolation. */
  private float between(int channel, double y, double x) {
    int left = (int) Math.floor(x);
    int top = (int) Math.floor(y);
    float shareX = (float) (x - left);
    float shareY = (float) (y - top);
    float above = (1 - shareX) * at(channel, top, left) + shareX * at(channel, top, left + 1);
    float below =
        (1 - shareX) * at(channel, top + 1, left) + shareX * at(channel, top + 1, left + 1);
    return (1 - shareY) * above + shareY * below;
  }

  private float at(int channel, int y, int x) {
    return x < 0 || y < 0 || x >= keptWidth || y >= keptHeight
        ? 0
        : spare[(channel * keptHeight + y) * keptWidth + x];
  }

  private void keep() {
    keptHeight = height;
    keptWidth = width;
    System.arraycopy(values, offset, spare, 0, length);
  }
}
