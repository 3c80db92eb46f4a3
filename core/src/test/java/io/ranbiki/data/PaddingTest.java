package io.ranbiki.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.prepare.Row;
import io.ranbiki.prepare.Values;
import io.ranbiki.prepare.Values.Longs;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.TensorScope;
import java.util.List;
import org.junit.jupiter.api.Test;

class PaddingTest {

  private static final Field IDS = new Field("ids", Field.Kind.INT64, List.of(Field.ANY));

  private static Row ids(long... ids) {
    return Row.of("ids", new Longs(ids, new int[] {ids.length}));
  }

  @Test
  void shortSamples_areFilledUpAtTheEnd_andTheMaskTellsWhatCounts() {
    List<Row> rows = List.of(ids(1, 2, 3), ids(), ids(7));
    Longs stack = (Longs) Padding.stack(IDS, rows, null);
    assertThat(stack.shape()).containsExactly(3, 3);
    assertThat(stack.data()).containsExactly(1, 2, 3, 0, 0, 0, 7, 0, 0);
    Longs mask = Padding.mask(IDS, rows);
    assertThat(mask.shape()).containsExactly(3, 3);
    assertThat(mask.data()).containsExactly(1, 1, 1, 0, 0, 0, 1, 0, 0);
    for (int i = 0; i < 3; i++) {
      assertThat(((Longs) Padding.unstack(stack, mask, i)).data())
          .isEqualTo(((Longs) rows.get(i).get("ids")).data());
    }
  }

  @Test
  void arraysThatAreUsedAgain_keepNothingOfTheLastBatch() {
    Values used = Padding.stack(IDS, List.of(ids(9, 9, 9, 9), ids(9, 9, 9, 9)), null);
    Longs stack = (Longs) Padding.stack(IDS, List.of(ids(1), ids(2, 3)), used);
    assertThat(stack.data()).startsWith(1, 0, 2, 3);
    assertThat(stack.data()).isSameAs(((Longs) used).data());
  }

  @Test
  void imagesOfDifferentSizes_keepTheirPlaceInEveryLine() {
    Field image = new Field("image", Field.Kind.UINT8, List.of(2, Field.ANY, Field.ANY));
    Row small = Row.of("image", new Values.Bytes(new byte[] {1, 2}, new int[] {2, 1, 1}));
    Row large =
        Row.of("image", new Values.Bytes(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}, new int[] {2, 2, 2}));
    Values.Bytes stack = (Values.Bytes) Padding.stack(image, List.of(small, large), null);
    assertThat(stack.data()).containsExactly(1, 0, 0, 0, 2, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8);
    Longs mask = Padding.mask(image, List.of(small, large));
    assertThat(mask.shape()).containsExactly(2, 2, 2);
    assertThat(mask.data()).containsExactly(1, 0, 0, 0, 1, 1, 1, 1);
  }

  @Test
  void truthThatIsNotKnown_isMarkedAsSuch() {
    Field numbers = new Task.Numbers(List.of("a", "b")).truth();
    Row known = Row.of("label", new Values.Floats(new float[] {1, 2}, new int[] {2}));
    Values.Floats stack = (Values.Floats) Padding.stack(numbers, List.of(known, ids(1)), null);
    assertThat(stack.data()).containsExactly(1, 2, Float.NaN, Float.NaN);
    Field positions = new Task.ClassesAt(List.of("x", "y")).truth();
    Row one = Row.of("label", new Longs(new long[] {1}, new int[] {1}));
    Row two = Row.of("label", new Longs(new long[] {0, 1}, new int[] {2}));
    long none = Functional.IGNORE;
    assertThat(((Longs) Padding.stack(positions, List.of(one, two, ids(1)), null)).data())
        .containsExactly(1, none, 0, 1, none, none);
  }

  @Test
  void loader_padsEachBatchToItsLongest_andHandsMasksOn() {
    Dataset data =
        TestData.samples(IDS, 5, index -> new Longs(new long[index + 1], new int[] {index + 1}));
    Loader loader = new Loader(data, Loader.Options.inOrder(2), Normalization.none(), Views.none());
    int[] longest = {2, 4, 5};
    try (Epoch epoch = loader.epoch(0)) {
      for (int batch = 0; batch < 3; batch++) {
        try (TensorScope scope = TensorScope.open("test")) {
          Batch made = Batch.of(epoch.next());
          assertThat(made.field("ids").shape()).containsExactly(batch == 2 ? 1 : 2, longest[batch]);
          assertThat(made.masks().get("ids").sum().item()).isEqualTo(new int[] {3, 7, 5}[batch]);
        }
      }
    }
  }

  @Test
  void sampleOfAnotherShape_isRefused() {
    Field fixed = new Field("ids", Field.Kind.INT64, List.of(2));
    assertThatThrownBy(() -> Padding.stack(fixed, List.of(ids(1, 2), ids(1)), null))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "A sample has INT64 ids of the shape [1], but all were to have ids INT64 [2]. Repair or"
                + " remove it.");
  }
}
