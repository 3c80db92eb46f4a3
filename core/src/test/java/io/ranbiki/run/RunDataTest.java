package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.config.ConfigDocument;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Epoch;
import io.ranbiki.data.HostBatch;
import io.ranbiki.data.Loader;
import io.ranbiki.data.TestData;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class RunDataTest {

  private static RunData open(String options) {
    String heldOut = options.contains("validation") ? "" : ", validation: 0";
    String text =
        """
        name: t
        data: {format: digits, size: 200%s}
        teacher: {model: t}
        student: {architecture: student-cnn}
        objective: [soft-targets]
        """
            .formatted(options + heldOut);
    return RunData.open(
        RunConfigReader.any(ConfigDocument.parse("a.yaml", text, List.of(), Map.of())));
  }

  private static List<Long> ids(Dataset dataset) {
    return IntStream.range(0, dataset.size()).mapToObj(dataset::id).toList();
  }

  private static List<Long> labelledIds(Dataset dataset) {
    return IntStream.range(0, dataset.size())
        .filter(i -> dataset.isLabelled(i))
        .mapToObj(dataset::id)
        .toList();
  }

  @Test
  void sameSeed_givesTheSameSplitAndAnotherSeedAnother() {
    try (RunData data = open(", validation: 0.2, labelled: 40")) {
      SeedSplit one = data.split(1);
      SeedSplit again = data.split(1);
      SeedSplit other = data.split(2);
      assertThat(ids(one.train())).isEqualTo(ids(again.train())).isNotEqualTo(ids(other.train()));
      assertThat(labelledIds(one.train()))
          .isEqualTo(labelledIds(again.train()))
          .isNotEqualTo(labelledIds(other.train()));
      assertThat(ids(one.validation().orElseThrow()))
          .isEqualTo(ids(again.validation().orElseThrow()));
    }
  }

  @Test
  void splitSeed_givesEverySeedTheSameLabels() {
    try (RunData own = open(", validation: 0.2, labelled: 40");
        RunData fixed = open(", validation: 0.2, labelled: 40, split-seed: 1")) {
      for (long seed : List.of(1L, 2L)) {
        SeedSplit split = fixed.split(seed);
        assertThat(labelledIds(split.train())).isEqualTo(labelledIds(own.split(1).train()));
        assertThat(ids(split.validation().orElseThrow()))
            .isEqualTo(ids(own.split(1).validation().orElseThrow()));
      }
      assertThat(fixed.trainedOn(List.of(1L, 2L)).size()).isEqualTo(160);
    }
  }

  @Test
  void validation_isDisjointFromTrainingAndLabelled() {
    try (RunData data = open(", validation: 0.2, labelled: 40")) {
      SeedSplit split = data.split(1);
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
      SeedSplit split = data.split(1);
      assertThat(split.validation()).isEmpty();
      assertThat(split.train().size()).isEqualTo(200);
      assertThat(labelledIds(split.train())).hasSize(30).doesNotHaveDuplicates();
      assertThat(ids(split.labelled())).isEqualTo(labelledIds(split.train()));
      Loader all = data.trainLoader(split, 32, 1);
      Loader alone = data.labelsAloneLoader(split, 32, 1);
      assertThat(alone.samplesPerEpoch()).isEqualTo(all.samplesPerEpoch()).isEqualTo(200);
      assertThat(alone.batches()).isEqualTo(all.batches()).isEqualTo(7);
      // Every copy has names of its own, so that its views differ; the rest is the sample's name.
      Map<Long, Integer> seen = new HashMap<>();
      for (int epoch = 0; epoch < 21; epoch++) {
        for (int index : alone.order(epoch)) {
          seen.merge(alone.dataset().id(index) & ((1L << 40) - 1), 1, Integer::sum);
        }
      }
      assertThat(seen.keySet()).containsExactlyInAnyOrderElementsOf(labelledIds(split.train()));
      // 21 epochs of 200 are 20 passes over 7 copies of 30.
      assertThat(seen.values()).containsOnly(140);
      int[] perClass = new int[10];
      for (int i = 0; i < split.train().size(); i++) {
        if (split.train().isLabelled(i)) {
          perClass[split.train().stratum(i)]++;
        }
      }
      assertThat(perClass).containsOnly(3);
    }
  }

  @Test
  void droppedUnlabelledSamples_leaveTheLabelledOnes() {
    try (RunData data = open(", labelled: 30, drop-unlabelled: true")) {
      SeedSplit split = data.split(1);
      assertThat(split.train().size()).isEqualTo(30);
      assertThat(ids(split.labelled())).isEqualTo(ids(split.train()));
    }
  }

  private static final String MORE = ", unlabelled: {size: 500}";

  @Test
  void secondSet_joinsWithIdsThatNoChoiceChanges() {
    long second = 1L << 40;
    try (RunData data = open(MORE + ", validation: 0.2, labelled: 40, limit: 150");
        RunData first = open(", validation: 0.2, labelled: 40, limit: 150")) {
      SeedSplit split = data.split(3);
      assertThat(split.train().size()).isEqualTo(120 + 500);
      assertThat(ids(split.train())).doesNotHaveDuplicates();
      assertThat(ids(split.train()).subList(0, 120)).isEqualTo(ids(first.split(3).train()));
      assertThat(ids(split.train()).subList(120, 620))
          .isEqualTo(LongStream.range(second, second + 500).boxed().toList());
      assertThat(labelledIds(split.train())).isEqualTo(labelledIds(first.split(3).train()));
      assertThat(ids(split.validation().orElseThrow()))
          .isEqualTo(ids(first.split(3).validation().orElseThrow()));
      assertThat(data.classNames()).isEqualTo(first.classNames());
      assertThat(ids(data.trainedOn(List.of(3L))))
          .containsExactlyInAnyOrderElementsOf(ids(split.train()));
    }
  }

  @Test
  void fingerprint_coversBothSets_andNotWhatIsChosenOfThem() {
    try (RunData one = open("");
        RunData both = open(MORE);
        RunData larger = open(", unlabelled: {size: 501}");
        RunData part = open(", unlabelled: {size: 500, limit: 20}, labelled: 50")) {
      assertThat(List.of(one.fingerprint(), both.fingerprint(), larger.fingerprint()))
          .doesNotHaveDuplicates();
      assertThat(part.fingerprint()).isEqualTo(both.fingerprint());
      assertThat(part.split(1).train().size()).isEqualTo(220);
    }
  }

  @Test
  void drawnDigitsWithoutLabel_areNoneOfTheOthers() {
    try (RunData data = open(MORE)) {
      Dataset train = data.split(1).train();
      assertThat(train.stratum(200)).isEqualTo(Dataset.UNLABELLED);
      assertThat(train.numbers(200)).isNotEqualTo(train.numbers(0));
    }
  }

  @Test
  void droppedLabels_leaveTheSecondSetWhole() {
    try (RunData data = open(MORE + ", labelled: 30, drop-unlabelled: true")) {
      SeedSplit split = data.split(1);
      assertThat(split.train().size()).isEqualTo(530);
      assertThat(split.labelled().size()).isEqualTo(30);
    }
  }

  @Test
  void share_givesBothStudentsTheSameSteps() {
    // 5 of 20 have a label: 500 others take 34 batches of 15, the last with 5.
    // With 200 samples and 180 labels, 20 others take 4 batches of 5, fewer than all labels.
    String few = MORE + ", labelled-share: 0.25";
    String many = ", labelled: 180, labelled-share: 0.75";
    for (String options : List.of(few, many)) {
      try (RunData data = open(options)) {
        SeedSplit split = data.split(1);
        Loader mixed = data.trainLoader(split, 20, 1);
        Loader alone = data.labelsAloneLoader(split, 20, 1);
        int batches = options.equals(few) ? 34 : 4;
        assertThat(mixed.batches()).isEqualTo(batches);
        assertThat(mixed.samplesPerEpoch())
            .isEqualTo(options.equals(few) ? 500 + 34 * 5 : 20 + 4 * 15);
        assertThat(alone.batches()).isEqualTo(batches);
        assertThat(alone.samplesPerEpoch()).isEqualTo(mixed.samplesPerEpoch());
        Set<Long> seen = new HashSet<>();
        for (int epoch = 0; epoch < 3; epoch++) {
          for (int index : alone.order(epoch)) {
            assertThat(alone.dataset().stratum(index)).isNotEqualTo(Dataset.UNLABELLED);
            seen.add(alone.dataset().id(index) & ((1L << 40) - 1));
          }
        }
        assertThat(seen).as("three epochs reach every label").hasSize(split.labelled().size());
      }
    }
  }

  @Test
  void limit_takesTheFirstSamples() {
    try (RunData data = open(", limit: 50")) {
      assertThat(ids(data.split(1).train()))
          .containsExactlyElementsOf(IntStream.range(0, 50).mapToObj(i -> (long) i).toList());
    }
  }

  private static Map<Long, FloatBuffer> pixels(Loader loader, int epoch) {
    Map<Long, FloatBuffer> pixels = new HashMap<>();
    try (Epoch batches = loader.epoch(epoch)) {
      while (batches.hasNext()) {
        HostBatch batch = batches.next();
        float[] inputs = TestData.inputs(batch);
        int length = inputs.length / batch.size();
        for (int i = 0; i < batch.size(); i++) {
          float[] sample = Arrays.copyOfRange(inputs, i * length, (i + 1) * length);
          pixels.put(batch.ids()[i], FloatBuffer.wrap(sample));
        }
      }
    }
    return pixels;
  }

  private static Map<Long, FloatBuffer> asTheyAre(Dataset dataset) {
    Map<Long, FloatBuffer> pixels = new HashMap<>();
    for (int i = 0; i < dataset.size(); i++) {
      float[] sample = dataset.numbers(i);
      for (int p = 0; p < sample.length; p++) {
        sample[p] = (sample[p] - 0.25f) / 0.5f;
      }
      pixels.put(dataset.id(i), FloatBuffer.wrap(sample));
    }
    return pixels;
  }

  @Test
  void augmentation_isForTrainingAlone_inEveryEpoch() {
    String options =
        ", validation: 0.2, labelled: 40, augment: [{noise: {std: 0.1}}],"
            + " normalize: {mean: 0.25, std: 0.5}";
    try (RunData data = open(options)) {
      SeedSplit split = data.split(1);
      Dataset validation = split.validation().orElseThrow();
      for (int epoch : new int[] {0, 1}) {
        assertThat(pixels(data.evaluationLoader(data.test()), epoch))
            .isEqualTo(asTheyAre(data.test()));
        assertThat(pixels(data.evaluationLoader(validation), epoch))
            .isEqualTo(asTheyAre(validation));
        assertThat(pixels(data.plainLoader(split.labelled(), 16, 1), epoch))
            .isEqualTo(asTheyAre(split.labelled()));
        Map<Long, FloatBuffer> plain = asTheyAre(split.train());
        assertThat(pixels(data.trainLoader(split, 16, 1), epoch))
            .hasSize(160)
            .allSatisfy((id, sample) -> assertThat(sample).isNotEqualTo(plain.get(id)));
        assertThat(pixels(data.labelsAloneLoader(split, 16, 1), epoch))
            .hasSize(160)
            .allSatisfy(
                (id, sample) -> assertThat(sample).isNotEqualTo(plain.get(id & ((1L << 40) - 1))));
      }
    }
  }

  @Test
  void bothStudents_seeTheSameViewsInTheSameOrder() {
    try (RunData data = open(", augment: [{noise: {std: 0.1}}]")) {
      SeedSplit split = data.split(1);
      Loader taught = data.trainLoader(split, 16, 1);
      Loader alone = data.labelsAloneLoader(split, 16, 1);
      for (int epoch : new int[] {0, 1, 5}) {
        assertThat(alone.order(epoch)).isEqualTo(taught.order(epoch));
        assertThat(pixels(alone, epoch)).isEqualTo(pixels(taught, epoch));
      }
    }
  }

  @Test
  void anotherSeed_holdsOutOtherSamples() {
    try (RunData data = open(", validation: 0.2")) {
      assertThat(ids(data.split(1).validation().orElseThrow()))
          .isNotEqualTo(ids(data.split(2).validation().orElseThrow()));
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
