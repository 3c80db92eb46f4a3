package io.ranbiki.prepare;

import java.util.Arrays;

/**
 * How loud a sound is in each of some bands of frequency, frame by frame: the natural logarithm of
 * power. The numbers are those of {@code spectrogram} in {@code transformers.audio_utils} with
 * {@code power=2.0, log_mel="log"}, a periodic Hann window, frames that are centred by reflection,
 * and filters of {@code mel_filter_bank} with {@code mel_scale="htk", norm=None}.
 *
 * <p>Safe from many threads at once.
 */
public final class MelSpectrogram {

  /** The least power: that of silence. */
  private static final double FLOOR = 1e-10;

  /** The logarithm of the power of silence. */
  public static final float SILENCE = (float) StrictMath.log(FLOOR);

  /**
   * Which frames and bands there are.
   *
   * @param rate samples a second that the wave must have
   * @param window samples of a frame, 2 or more
   * @param hop samples from one frame to the next, 1 or more
   * @param fft length of the Fourier transform: a power of two, {@code window} or more
   * @param mels number of bands, 1 or more
   * @param lowest frequency of the lowest band in Hz, 0 or more
   * @param highest frequency of the highest band in Hz, above the lowest, at most half of the rate
   */
  public record Options(
      int rate, int window, int hop, int fft, int mels, double lowest, double highest) {

    /** Checks the ranges. */
    public Options {
      require(rate >= 1, "the rate is " + rate + ", but must be 1 or more");
      require(window >= 2, "a frame has " + window + " samples, but must have 2 or more");
      require(hop >= 1, "frames are " + hop + " samples apart, but must be 1 or more");
      require(
          fft >= window && Integer.bitCount(fft) == 1,
          "the length of the Fourier transform is "
              + fft
              + ", but must be a power of two and at least the "
              + window
              + " samples of a frame");
      require(mels >= 1, "there are " + mels + " mel bands, but must be 1 or more");
      require(
          lowest >= 0 && highest > lowest && highest <= rate / 2.0,
          "the bands go from "
              + lowest
              + " to "
              + highest
              + " Hz, but must lie between 0 and half of the rate "
              + rate);
    }

    private static void require(boolean holds, String otherwise) {
      if (!holds) {
        throw new IllegalArgumentException(otherwise);
      }
    }
  }

  private final Options options;
  private final double[] window;
  private final double[] cosines;
  private final double[] sines;

  /** The bins of each band: their weights from the first that is not 0. */
  private final double[][] filters;

  private final int[] firstBins;

  /**
   * Prepares the filters.
   *
   * @throws IllegalArgumentException if a band is so narrow that no frequency of the Fourier
   *     transform lies in it
   */
  public MelSpectrogram(Options options) {
    this.options = options;
    window = new double[options.window()];
    for (int i = 0; i < window.length; i++) {
      window[i] = 0.5 - 0.5 * StrictMath.cos(2 * StrictMath.PI * i / window.length);
    }
    int length = options.fft();
    cosines = new double[length / 2];
    sines = new double[length / 2];
    for (int i = 0; i < length / 2; i++) {
      cosines[i] = StrictMath.cos(2 * StrictMath.PI * i / length);
      sines[i] = -StrictMath.sin(2 * StrictMath.PI * i / length);
    }
    filters = new double[options.mels()][];
    firstBins = new int[options.mels()];
    double[] edges = edges(options);
    for (int band = 0; band < filters.length; band++) {
      makeFilter(band, edges[band], edges[band + 1], edges[band + 2]);
    }
  }

  /** The frequencies where bands begin, peak and end, equally far apart on the scale of HTK. */
  private static double[] edges(Options options) {
    double from = mel(options.lowest());
    double to = mel(options.highest());
    double[] edges = new double[options.mels() + 2];
    for (int i = 0; i < edges.length; i++) {
      double mel = from + (to - from) * i / (edges.length - 1);
      edges[i] = 700 * (StrictMath.pow(10, mel / 2595) - 1);
    }
    return edges;
  }

  private static double mel(double frequency) {
    return 2595 * StrictMath.log10(1 + frequency / 700);
  }

  private void makeFilter(int band, double begin, double peak, double end) {
    int bins = options.fft() / 2 + 1;
    double[] weights = new double[bins];
    int half = options.rate() / 2; // a whole number also for odd rates, as there
    int first = bins;
    int behind = 0;
    for (int bin = 0; bin < bins; bin++) {
      double frequency = (double) half * bin / (bins - 1);
      double weight =
          Math.min((frequency - begin) / (peak - begin), (end - frequency) / (end - peak));
      if (weight > 0) {
        weights[bin] = weight;
        first = Math.min(first, bin);
        behind = bin + 1;
      }
    }
    if (behind == 0) {
      throw new IllegalArgumentException(
          "no frequency of a Fourier transform of "
              + options.fft()
              + " samples lies in band "
              + band
              + " of "
              + options.mels()
              + "; take fewer bands, or a longer transform");
    }
    filters[band] = Arrays.copyOfRange(weights, first, behind);
    firstBins[band] = first;
  }

  /** What it was made of. */
  public Options options() {
    return options;
  }

  /** How many frames a wave of so many samples has: one at its beginning, and one each hop. */
  public int frames(int samples) {
    int padding = options.window() / 2;
    return 1 + (samples + 2 * padding - options.window()) / options.hop();
  }

  /**
   * The logarithms of a wave.
   *
   * @param wave one or more samples at the rate
   * @return {@code [frames, mels]}
   */
  public float[] of(float[] wave) {
    int frames = frames(wave.length);
    int mels = options.mels();
    float[] made = new float[frames * mels];
    double[] real = new double[options.fft()];
    double[] imaginary = new double[options.fft()];
    double[] power = new double[options.fft() / 2 + 1];
    for (int frame = 0; frame < frames; frame += 2) {
      // Two real frames pass through one complex transform.
      fill(wave, frame, real);
      fill(wave, frame + 1, imaginary);
      transform(real, imaginary);
      power(real, imaginary, 1, power);
      writeBands(power, made, frame * mels);
      if (frame + 1 < frames) {
        power(real, imaginary, -1, power);
        writeBands(power, made, (frame + 1) * mels);
      }
    }
    return made;
  }

  private void fill(float[] wave, int frame, double[] target) {
    Arrays.fill(target, 0);
    int from = frame * options.hop() - window.length / 2;
    for (int i = 0; i < window.length; i++) {
      target[i] = window[i] * wave[reflected(from + i, wave.length)];
    }
  }

  /** The index within the wave that one beyond its ends stands for, both ends being mirrors. */
  private static int reflected(int index, int length) {
    if (index >= 0 && index < length) {
      return index;
    }
    int period = Math.max(1, 2 * (length - 1));
    int within = Math.floorMod(index, period);
    return within < length ? within : period - within;
  }

  /** The Fourier transform in place (Cooley and Tukey 1965), of a length that is a power of two. */
  private void transform(double[] real, double[] imaginary) {
    int length = real.length;
    for (int i = 1, j = 0; i < length; i++) {
      int bit = length >> 1;
      for (; (j & bit) != 0; bit >>= 1) {
        j ^= bit;
      }
      j ^= bit;
      if (i < j) {
        swap(real, i, j);
        swap(imaginary, i, j);
      }
    }
    for (int half = 1; half < length; half <<= 1) {
      int step = length / (2 * half);
      for (int begin = 0; begin < length; begin += 2 * half) {
        for (int k = 0; k < half; k++) {
          int a = begin + k;
          int b = a + half;
          double c = cosines[k * step];
          double s = sines[k * step];
          double x = real[b] * c - imaginary[b] * s;
          double y = real[b] * s + imaginary[b] * c;
          real[b] = real[a] - x;
          imaginary[b] = imaginary[a] - y;
          real[a] += x;
          imaginary[a] += y;
        }
      }
    }
  }

  private static void swap(double[] values, int i, int j) {
    double kept = values[i];
    values[i] = values[j];
    values[j] = kept;
  }

  /**
   * The power of the first frame (sign 1), which is the even part of the transform, or of the
   * second (sign -1), the odd part.
   */
  private static void power(double[] real, double[] imaginary, int sign, double[] power) {
    int length = real.length;
    for (int bin = 0; bin < power.length; bin++) {
      int mirrored = (length - bin) % length;
      double x = real[bin] + sign * real[mirrored];
      double y = imaginary[bin] - sign * imaginary[mirrored];
      power[bin] = (x * x + y * y) / 4;
    }
  }

  private void writeBands(double[] power, float[] target, int offset) {
    for (int band = 0; band < filters.length; band++) {
      double sum = 0;
      double[] weights = filters[band];
      for (int i = 0; i < weights.length; i++) {
        sum += weights[i] * power[firstBins[band] + i];
      }
      target[offset + band] = (float) StrictMath.log(Math.max(FLOOR, sum));
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MelSpectrogram that && options.equals(that.options);
  }

  @Override
  public int hashCode() {
    return options.hashCode();
  }

  /** Such as {@code 40 mel bands at 8000 Hz}. */
  @Override
  public String toString() {
    return options.mels() + " mel bands at " + options.rate() + " Hz";
  }
}
