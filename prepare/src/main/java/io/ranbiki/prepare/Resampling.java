package io.ranbiki.prepare;

import io.ranbiki.RanbikiException;

/**
 * Brings a sound to another number of samples a second: a sinc in a Kaiser window of shape 5 that
 * reaches over ten zero crossings to each side, its gain at 0 Hz brought to 1. Beyond both ends the
 * sound is 0. The definition is that of {@code scipy.signal.resample_poly} with its defaults.
 */
final class Resampling {

  private static final int CROSSINGS = 10;
  private static final double SHAPE = 5;

  /** Rates of so large a ratio have filters of millions of numbers. */
  private static final int MOST = 100_000;

  private Resampling() {}

  /**
   * The same sound at another rate.
   *
   * @param from its rate, 1 or more
   * @param to the other rate, 1 or more
   * @return of the length {@code wave.length * to / from}, rounded up; the wave itself at its rate
   * @throws RanbikiException if the rates have hardly a common divisor
   */
  static float[] of(float[] wave, int from, int to) {
    if (from == to) {
      return wave;
    }
    int divisor = commonDivisor(from, to);
    int up = to / divisor;
    int down = from / divisor;
    if (Math.max(up, down) > MOST) {
      throw RanbikiException.configuration(
          "A sound of %d samples a second cannot be brought to %d. Convert it to a usual rate, such"
              + " as 16000.",
          from, to);
    }
    double[] filter = filter(Math.max(up, down), up);
    int half = filter.length / 2;
    float[] made = new float[(int) (((long) wave.length * up + down - 1) / down)];
    for (int i = 0; i < made.length; i++) {
      long centre = (long) i * down;
      int first = (int) Math.max(0, Math.floorDiv(centre - half + up - 1, up));
      int last = (int) Math.min(wave.length - 1, Math.floorDiv(centre + half, up));
      double sum = 0;
      for (int j = first; j <= last; j++) {
        sum += wave[j] * filter[(int) (half + centre - (long) j * up)];
      }
      made[i] = (float) sum;
    }
    return made;
  }

  private static int commonDivisor(int a, int b) {
    return b == 0 ? a : commonDivisor(b, a % b);
  }

  /** Lets through what is below the half of the lower rate. */
  private static double[] filter(int largest, int gain) {
    int half = CROSSINGS * largest;
    double[] filter = new double[2 * half + 1];
    double sum = 0;
    for (int i = 0; i <= half; i++) {
      double angle = StrictMath.PI * i / largest;
      double sinc = i == 0 ? 1 : StrictMath.sin(angle) / angle;
      double place = (double) i / half;
      double value = sinc * bessel(SHAPE * StrictMath.sqrt(1 - place * place));
      filter[half + i] = value;
      filter[half - i] = value;
      sum += i == 0 ? value : 2 * value;
    }
    for (int i = 0; i < filter.length; i++) {
      filter[i] *= gain / sum;
    }
    return filter;
  }

  /** The modified Bessel function of the first kind and of order 0, by its series. */
  private static double bessel(double x) {
    double term = 1;
    double sum = 1;
    for (int k = 1; term > sum * 1e-17; k++) {
      term *= (x / (2 * k)) * (x / (2 * k));
      sum += term;
    }
    return sum;
  }
}
