package io.ranbiki.data;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Recognises samples by what they hold, so that those of different files can be compared, whatever
 * the format.
 */
public final class Contents {

  /** Numbers in all samples up to which they are read, which takes a few seconds. */
  public static final long MOST_NUMBERS = 1L << 28;

  private Contents() {}

  /**
   * A hash of the numbers of each sample as {@link Dataset#read} gives them, in the order of the
   * dataset: the first 64 bits of their SHA-256. In a million samples, two different ones have the
   * same hash once in forty million sets.
   *
   * @return empty if the samples have more than {@link #MOST_NUMBERS} numbers together
   */
  public static Optional<long[]> of(Dataset samples) {
    int length = samples.sampleLength();
    if ((long) length * samples.size() > MOST_NUMBERS) {
      return Optional.empty();
    }
    ThreadLocal<float[]> numbers = ThreadLocal.withInitial(() -> new float[length]);
    return Optional.of(
        IntStream.range(0, samples.size())
            .parallel()
            .mapToLong(
                index -> {
                  float[] sample = numbers.get();
                  samples.read(index, sample, 0);
                  return hash(sample);
                })
            .toArray());
  }

  private static long hash(float[] sample) {
    for (int i = 0; i < sample.length; i++) {
      sample[i] += 0f; // -0 becomes 0
    }
    String hex = new Fingerprint("sample").floats(sample).hex();
    return ByteBuffer.wrap(HexFormat.of().parseHex(hex)).getLong();
  }
}
