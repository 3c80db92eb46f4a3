package io.ranbiki.data;

import io.ranbiki.Memory;
import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The embedded data set: the digits 0 to 9 as if written by hand, drawn by this code alone, so that
 * a first distillation needs no download. Images are {@code [1, 28, 28]}, light ink on a dark
 * ground.
 *
 * <p>A digit is written in one of several styles. Its points tremble, it is stretched, slanted,
 * turned and moved, and bent by smooth waves (in the spirit of the elastic distortions of Simard,
 * Steinkraus, Platt, "Best practices for convolutional neural networks applied to visual document
 * analysis", ICDAR 2003); the width of the stroke varies on its way; the picture is blurred and
 * noisy, and now and then a stray stroke lies beside the digit.
 *
 * <p>Every image is determined by the seed and its index alone, on every platform; the first images
 * of a larger set are those of a smaller one. The class of image i is {@code i % 10}.
 */
public final class Digits {

  private static final int SIZE = 28;
  private static final int PIXELS = SIZE * SIZE;
  private static final int WAVES = 3;
  private static final int STEPS = 6;

  private final SplitMix random;
  private final float[] ink = new float[PIXELS];

  private Digits(long seed, int index) {
    this.random = new SplitMix(0xD161L, seed, index);
  }

  /**
   * Draws a data set, held in memory.
   *
   * @param size the number of images, 1 to 1,000,000
   * @param seed determines all images; different seeds give different writing
   * @throws RanbikiException if the size is out of range
   */
  public static Dataset dataset(int size, long seed) {
    if (size < 1 || size > 1_000_000) {
      throw RanbikiException.configuration(
          "The number of drawn digits is %d, but must be 1 to 1000000. Try 12000.", size);
    }
    Memory.requireHeap(
        Kind.CONFIGURATION,
        (double) size * PIXELS,
        "Drawing " + size + " digits",
        "Draw fewer (data.size)");
    byte[] pixels = new byte[size * PIXELS];
    IntStream.range(0, size)
        .parallel()
        .forEach(index -> new Digits(seed, index).draw(index % 10, pixels, index * PIXELS));
    int[] labels = IntStream.range(0, size).map(index -> index % 10).toArray();
    List<String> names = IntStream.range(0, 10).mapToObj(Integer::toString).toList();
    return InMemory.images(pixels, new int[] {1, SIZE, SIZE}, labels, names);
  }

  private void draw(int digit, byte[] target, int offset) {
    List<List<Glyphs.Stroke>> styles = Glyphs.styles(digit);
    Hand hand = new Hand(random);
    for (Glyphs.Stroke stroke : styles.get(random.nextInt(styles.size()))) {
      write(hand, stroke);
    }
    if (random.nextDouble() < 0.15) {
      write(hand, stray());
    }
    blur(random.between(0.02, 0.2));
    double contrast = random.between(0.65, 1);
    double noise = random.between(0.01, 0.09);
    for (int i = 0; i < PIXELS; i++) {
      double value = contrast * ink[i] + noise * random.nextGaussian();
      target[offset + i] = (byte) Math.round(255 * Math.min(1, Math.max(0, value)));
    }
  }

  /** A short line near an edge, as a neighbour's ink. */
  private Glyphs.Stroke stray() {
    double along = random.between(-10, 110);
    double across = random.nextBoolean() ? random.between(-28, -14) : random.between(114, 128);
    boolean upright = random.nextBoolean();
    double[] start = upright ? new double[] {across, along} : new double[] {along, across};
    double[] stop = {start[0] + random.between(-25, 25), start[1] + random.between(-25, 25)};
    return new Glyphs.Stroke(new double[][] {start, stop}, false);
  }

  /** How one digit is written: all that its strokes have in common. */
  private static final class Hand {
    private final double[] matrix = new double[4];
    private final double right;
    private final double down;
    private final double[][] waves = new double[2 * WAVES][4];
    private final double tremble;
    private final double radius;
    private final double pressure;
    private final double phase;

    Hand(SplitMix random) {
      double height = random.between(15, 21.5) / 100;
      double width = height * random.between(0.6, 1.05);
      double angle = random.between(-0.21, 0.21);
      double slant = 0.18 * random.nextGaussian();
      double sine = StrictMath.sin(angle);
      double cosine = StrictMath.cos(angle);
      matrix[0] = cosine * width;
      matrix[1] = (cosine * slant - sine) * height;
      matrix[2] = sine * width;
      matrix[3] = (sine * slant + cosine) * height;
      right = (SIZE - 1) / 2.0 + random.between(-2, 2);
      down = (SIZE - 1) / 2.0 + random.between(-2, 2);
      for (double[] wave : waves) {
        double direction = random.between(0, 2 * Math.PI);
        double frequency = 2 * Math.PI / random.between(12, 28);
        wave[0] = frequency * StrictMath.cos(direction);
        wave[1] = frequency * StrictMath.sin(direction);
        wave[2] = random.between(0, 2 * Math.PI);
        wave[3] = 0.55 * random.nextGaussian();
      }
      tremble = random.between(1.5, 4.5);
      radius = random.between(0.7, 1.7);
      pressure = random.between(0, 0.45);
      phase = random.between(0, 2 * Math.PI);
    }

    /** Where a point of the 100 x 100 box falls on the picture. */
    void place(double x, double y, double[] to) {
      double plainX = right + matrix[0] * (x - 50) + matrix[1] * (y - 50);
      double plainY = down + matrix[2] * (x - 50) + matrix[3] * (y - 50);
      to[0] = plainX;
      to[1] = plainY;
      for (int i = 0; i < waves.length; i++) {
        double[] wave = waves[i];
        to[i % 2] += wave[3] * StrictMath.sin(wave[0] * plainX + wave[1] * plainY + wave[2]);
      }
    }

    double radius(double way) {
      return radius * (1 + pressure * StrictMath.sin(phase + way / 5));
    }
  }

  private void write(Hand hand, Glyphs.Stroke stroke) {
    double[][] points = new double[stroke.points().length][2];
    for (int i = 0; i < points.length; i++) {
      points[i][0] = stroke.points()[i][0] + hand.tremble * random.nextGaussian();
      points[i][1] = stroke.points()[i][1] + hand.tremble * random.nextGaussian();
    }
    double[] last = new double[2];
    double[] here = new double[2];
    double way = 0;
    hand.place(points[0][0], points[0][1], last);
    for (int i = 0; i + 1 < points.length; i++) {
      for (int step = 1; step <= STEPS; step++) {
        double t = (double) step / STEPS;
        hand.place(along(points, i, t, 0, stroke), along(points, i, t, 1, stroke), here);
        way += Math.sqrt(square(here[0] - last[0]) + square(here[1] - last[1]));
        line(last, here, hand.radius(way));
        last[0] = here[0];
        last[1] = here[1];
      }
    }
  }

  /** One coordinate between point i and the next: a Catmull-Rom curve or a straight line. */
  private static double along(double[][] points, int i, double t, int axis, Glyphs.Stroke stroke) {
    double from = points[i][axis];
    double to = points[i + 1][axis];
    if (!stroke.smooth()) {
      return from + t * (to - from);
    }
    double before = points[Math.max(0, i - 1)][axis];
    double after = points[Math.min(points.length - 1, i + 2)][axis];
    return from
        + 0.5
            * t
            * (to
                - before
                + t
                    * (2 * before
                        - 5 * from
                        + 4 * to
                        - after
                        + t * (3 * (from - to) + after - before)));
  }

  /** Inks all pixels by their distance to a line; half a pixel beyond the radius it fades out. */
  private void line(double[] from, double[] to, double radius) {
    double reach = radius + 0.5;
    int left = (int) Math.max(0, Math.ceil(Math.min(from[0], to[0]) - reach));
    int right = (int) Math.min(SIZE - 1, Math.floor(Math.max(from[0], to[0]) + reach));
    int top = (int) Math.max(0, Math.ceil(Math.min(from[1], to[1]) - reach));
    int bottom = (int) Math.min(SIZE - 1, Math.floor(Math.max(from[1], to[1]) + reach));
    double dx = to[0] - from[0];
    double dy = to[1] - from[1];
    double length = Math.max(1e-9, square(dx) + square(dy));
    for (int y = top; y <= bottom; y++) {
      for (int x = left; x <= right; x++) {
        double t = ((x - from[0]) * dx + (y - from[1]) * dy) / length;
        t = Math.min(1, Math.max(0, t));
        double distance = Math.sqrt(square(x - from[0] - t * dx) + square(y - from[1] - t * dy));
        float shade = (float) Math.min(1, Math.max(0, reach - distance));
        ink[y * SIZE + x] = Math.max(ink[y * SIZE + x], shade);
      }
    }
  }

  /** Gives a share of every pixel to its two neighbours, across and then down. */
  private void blur(double share) {
    float[] row = new float[SIZE];
    for (int axis = 0; axis < 2; axis++) {
      int step = axis == 0 ? 1 : SIZE;
      for (int line = 0; line < SIZE; line++) {
        int start = line * (axis == 0 ? SIZE : 1);
        for (int i = 0; i < SIZE; i++) {
          row[i] = ink[start + i * step];
        }
        for (int i = 0; i < SIZE; i++) {
          float before = i == 0 ? 0 : row[i - 1];
          float after = i == SIZE - 1 ? 0 : row[i + 1];
          ink[start + i * step] = (float) ((1 - 2 * share) * row[i] + share * (before + after));
        }
      }
    }
  }

  private static double square(double x) {
    return x * x;
  }
}
