package io.ranbiki.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Samples are recognised by their numbers, wherever they lie. */
class ContentsTest {

  private static final List<String> CLASSES = List.of("a", "b");

  private static Dataset rows(float... values) {
    return InMemory.rows(values, 2, new int[values.length / 2], CLASSES);
  }

  @Test
  void equalNumbers_haveOneHash_andOthersAnother() {
    long[] some = Contents.of(rows(0, 1, 2, 3, 0.1f, 0)).orElseThrow();
    long[] others = Contents.of(rows(0.1f, -0f, 3, 2, 0, 1)).orElseThrow();
    assertThat(others[0]).isEqualTo(some[2]); // 0 and -0 are one number
    assertThat(others[2]).isEqualTo(some[0]);
    assertThat(some).doesNotContain(others[1]).doesNotHaveDuplicates();
  }

  @Test
  void labelsOrderAndPlaceDoNotCount() {
    Dataset digits = Digits.dataset(30, 5);
    int[] reversed = IntStream.range(0, 30).map(i -> 29 - i).toArray();
    long[] all = Contents.of(digits).orElseThrow();
    long[] turned = Contents.of(Splits.unlabelled(Subset.of(digits, reversed))).orElseThrow();
    for (int i = 0; i < 30; i++) {
      assertThat(turned[i]).isEqualTo(all[29 - i]);
    }
  }

  @Test
  void tooManyNumbersOrSamples_areNotRead() {
    assertThat(Contents.of(unread(2, 1 << 28))).isEmpty();
    assertThat(Contents.of(unread(Contents.MOST_SAMPLES + 1, 1))).isEmpty();
  }

  private static Dataset unread(int rows, int width) {
    return TestData.rows(
        rows,
        width,
        index -> {
          throw new AssertionError("read");
        });
  }
}
