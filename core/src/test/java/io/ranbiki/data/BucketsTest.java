package io.ranbiki.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.prepare.Values;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BucketsTest {

  private static final int SIZE = 1003;
  private static final int BATCH = 8;
  private static final Field IDS = new Field("ids", Field.Kind.INT64, List.of(Field.ANY));

  private static int length(int index) {
    return 1 + index * 7919 % 60;
  }

  private static Loader loader(boolean dropLast) {
    Dataset data =
        TestData.samples(
            IDS,
            SIZE,
            index -> new Values.Longs(new long[length(index)], new int[] {length(index)}));
    return new Loader(
        data,
        new Loader.Options(BATCH, 3, true, dropLast, 1, 2),
        Normalization.none(),
        Views.none());
  }

  @Test
  void batches_holdSamplesOfLikeLength_andEverySampleOnce() {
    int[] order = loader(false).order(2);
    assertThat(order).hasSize(SIZE).doesNotHaveDuplicates();
    long padded = 0;
    long numbers = 0;
    for (int from = 0; from + BATCH <= SIZE; from += BATCH) {
      int longest = Arrays.stream(order, from, from + BATCH).map(i -> length(i)).max().orElse(0);
      padded += (long) BATCH * longest;
      numbers += Arrays.stream(order, from, from + BATCH).map(i -> length(i)).sum();
    }
    assertThat((double) padded / numbers).as("1.7 without buckets").isLessThan(1.06);
  }

  @Test
  void order_dependsOnSeedAndEpochAlone_andItsBatchesAreNotSorted() {
    int[] order = loader(false).order(2);
    assertThat(loader(false).order(2)).isEqualTo(order);
    assertThat(loader(false).order(3)).isNotEqualTo(order);
    int[] first = IntStream.range(0, 50).map(batch -> length(order[batch * BATCH])).toArray();
    assertThat(first).isNotEqualTo(Arrays.stream(first).sorted().toArray());
  }

  @Test
  void lastBatchThatIsNotFull_favoursNoLength() {
    int[] shuffled = new Passes(3, 3, SIZE, 1).draw(2L * SIZE, SIZE);
    int[] order = loader(false).order(2);
    int full = SIZE / BATCH * BATCH;
    assertThat(Arrays.copyOfRange(order, full, SIZE))
        .isEqualTo(Arrays.copyOfRange(shuffled, full, SIZE));
    assertThat(loader(true).batches()).isEqualTo(SIZE / BATCH);
  }

  @Test
  void epochThatGoesOn_hasTheBatchesThatItHadLeft() {
    try (Epoch whole = loader(false).epoch(1);
        Epoch rest = loader(false).epoch(1, 2)) {
      whole.next();
      whole.next();
      while (rest.hasNext()) {
        assertThat(rest.next().ids()).isEqualTo(whole.next().ids());
      }
      assertThat(whole.hasNext()).isFalse();
    }
  }
}
