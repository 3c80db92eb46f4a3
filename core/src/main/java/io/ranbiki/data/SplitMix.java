package io.ranbiki.data;

/**
 * The random generator of this room. It is our own because what it gives names the pixels of a view
 * for ever, on every platform: of the JDK's generators only {@link java.util.Random} fixes its
 * algorithm, and that one has 48 bits of state and an atomic update for each number.
 *
 * <p>Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014,
 * figure 16. Deviation: the state starts from several mixed numbers.
 */
public final class SplitMix {

  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private long state;
  private double spare = Double.NaN;

  /** A generator that is determined by these numbers and their order alone. */
  SplitMix(long... seeds) {
    for (long seed : seeds) {
      state = mix(state + GOLDEN) ^ mix(seed + GOLDEN);
    }
  }

  /** A generator in the state that its authors' code has after this seed. */
  static SplitMix ofState(long state) {
    SplitMix random = new SplitMix();
    random.state = state;
    return random;
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** Any 64 bits, every value equally likely. */
  public long nextLong() {
    state += GOLDEN;
    return mix(state);
  }

  /** An integer in [0, bound), every one equally likely. */
  public int nextInt(int bound) {
    long limit = (1L << 32) / bound * bound;
    while (true) {
      long value = nextLong() >>> 32;
      if (value < limit) {
        return (int) (value % bound);
      }
    }
  }

  /** True or false, equally likely. */
  public boolean nextBoolean() {
    return nextLong() < 0;
  }

  /** A number in [0, 1). */
  public double nextDouble() {
    return (nextLong() >>> 11) * 0x1p-53;
  }

  /** A number in [low, high). */
  public double between(double low, double high) {
    return low + (high - low) * nextDouble();
  }

  /** A normal number of mean 0 and standard deviation 1, by Marsaglia's polar method. */
  public double nextGaussian() {
    if (!Double.isNaN(spare)) {
      double result = spare;
      spare = Double.NaN;
      return result;
    }
    while (true) {
      double x = 2 * nextDouble() - 1;
      double y = 2 * nextDouble() - 1;
      double square = x * x + y * y;
      if (square > 0 && square < 1) {
        // Math.log may differ in the last bit between platforms.
        double scale = Math.sqrt(-2 * StrictMath.log(square) / square);
        spare = y * scale;
        return x * scale;
      }
    }
  }

  /** The numbers 0 to n - 1 in random order. */
  int[] permutation(int n) {
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      order[i] = i;
    }
    shuffle(order);
    return order;
  }

  void shuffle(int[] values) {
    shuffle(values, 0, values.length);
  }

  /** Shuffles those from one place up to another. */
  void shuffle(int[] values, int from, int to) {
    for (int i = to - 1; i > from; i--) {
      int j = from + nextInt(i - from + 1);
      int swapped = values[i];
      values[i] = values[j];
      values[j] = swapped;
    }
  }
}
