package io.ranbiki.data;

import java.util.Optional;

/** A part of an image, in pixels. */
record Rectangle(int top, int left, int height, int width) {

  private static final int TRIES = 10;

  /**
   * A random rectangle: its share of the area is uniform between two bounds, the logarithm of its
   * height by its width uniform between those of {@code ratio} and {@code 1 / ratio}, and every
   * place equally likely.
   *
   * @param height of the image
   * @param width of the image
   * @return empty if none of ten fits into the image
   */
  static Optional<Rectangle> random(
      SplitMix random, int height, int width, double smallest, double largest, double ratio) {
    // Math.log and Math.exp may differ in the last bit between platforms.
    double widest = StrictMath.abs(StrictMath.log(ratio));
    for (int i = 0; i < TRIES; i++) {
      double area = random.between(smallest, largest) * height * width;
      double shape = StrictMath.exp(random.between(-widest, widest));
      int high = (int) Math.max(1, Math.round(Math.sqrt(area * shape)));
      int wide = (int) Math.max(1, Math.round(Math.sqrt(area / shape)));
      if (high <= height && wide <= width) {
        int top = random.nextInt(height - high + 1);
        return Optional.of(new Rectangle(top, random.nextInt(width - wide + 1), high, wide));
      }
    }
    return Optional.empty();
  }
}
