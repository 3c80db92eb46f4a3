package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import java.util.List;
import java.util.function.IntToLongFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** Datasets whose samples are held in one array: images as bytes, rows as floats. */
public final class InMemory {

  /** The largest array that every Java machine grants. */
  static final int LARGEST_ARRAY = Integer.MAX_VALUE - 16;

  private static final float[] SCALED = new float[256];

  static {
    for (int i = 0; i < 256; i++) {
      SCALED[i] = i / 255f;
    }
  }

  private InMemory() {}

  /**
   * Images from bytes. The arrays are not copied and must not be changed afterwards.
   *
   * @param pixels {@code [samples, channels, height, width]}, 0 to 255
   * @param shape {@code [channels, height, width]}
   * @param labels a class for every sample, or {@link Dataset#UNLABELLED}
   * @param classNames the names of the classes
   * @throws RanbikiException if lengths do not agree or a label is out of range
   */
  public static Dataset images(byte[] pixels, int[] shape, int[] labels, List<String> classNames) {
    if (shape.length != 3) {
      throw RanbikiException.configuration(
          "The shape of an image must have three numbers (channels, height, width), but has %d."
              + " Use rows for plain features.",
          shape.length);
    }
    requireAgreement(pixels.length, length(shape), labels.length);
    return held(
        pixels,
        shape,
        labels,
        classNames,
        index -> index,
        () ->
            new Fingerprint("images")
                .ints(shape)
                .ints(labels)
                .texts(classNames)
                .bytes(pixels)
                .hex());
  }

  /**
   * Rows of features. The arrays are not copied and must not be changed afterwards.
   *
   * @param values {@code [samples, features]}, finite
   * @param features the number of features of one sample
   * @param labels a class for every sample, or {@link Dataset#UNLABELLED}
   * @param classNames the names of the classes
   * @throws RanbikiException if lengths do not agree, a value is not finite or a label is out of
   *     range
   */
  public static Dataset rows(float[] values, int features, int[] labels, List<String> classNames) {
    requireAgreement(values.length, features, labels.length);
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw RanbikiException.configuration(
            "Feature %d of row %d is %s, but must be finite. Remove or repair the row.",
            i % features, i / features, values[i]);
      }
    }
    return held(
        values,
        features,
        labels,
        classNames,
        index -> index,
        () ->
            new Fingerprint("rows")
                .ints(features)
                .ints(labels)
                .texts(classNames)
                .floats(values)
                .hex());
  }

  /**
   * Rows of finite features in several arrays.
   *
   * @param blocks the features of {@code rowsInBlock} rows each; the last one may be longer than
   *     its rows
   */
  static Dataset rows(
      List<float[]> blocks, int rowsInBlock, int features, int[] labels, List<String> classNames) {
    return new Samples(
        new int[] {features},
        labels,
        classNames,
        index -> index,
        (index, target, offset) ->
            System.arraycopy(
                blocks.get(index / rowsInBlock),
                index % rowsInBlock * features,
                target,
                offset,
                features),
        () -> {
          Fingerprint fingerprint =
              new Fingerprint("rows").ints(features).ints(labels).texts(classNames);
          for (int block = 0; block < blocks.size(); block++) {
            int rows = Math.min(rowsInBlock, labels.length - block * rowsInBlock);
            fingerprint.floats(blocks.get(block), rows * features);
          }
          return fingerprint.hex();
        },
        () -> {});
  }

  /**
   * Reads a whole dataset into memory, so that a streamed one is decoded only once. Ids, labels and
   * fingerprint stay. Images are kept as bytes, which loses nothing that came from 8-bit files.
   *
   * @throws RanbikiException if one array cannot hold it
   */
  public static Dataset copyOf(Dataset source) {
    int[] shape = source.shape();
    int size = source.size();
    int length = source.sampleLength();
    long numbers = (long) length * size;
    if (numbers > LARGEST_ARRAY) {
      throw RanbikiException.configuration(
          "%d samples of %d numbers are too many to keep in memory, where %d numbers fit. Stream"
              + " them instead.",
          size, length, LARGEST_ARRAY);
    }
    int[] labels = IntStream.range(0, size).map(source::label).toArray();
    long[] ids = IntStream.range(0, size).mapToLong(source::id).toArray();
    String fingerprint = source.fingerprint();
    if (shape.length == 1) {
      float[] values = new float[(int) numbers];
      samples(size).forEach(index -> source.read(index, values, index * length));
      return new Placed(
          held(values, length, labels, source.classNames(), index -> ids[index], () -> fingerprint),
          source::place);
    }
    byte[] pixels = new byte[(int) numbers];
    ThreadLocal<float[]> sample = ThreadLocal.withInitial(() -> new float[length]);
    samples(size)
        .forEach(
            index -> {
              source.read(index, sample.get(), 0);
              for (int i = 0; i < length; i++) {
                pixels[index * length + i] = (byte) Math.round(sample.get()[i] * 255);
              }
            });
    return new Placed(
        held(pixels, shape, labels, source.classNames(), index -> ids[index], () -> fingerprint),
        source::place);
  }

  private static IntStream samples(int size) {
    return IntStream.range(0, size).parallel();
  }

  private static Dataset held(
      byte[] pixels,
      int[] shape,
      int[] labels,
      List<String> classNames,
      IntToLongFunction ids,
      Supplier<String> fingerprint) {
    int length = length(shape);
    return new Samples(
        shape,
        labels,
        classNames,
        ids,
        (index, target, offset) -> scale(pixels, index * length, length, target, offset),
        fingerprint,
        () -> {});
  }

  private static Dataset held(
      float[] values,
      int features,
      int[] labels,
      List<String> classNames,
      IntToLongFunction ids,
      Supplier<String> fingerprint) {
    return new Samples(
        new int[] {features},
        labels,
        classNames,
        ids,
        (index, target, offset) ->
            System.arraycopy(values, index * features, target, offset, features),
        fingerprint,
        () -> {});
  }

  /** Writes bytes as numbers in [0, 1]. */
  static void scale(byte[] source, int start, int length, float[] target, int offset) {
    for (int i = 0; i < length; i++) {
      target[offset + i] = SCALED[source[start + i] & 0xff];
    }
  }

  private static int length(int[] shape) {
    return Math.multiplyExact(Math.multiplyExact(shape[0], shape[1]), shape[2]);
  }

  private static void requireAgreement(int numbers, int length, int labels) {
    if (length < 1 || numbers != (long) length * labels) {
      throw RanbikiException.configuration(
          "%d labels of samples with %d numbers each need %d numbers, but there are %d. Give every"
              + " sample one label and the same shape.",
          labels, length, (long) length * labels, numbers);
    }
  }
}
