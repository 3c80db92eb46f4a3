package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.data.Dataset;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RunDataTest {

  private static RunData open(String options) {
    String text =
        "name: t\ndata: {format: digits, size: 200%s}\nmodel: {architecture: student-cnn}\n"
            .formatted(options);
    return RunData.open(
        RunConfigReader.training(ConfigDocument.parse("a.yaml", text, List.of(), Map.of())).data());
  }

  private static List<Long> ids(Dataset dataset) {
    return IntStream.range(0, dataset.size()).mapToObj(dataset::id).toList();
  }

  private static List<Long> labelledIds(Dataset dataset) {
    return IntStream.range(0, dataset.size())
        .filter(i -> dataset.label(i) != Dataset.UNLABELLED)
        .mapToObj(dataset::id)
        .toList();
  }

  @Test
  void sameSeed_givesTheSameSplitAndAnotherSeedAnother() {
    try (RunData data = open(", validation: 0.2, labelled: 40")) {
      RunData.Split one = data.split(1);
      RunData.Split again = data.split(1);
      RunData.Split other = data.split(2);
      assertThat(ids(one.train())).isEqualTo(ids(again.train())).isNotEqualTo(ids(other.train()));
      assertThat(labelledIds(one.train()))
          .isEqualTo(labelledIds(again.train()))
          .isNotEqualTo(labelledIds(other.train()));
      assertThat(ids(one.validation().orElseThrow()))
          .isEqualTo(ids(again.validation().orElseThrow()));
    }
  }

  @Test
  void validation_isDisjointFromTrainingAndLabelled() {
    try (RunData data = open(", validation: 0.2, labelled: 40")) {
      RunData.Split split = data.split(1);
      Dataset validation = split.validation().orElseThrow();
      assertThat(validation.size()).isEqualTo(40);
      assertThat(split.train().size()).isEqualTo(160);
      assertThat(ids(split.train())).doesNotContainAnyElementsOf(ids(validation));
      assertThat(labelledIds(validation)).hasSize(40);
      assertThat(data.test().size()).isEqualTo(2_000);
    }
  }

  @Test
  void fewLabels_areRepeatedUntilBothStudentsTakeTheSameSteps() {
    try (RunData data = open(", labelled: 30")) {
      RunData.Split split = data.split(1);
      assertThat(split.validation()).isEmpty();
      assertThat(split.train().size()).isEqualTo(200);
      assertThat(labelledIds(split.train())).hasSize(30).doesNotHaveDuplicates();
      assertThat(split.labelled().size()).isEqualTo(200);
      // Every copy has names of its own, so that its views differ; the rest is the sample's name.
      List<Long> repeated =
          labelledIds(split.labelled()).stream().map(id -> id & ((1L << 40) - 1)).toList();
      assertThat(repeated).hasSize(200);
      assertThat(List.copyOf(new java.util.LinkedHashSet<>(repeated)))
          .containsExactlyInAnyOrderElementsOf(labelledIds(split.train()));
      // 200 = 6 x 30 + 20: each label is seen 6 or 7 times.
      assertThat(repeated.stream().filter(repeated.get(0)::equals)).hasSizeBetween(6, 7);
      int[] perClass = new int[10];
      for (int i = 0; i < split.train().size(); i++) {
        if (split.train().label(i) >= 0) {
          perClass[split.train().label(i)]++;
        }
      }
      assertThat(perClass).containsOnly(3);
    }
  }

  @Test
  void droppedUnlabelledSamples_leaveTheLabelledOnes() {
    try (RunData data = open(", labelled: 30, unlabelled: drop")) {
      RunData.Split split = data.split(1);
      assertThat(split.train().size()).isEqualTo(30);
      assertThat(ids(split.labelled())).isEqualTo(ids(split.train()));
    }
  }

  @Test
  void limit_takesTheFirstSamples() {
    try (RunData data = open(", limit: 50")) {
      assertThat(ids(data.split(1).train()))
          .containsExactlyElementsOf(IntStream.range(0, 50).mapToObj(i -> (long) i).toList());
    }
  }

  @Test
  void views_areAsManyAsEpochsUnlessGiven() {
    try (RunData none = open("");
        RunData fresh = open(", augment: [{crop: {padding: 2}}]");
        RunData two = open(", augment: [{crop: {padding: 2}}], views: 2")) {
      assertThat(none.viewCount(10)).isEqualTo(1);
      assertThat(fresh.viewCount(10)).isEqualTo(10);
      assertThat(two.viewCount(10)).isEqualTo(2);
      assertThat(two.viewCount(1)).isEqualTo(1);
    }
  }
}
