package io.ranbiki.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.data.Splits.Rest;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SplitsTest {

  /** Row i is (i), of class i % classes. */
  static Dataset rows(int size, int classes) {
    float[] values = new float[size];
    int[] labels = new int[size];
    for (int i = 0; i < size; i++) {
      values[i] = i;
      labels[i] = i % classes;
    }
    List<String> names = IntStream.range(0, classes).mapToObj(Integer::toString).toList();
    return InMemory.rows(values, 1, labels, names);
  }

  private static long[] ids(Dataset data) {
    return LongStream.range(0, data.size()).map(i -> data.id((int) i)).toArray();
  }

  private static float value(Dataset data, int index) {
    float[] value = data.numbers(index);
    return value[0];
  }

  @Test
  void subset_keepsIdsLabelsAndValues() {
    Dataset outer = Subset.of(rows(10, 3), new int[] {9, 4, 7});
    Dataset inner = Subset.of(outer, new int[] {2, 0});

    assertThat(ids(inner)).containsExactly(7, 9);
    assertThat(inner.stratum(0)).isEqualTo(1);
    assertThat(value(inner, 1)).isEqualTo(9);
    assertThat(inner.task().width()).isEqualTo(3);
    assertThat(inner.shape()).containsExactly(1);
    assertThat(inner.fingerprint()).isNotEqualTo(outer.fingerprint());
  }

  @Test
  void subset_refusesWrongIndices() {
    Dataset data = rows(3, 2);
    Refusal.ofConfiguration(() -> Subset.of(data, new int[0]), "at least one sample");
    Refusal.ofConfiguration(
        () -> Subset.of(data, new int[] {3}), "The index 3", "has the samples 0 to 2");
    Refusal.ofConfiguration(() -> Subset.of(data, new int[] {1, 1}), "The index 1 comes twice");
  }

  @Test
  void holdOut_partsAreDisjointAndComplete() {
    Splits.Split split = Splits.holdOut(rows(100, 10), 0.15, 7);
    assertThat(split.validation().size()).isEqualTo(15);
    assertThat(
            LongStream.concat(
                LongStream.of(ids(split.train())), LongStream.of(ids(split.validation()))))
        .containsExactlyInAnyOrderElementsOf(LongStream.range(0, 100).boxed().toList());
    assertThat(ids(split.validation())).isSorted();
  }

  @Test
  void holdOut_dependsOnTheSeedAlone() {
    Dataset data = rows(100, 10);
    long[] first = ids(Splits.holdOut(data, 0.2, 7).validation());
    assertThat(ids(Splits.holdOut(data, 0.2, 7).validation())).isEqualTo(first);
    assertThat(ids(Splits.holdOut(data, 0.2, 8).validation())).isNotEqualTo(first);
  }

  @Test
  void holdOut_refusesFractionsThatLeaveAPartEmpty() {
    Dataset data = rows(4, 2);
    for (double fraction : new double[] {0, 1, -0.1, Double.NaN}) {
      Refusal.ofConfiguration(
          () -> Splits.holdOut(data, fraction, 1),
          "The validation fraction is " + fraction + ", but must be above 0 and below 1.");
    }
    Refusal.ofConfiguration(
        () -> Splits.holdOut(data, 0.1, 1),
        "The validation fraction 0.1 of 4 samples leaves 4 to train on and 0 to validate on");
  }

  @Test
  void holdOutByClass_takesTheSamePartOfEveryClass() {
    int[] labels = new int[130];
    Arrays.fill(labels, 0, 100, 0);
    Arrays.fill(labels, 100, 130, 1);
    Dataset data = InMemory.rows(new float[130], 1, labels, List.of("a", "b"));
    Splits.Split split = Splits.holdOutByClass(data, 13, 7);
    assertThat(LongStream.of(ids(split.validation())).filter(id -> id < 100)).hasSize(10);
    assertThat(ids(split.validation())).hasSize(13).isSorted().isNotEqualTo(first(13));
    assertThat(
            LongStream.concat(
                LongStream.of(ids(split.train())), LongStream.of(ids(split.validation()))))
        .containsExactlyInAnyOrderElementsOf(LongStream.range(0, 130).boxed().toList());
    assertThat(ids(Splits.holdOutByClass(data, 13, 7).validation()))
        .isEqualTo(ids(split.validation()));
    assertThat(ids(Splits.holdOutByClass(data, 13, 8).validation()))
        .isNotEqualTo(ids(split.validation()));
  }

  @Test
  void folds_areEvenInSizeAndInEveryClass() {
    int[] labels = new int[53];
    Arrays.fill(labels, 30, 47, 1);
    Arrays.fill(labels, 47, 53, 2);
    Dataset data = InMemory.rows(new float[53], 1, labels, List.of("a", "b", "c"));
    int[] fold = Splits.folds(data, 5, 3);
    for (int label = -1; label < 3; label++) {
      int of = label;
      long[] sizes =
          IntStream.range(0, 5)
              .mapToLong(
                  f ->
                      IntStream.range(0, 53)
                          .filter(i -> fold[i] == f && (of < 0 || labels[i] == of))
                          .count())
              .toArray();
      assertThat(LongStream.of(sizes).max().orElseThrow())
          .isLessThanOrEqualTo(LongStream.of(sizes).min().orElseThrow() + 1);
    }
    assertThat(Splits.folds(data, 5, 3)).isEqualTo(fold);
    assertThat(Splits.folds(data, 5, 4)).isNotEqualTo(fold);
  }

  private static long[] first(int count) {
    return LongStream.range(0, count).toArray();
  }

  @Test
  void holdOutUnlabelled_takesSamplesWithoutLabelAlone() {
    Dataset data = Splits.labelledOnly(rows(40, 4), 10, 1, Splits.Rest.UNLABELLED);
    Splits.Split split = Splits.holdOutUnlabelled(data, 6, 7);
    assertThat(split.validation().size()).isEqualTo(6);
    assertThat(IntStream.range(0, 6).map(split.validation()::stratum))
        .containsOnly(Dataset.UNLABELLED);
    assertThat(split.train().size()).isEqualTo(34);
    assertThat(IntStream.range(0, 34).map(split.train()::stratum).filter(label -> label >= 0))
        .hasSize(10);
    assertThat(ids(split.train())).doesNotContain(ids(split.validation()));
  }

  @Test
  void first_takesTheFirstSamples() {
    Dataset data = rows(10, 2);
    assertThat(ids(Splits.first(data, 3))).containsExactly(0, 1, 2);
    assertThat(Splits.first(data, 60000)).isSameAs(data);
    Refusal.ofConfiguration(() -> Splits.first(data, 0), "The limit of samples is 0");
  }

  @Test
  void byTurns_takesOneOfEachClassAfterTheOther() {
    float[] values = new float[9];
    int[] sorted = {0, 0, 0, 0, 1, 1, 2, 2, 2};
    Dataset data = InMemory.rows(values, 1, sorted, List.of("a", "b", "c"));
    assertThat(ids(Splits.byTurns(data, 3))).containsExactly(0, 4, 6);
    assertThat(ids(Splits.byTurns(data, 5))).containsExactly(0, 1, 4, 5, 6);
    assertThat(ids(Splits.byTurns(data, 8)))
        .as("b has two")
        .containsExactly(0, 1, 2, 4, 5, 6, 7, 8);
    assertThat(Splits.byTurns(data, 9)).isSameAs(data);
    assertThat(ids(Splits.byTurns(rows(10, 2), 4))).containsExactly(0, 1, 2, 3);
    assertThat(ids(Splits.byTurns(Splits.unlabelled(data), 3))).containsExactly(0, 1, 2);
    Refusal.ofConfiguration(() -> Splits.byTurns(data, 0), "The limit of samples is 0");
  }

  @Test
  void unlabelled_hidesEveryLabelAndNothingElse() {
    Dataset data = Splits.unlabelled(rows(4, 2));
    assertThat(IntStream.range(0, 4).map(data::stratum)).containsOnly(Dataset.UNLABELLED);
    assertThat(ids(data)).containsExactly(0, 1, 2, 3);
    assertThat(value(data, 3)).isEqualTo(3);
    assertThat(data.task().width()).isEqualTo(2);
  }

  @Test
  void labelledOnly_choosesEveryClassEqually() {
    Dataset chosen = Splits.labelledOnly(rows(100, 5), 20, 3, Rest.DROPPED);
    assertThat(chosen.size()).isEqualTo(20);
    for (int label = 0; label < 5; label++) {
      int wanted = label;
      assertThat(IntStream.range(0, 20).filter(i -> chosen.stratum(i) == wanted).count())
          .isEqualTo(4);
    }
    assertThat(ids(chosen))
        .isEqualTo(ids(Splits.labelledOnly(rows(100, 5), 20, 3, Rest.DROPPED)))
        .isNotEqualTo(ids(Splits.labelledOnly(rows(100, 5), 20, 4, Rest.DROPPED)));
  }

  @Test
  void labelledOnly_keepsTheRestUnlabelledIfAsked() {
    Dataset all = Splits.labelledOnly(rows(100, 5), 20, 3, Rest.UNLABELLED);
    Dataset chosen = Splits.labelledOnly(rows(100, 5), 20, 3, Rest.DROPPED);
    assertThat(all.size()).isEqualTo(100);
    assertThat(LongStream.range(0, 100).filter(i -> all.stratum((int) i) >= 0).toArray())
        .isEqualTo(ids(chosen));
  }

  @Test
  void labelledOnly_fillsUpFromLargerClasses() {
    Dataset uneven = Subset.of(rows(12, 4), new int[] {0, 1, 2, 4, 8, 5});
    Dataset chosen = Splits.labelledOnly(uneven, 5, 1, Rest.DROPPED);
    assertThat(IntStream.range(0, 5).map(chosen::stratum)).containsExactlyInAnyOrder(0, 1, 2, 0, 1);
  }

  @Test
  void labelledOnly_refusesMoreThanThereAre() {
    Refusal.ofConfiguration(
        () -> Splits.labelledOnly(rows(4, 2), 5, 1, Rest.DROPPED),
        "5 samples are to keep their label, but it must be 1 to 4");
  }

  @Test
  void concat_keepsTheFirstIdsAndMovesTheOthers() {
    Dataset joined = Concat.of(rows(3, 2), Splits.unlabelled(rows(2, 2)));
    long part = 1L << 40;
    assertThat(ids(joined)).containsExactly(0, 1, 2, part, part + 1);
    assertThat(joined.stratum(2)).isZero();
    assertThat(joined.stratum(3)).isEqualTo(Dataset.UNLABELLED);
    assertThat(value(joined, 4)).isEqualTo(1);
    assertThat(joined.fingerprint())
        .hasSize(64)
        .isEqualTo(Concat.of(rows(3, 2), Splits.unlabelled(rows(2, 2))).fingerprint());
  }

  @Test
  void concat_takesTheClassesOfThePartThatHasThem() {
    Dataset raw = InMemory.rows(new float[2], 1, new int[] {-1, -1}, List.of());
    assertThat(Concat.of(raw, rows(2, 2)).task().width()).isEqualTo(2);
    assertThat(Concat.of(rows(2, 2), raw).task().width()).isEqualTo(2);
  }

  @Test
  void concat_refusesWhatDoesNotFit() {
    Dataset wide = InMemory.rows(new float[2], 2, new int[] {0}, List.of("0"));
    Refusal.ofConfiguration(
        () -> Concat.of(rows(2, 2), wide),
        "Samples of dataset 0 have the fields [features FLOAT32 [1]] and those of dataset 1");
    Refusal.ofConfiguration(
        () -> Concat.of(rows(2, 2), rows(3, 3)),
        "Dataset 1 has the classes [0, 1, 2], but the ones before it have [0, 1]");
    Refusal.ofConfiguration(
        () -> Concat.of(Concat.of(rows(2, 2), rows(2, 2)), rows(2, 2)),
        "Dataset 0 has the id 1099511627776, but only ids below 2^40 can be joined.");
    Refusal.ofConfiguration(Concat::of, "There is no dataset to join.");
  }

  @Test
  void inMemory_refusesWhatDoesNotAgree() {
    Refusal.ofConfiguration(
        () -> InMemory.rows(new float[] {1, Float.NaN}, 2, new int[] {0}, List.of("a")),
        "Feature 1 of row 0 is NaN, but must be finite.");
    Refusal.ofConfiguration(
        () -> InMemory.rows(new float[3], 2, new int[] {0}, List.of("a")),
        "1 labels of samples with 2 numbers each need 2 numbers, but there are 3.");
    Refusal.ofConfiguration(
        () -> InMemory.rows(new float[2], 2, new int[] {1}, List.of("a")),
        "The label of sample 0 is 1, but there are 1 classes");
    Refusal.ofConfiguration(
        () -> InMemory.images(new byte[4], new int[] {2, 2}, new int[] {0}, List.of("a")),
        "The shape of an image must have three numbers");
  }
}
