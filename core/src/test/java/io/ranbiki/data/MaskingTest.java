package io.ranbiki.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.Preparation;
import io.ranbiki.prepare.Row;
import io.ranbiki.prepare.Tokenizer;
import io.ranbiki.prepare.Values;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class MaskingTest {

  private static final Tokenizer TOKENIZER =
      Tokenizer.read(Path.of("../prepare/src/test/resources/tokenizers/uncased.json"));
  private static final Masking MASKING = Masking.of(TOKENIZER);

  /** {@code [CLS]}, pieces 5, 6, ..., {@code [SEP]}. */
  private static Row text(int pieces) {
    long[] ids =
        LongStream.concat(
                LongStream.concat(LongStream.of(2), LongStream.range(5, 5 + pieces)),
                LongStream.of(3))
            .toArray();
    return new Row(Map.of(Preparation.IDS, new Values.Longs(ids, new int[] {ids.length})));
  }

  private static long[] of(Row row, String field) {
    return ((Values.Longs) row.get(field)).data();
  }

  @Test
  void fifteenPercent_areHidden_andTheirPlacesSayWhatStoodThere() {
    Row text = text(100);
    long[] before = of(text, Preparation.IDS).clone();
    int masked = 0;
    int same = 0;
    for (int number = 0; number < 200; number++) {
      Row hidden = MASKING.apply(new View(0, 7, number), text);
      long[] places = of(hidden, Masking.PLACES);
      long[] ids = of(hidden, Preparation.IDS);
      assertThat(places).hasSize(15).isSorted().doesNotHaveDuplicates().doesNotContain(0, 101);
      for (int i = 0; i < places.length; i++) {
        int place = (int) places[i];
        assertThat(of(hidden, Batch.TRUTH)[i]).isEqualTo(before[place]);
        assertThat(ids[place]).isBetween(4L, 609L);
        masked += ids[place] == TOKENIZER.mask().orElseThrow() ? 1 : 0;
        same += ids[place] == before[place] ? 1 : 0;
        ids[place] = before[place];
      }
      assertThat(ids).isEqualTo(before);
    }
    assertThat(masked / 3000.0).isCloseTo(0.8, within(0.03));
    assertThat(same / 3000.0).isCloseTo(0.1, within(0.03));
    assertThat(of(text, Preparation.IDS)).isEqualTo(before);
  }

  @Test
  void aView_isNamedBySeedSampleAndNumber() {
    long[] one = of(MASKING.apply(new View(1, 2, 3), text(40)), Masking.PLACES);

    assertThat(of(MASKING.apply(new View(1, 2, 3), text(40)), Masking.PLACES)).isEqualTo(one);
    for (View other : new View[] {new View(0, 2, 3), new View(1, 0, 3), new View(1, 2, 4)}) {
      assertThat(of(MASKING.apply(other, text(40)), Masking.PLACES)).isNotEqualTo(one);
    }
  }

  @Test
  void aShortText_hidesOnePiece_andOneOfSignsAlone_isRefused() {
    assertThat(of(MASKING.apply(new View(0, 0, 0), text(1)), Batch.TRUTH)).containsExactly(5);
    assertThatThrownBy(() -> MASKING.apply(new View(0, 9, 0), text(0)))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "A text (sample 9) has no piece that the tokenizer knows, so that none can be hidden."
                + " Remove it, or take another tokenizer.");
  }

  @Test
  void aTokenizerWithoutMask_isRefused() {
    assertThatThrownBy(() -> Masking.of(Tokenizer.hashedNgrams(100, 2, 3, 4)))
        .isInstanceOf(RanbikiException.class)
        .hasMessageContaining("has neither [MASK] nor <mask>");
  }

  @Test
  void batches_padPlacesWithWhatDoesNotCount() {
    Row[] rows = {text(20), text(4)};
    long[][] truth = new long[2][];
    for (int i = 0; i < 2; i++) {
      Row hidden = MASKING.apply(new View(0, i, 0), rows[i]);
      rows[i] = hidden;
      truth[i] = of(hidden, Batch.TRUTH);
    }
    Values stacked = Padding.stack(new Task.MaskedLanguage(610).truth(), Arrays.asList(rows), null);

    assertThat(stacked.shape()).containsExactly(2, 3);
    assertThat(((Values.Longs) stacked).data())
        .containsExactly(truth[0][0], truth[0][1], truth[0][2], truth[1][0], -100, -100);
  }
}
