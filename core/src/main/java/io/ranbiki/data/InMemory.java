package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Row;
import io.ranbiki.prepare.Values;
import java.util.Arrays;
import java.util.List;

/** Datasets whose samples are held in memory: images as bytes, rows as floats, texts. */
public final class InMemory {

  /** The largest array that every Java machine grants. */
  static final int LARGEST_ARRAY = Integer.MAX_VALUE - 16;

  /** What fingerprints of texts begin with. */
  static final String TEXTS = "texts";

  /** The same of pairs of texts. */
  static final String PAIRS = "pairs";

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
    int length = length(shape);
    return new Samples(
        List.of(image(shape)),
        new Truth.OfClasses(labels, new Task.Classes(classNames)),
        index -> index,
        index -> image(Arrays.copyOfRange(pixels, index * length, (index + 1) * length), shape),
        () ->
            new Fingerprint("images")
                .ints(shape)
                .ints(labels)
                .texts(classNames)
                .bytes(pixels)
                .hex(),
        () -> {});
  }

  /** The field of images of a shape {@code [channels, height, width]}. */
  static Field image(int[] shape) {
    return new Field(Batch.IMAGE, Field.Kind.UINT8, Arrays.stream(shape).boxed().toList());
  }

  /** A sample that is an image. */
  static Row image(byte[] pixels, int[] shape) {
    return Row.of(Batch.IMAGE, new Values.Bytes(pixels, shape));
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
    return rows(
        List.of(values),
        labels.length,
        features,
        new Truth.OfClasses(labels, new Task.Classes(classNames)));
  }

  /**
   * Rows of finite features in several arrays.
   *
   * @param blocks the features of {@code rowsInBlock} rows each; the last one may be longer than
   *     its rows
   */
  static Dataset rows(List<float[]> blocks, int rowsInBlock, int features, Truth truth) {
    return new Samples(
        List.of(features(features)),
        truth,
        index -> index,
        index -> {
          int from = index % rowsInBlock * features;
          return row(Arrays.copyOfRange(blocks.get(index / rowsInBlock), from, from + features));
        },
        () -> {
          Fingerprint fingerprint = truth.addTo(new Fingerprint("rows").ints(features));
          for (int block = 0; block < blocks.size(); block++) {
            int rows = Math.min(rowsInBlock, truth.size() - block * rowsInBlock);
            fingerprint.floats(blocks.get(block), rows * features);
          }
          return fingerprint.hex();
        },
        () -> {});
  }

  /** Rows of cells, one for each sample. */
  static Dataset cells(List<String> columns, List<String[]> rows, Truth truth) {
    return new Samples(
        List.of(new Field(Batch.COLUMNS, Field.Kind.CELLS, List.of(columns.size()))),
        truth,
        index -> index,
        index -> Row.of(Batch.COLUMNS, new Values.Cells(columns, rows.get(index))),
        () -> {
          Fingerprint fingerprint = truth.addTo(new Fingerprint("cells")).texts(columns);
          rows.forEach(row -> fingerprint.texts(List.of(row)));
          return fingerprint.hex();
        },
        () -> {});
  }

  /**
   * Texts. The arrays must not be changed afterwards.
   *
   * @param texts none of them blank
   * @param labels a class for every text, or {@link Dataset#UNLABELLED}
   * @param classNames the names of the classes
   * @throws RanbikiException if there is not one label for every text, a text is blank or a label
   *     is out of range
   */
  public static Dataset texts(List<String> texts, int[] labels, List<String> classNames) {
    requireAgreement(texts.size(), 1, labels.length);
    for (int i = 0; i < labels.length; i++) {
      if (texts.get(i).isBlank()) {
        throw RanbikiException.configuration(
            "Text %d, counted from 0, is empty. Fill it, or leave it out.", i);
      }
    }
    return texts(List.copyOf(texts), 1, new Truth.OfClasses(labels, new Task.Classes(classNames)));
  }

  /**
   * Texts, or pairs of them.
   *
   * @param texts those of a sample behind each other
   * @param each how many a sample has: 1 or 2
   */
  static Dataset texts(List<String> texts, int each, Truth truth) {
    return new Samples(
        List.of(text(each)),
        truth,
        index -> index,
        index ->
            Row.of(
                Batch.TEXT,
                each == 1
                    ? new Values.Text(texts.get(index))
                    : new Values.Pair(texts.get(2 * index), texts.get(2 * index + 1))),
        () -> truth.addTo(new Fingerprint(each == 1 ? TEXTS : PAIRS)).texts(texts).hex(),
        () -> {});
  }

  /** The field of a text, or of a pair of them. */
  static Field text(int each) {
    return new Field(Batch.TEXT, Field.Kind.TEXT, each == 1 ? List.of() : List.of(each));
  }

  private static Field features(int features) {
    return new Field(Batch.FEATURES, Field.Kind.FLOAT32, List.of(features));
  }

  private static Row row(float[] features) {
    return Row.of(Batch.FEATURES, new Values.Floats(features, new int[] {features.length}));
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
