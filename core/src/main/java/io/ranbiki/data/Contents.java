package io.ranbiki.data;

import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Row;
import io.ranbiki.prepare.Values;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Recognises samples by what they hold, so that those of different files can be compared, whatever
 * the format.
 */
public final class Contents {

  /** Numbers in all samples up to which they are read, which takes a few seconds. */
  public static final long MOST_NUMBERS = 1L << 28;

  /**
   * Samples up to which they are read: a hash takes some time and 8 bytes for each, in memory and
   * in the folder of a network.
   */
  public static final int MOST_SAMPLES = 1_000_000;

  private static final int USUAL_SIDE = 100;

  private Contents() {}

  /**
   * A hash of the fields of each sample, pixels in [0, 1], in the order of the dataset: the first
   * 64 bits of their SHA-256. In a million samples, two different ones have the same hash once in
   * forty million sets.
   *
   * @return empty if there are more than {@link #MOST_SAMPLES}, or they have more than {@link
   *     #MOST_NUMBERS} numbers together
   */
  public static Optional<long[]> of(Dataset samples) {
    if (samples.size() > MOST_SAMPLES || numbers(samples) > MOST_NUMBERS) {
      return Optional.empty();
    }
    return Optional.of(
        IntStream.range(0, samples.size())
            .parallel()
            .mapToLong(index -> hash(samples.read(index).without(Batch.TRUTH)))
            .toArray());
  }

  /** In all samples; of images of any size a side counts as so many, other lengths as one. */
  private static double numbers(Dataset samples) {
    double each = 0;
    for (Field field : samples.fields()) {
      int varying = field.shape().size() == 3 ? USUAL_SIDE : 1;
      each +=
          field.shape().stream()
              .mapToDouble(length -> length == Field.ANY ? varying : length)
              .reduce(1, (a, b) -> a * b);
    }
    return each * samples.size();
  }

  private static long hash(Row sample) {
    Fingerprint fingerprint = new Fingerprint("sample");
    for (Values values : sample.arrays().values()) {
      if (values instanceof Values.Text text) {
        fingerprint.text(text.value());
      } else if (values instanceof Values.Pair pair) {
        fingerprint.texts(List.of(pair.first(), pair.second()));
      } else if (values instanceof Values.Sound sound) {
        fingerprint.floats(sound.wave());
      } else if (values instanceof Values.Cells cells) {
        fingerprint.texts(List.of(cells.data()));
      } else {
        float[] numbers = new float[Values.count(values.shape())];
        Padding.toFloats(values, numbers, 0);
        for (int i = 0; i < numbers.length; i++) {
          numbers[i] += 0f; // -0 becomes 0
        }
        fingerprint.floats(numbers);
      }
    }
    return ByteBuffer.wrap(HexFormat.of().parseHex(fingerprint.hex())).getLong();
  }
}
