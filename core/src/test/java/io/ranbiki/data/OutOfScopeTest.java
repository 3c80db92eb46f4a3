package io.ranbiki.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.Row;
import io.ranbiki.prepare.Values;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class OutOfScopeTest {

  private static Dataset rows(List<String> names, int... labels) {
    float[] values = new float[labels.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    return InMemory.rows(values, 1, labels, names);
  }

  private static List<Integer> strata(Dataset data) {
    return IntStream.range(0, data.size()).mapToObj(data::stratum).toList();
  }

  private static List<Long> ids(Dataset data) {
    return IntStream.range(0, data.size()).mapToObj(data::id).toList();
  }

  /** The truths of the rows; null where there is none. */
  private static List<Long> truths(Dataset data) {
    return IntStream.range(0, data.size())
        .mapToObj(data::read)
        .map(row -> row.has(Batch.TRUTH) ? truth(row) : Long.valueOf(0x7777))
        .toList();
  }

  private static long truth(Row row) {
    return ((Values.Longs) row.get(Batch.TRUTH)).data()[0];
  }

  @Test
  void training_leavesTheClassOut_andLaterOnesMoveUp() {
    Dataset known = OutOfScope.known(rows(List.of("a", "oos", "z"), 0, 1, 2, -1, 1, 0), "oos");
    Dataset train = OutOfScope.train(known, "oos");
    assertThat(train.task().names()).containsExactly("a", "z");
    assertThat(ids(train)).containsExactly(0L, 2L, 3L, 5L);
    assertThat(strata(train)).containsExactly(0, 1, -1, 0);
    assertThat(truths(train)).containsExactly(0L, 1L, 0x7777L, 0L);
    assertThat(train.strata()).isEqualTo(2);
    assertThat(train.fingerprint()).isNotEqualTo(known.fingerprint());
  }

  @Test
  void test_keepsItsSamplesWithoutLabel_andMarksThem() {
    Dataset test = OutOfScope.test(rows(List.of("a", "oos", "z"), 1, 2, 0, 1, -1), "oos");
    assertThat(test.task().names()).containsExactly("a", "z");
    assertThat(strata(test)).containsExactly(-1, 1, 0, -1, -1);
    assertThat(truths(test)).containsExactly(-101L, 1L, 0L, -101L, 0x7777L);
    assertThat(test.numbers(3)).containsExactly(3);
  }

  @Test
  void classThatTrainingNeverSaw_isKnownToTheTestAlone() {
    Dataset seen = rows(List.of("a", "z"), 0, 1, 1);
    Dataset known = OutOfScope.known(seen, "oos");
    assertThat(known.task().names()).containsExactly("a", "z", "oos");
    assertThat(truths(known)).containsExactly(0L, 1L, 1L);
    Dataset train = OutOfScope.train(known, "oos");
    assertThat(train.task()).isEqualTo(seen.task());
    assertThat(strata(train)).containsExactly(0, 1, 1);
  }

  @Test
  void mistakes_areNamed() {
    assertThatThrownBy(() -> OutOfScope.test(rows(List.of("oos", "z", "ooz"), 0, 1, 0), "ooz"))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "No sample of the test is of the class 'ooz' that 'data.out-of-scope' names; did you"
                + " mean 'oos'?");
    Dataset numbers =
        InMemory.rows(
            List.of(new float[] {1, 2}),
            2,
            1,
            new Truth.OfNumbers(new float[] {3, 4}, 2, new Task.Numbers(List.of("price"))));
    assertThatThrownBy(() -> OutOfScope.known(numbers, "oos"))
        .hasMessage(
            "'data.out-of-scope' names a class, but the samples have numbers. Leave it out.");
  }
}
