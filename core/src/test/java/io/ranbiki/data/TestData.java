package io.ranbiki.data;

import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Row;
import io.ranbiki.prepare.Values;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.TensorScope;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Small datasets, and what is in batches, for tests. */
public final class TestData {

  private TestData() {}

  /** Rows of numbers, of two classes in turns, made when asked for. */
  public static Dataset rows(int size, int features, IntFunction<float[]> row) {
    return samples(
        new Field(Batch.FEATURES, Field.Kind.FLOAT32, List.of(features)),
        size,
        index -> new Values.Floats(row.apply(index), new int[] {features}));
  }

  /** Samples of one field, of two classes in turns, made when asked for. */
  public static Dataset samples(Field field, int size, IntFunction<Values> sample) {
    int[] classes = IntStream.range(0, size).map(index -> index % 2).toArray();
    return new Samples(
        List.of(field),
        new Truth.OfClasses(classes, new Task.Classes(List.of("a", "b"))),
        index -> index,
        index -> Row.of(field.name(), sample.apply(index)),
        () -> field + " " + size,
        () -> {});
  }

  /** The inputs of a batch as a network gets them, sample by sample. */
  public static float[] inputs(HostBatch batch) {
    try (TensorScope scope = TensorScope.open("test")) {
      return Batch.of(batch).inputs().toFloats();
    }
  }

  /** The classes of a batch, {@link Dataset#UNLABELLED} where there is none. */
  public static int[] labels(HostBatch batch) {
    long[] labels = ((Values.Longs) batch.fields().get(Batch.TRUTH)).data();
    return Arrays.stream(labels, 0, batch.size())
        .mapToInt(label -> label == Functional.IGNORE ? Dataset.UNLABELLED : (int) label)
        .toArray();
  }
}
