package io.ranbiki.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.data.Loader.Options;
import io.ranbiki.prepare.Normalization;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SamplingTest {

  private static final Augmentations CROPPED =
      new Augmentations(List.of(new Crop(2), new Noise(0.05)));

  /** Digits with labels, and behind them digits without. */
  private static Dataset mixed(int labelled, int unlabelled) {
    return Concat.of(Digits.dataset(labelled, 5), Splits.unlabelled(Digits.dataset(unlabelled, 6)));
  }

  private static Loader loader(Dataset data, int batch, long seed, Sampling sampling) {
    return new Loader(
        data,
        Options.shuffled(batch, seed).withSampling(sampling),
        Normalization.none(),
        Views.none());
  }

  private static Loader share(int labelled, int unlabelled, int batch, double share) {
    return loader(mixed(labelled, unlabelled), batch, 1, new Sampling.LabelledShare(share));
  }

  private record Seen(
      List<Integer> labels, List<Long> ids, int view, Map<Long, List<Float>> pixels) {}

  private static List<Seen> batches(Loader loader, int epoch, int from) {
    List<Seen> seen = new ArrayList<>();
    try (Epoch batches = loader.epoch(epoch, from)) {
      while (batches.hasNext()) {
        HostBatch batch = batches.next();
        Map<Long, List<Float>> pixels = new HashMap<>();
        float[] inputs = TestData.inputs(batch);
        for (int i = 0; i < batch.size(); i++) {
          List<Float> sample = new ArrayList<>();
          for (int p = i * 784; p < (i + 1) * 784; p++) {
            sample.add(inputs[p]);
          }
          List<Float> before = pixels.put(batch.ids()[i], sample);
          assertThat(before).as("a sample that comes twice").isIn(null, sample);
        }
        seen.add(
            new Seen(
                Arrays.stream(TestData.labels(batch)).boxed().toList(),
                Arrays.stream(batch.ids()).boxed().toList(),
                batch.viewNumber(),
                pixels));
      }
    }
    return seen;
  }

  private static long withLabel(Seen batch) {
    return batch.labels().stream().filter(label -> label != Dataset.UNLABELLED).count();
  }

  private static int[] counts(int[] order, int size) {
    int[] counts = new int[size];
    Arrays.stream(order).forEach(index -> counts[index]++);
    return counts;
  }

  @Test
  void everyBatch_hasItsShareOfLabelledSamplesBeforeTheOthers() {
    // 2 of 8 have a label, so 50 others take 8 full batches of 6 and one of 2.
    Loader loader = share(7, 50, 8, 0.25);
    List<Seen> batches = batches(loader, 0, 0);
    assertThat(loader.batches()).isEqualTo(9);
    assertThat(loader.samplesPerEpoch()).isEqualTo(50 + 9 * 2);
    assertThat(batches).hasSize(9);
    assertThat(batches).extracting(SamplingTest::withLabel).containsOnly(2L);
    assertThat(batches).extracting(batch -> batch.ids().size()).startsWith(8, 8, 8).endsWith(8, 4);
    for (Seen batch : batches) {
      assertThat(batch.labels().subList(0, 2)).doesNotContain(Dataset.UNLABELLED);
      assertThat(batch.ids().subList(0, 2)).allMatch(id -> id < 7);
      assertThat(batch.ids().subList(2, batch.ids().size())).allMatch(id -> id >= 1L << 40);
    }
  }

  @Test
  void share_isRoundedToWholeSamples() {
    double[] shares = {0.2, 0.3, 0.5, 0.75, 0.85};
    long[] labelled = {1, 2, 3, 4, 4};
    for (int i = 0; i < shares.length; i++) {
      assertThat(batches(share(7, 20, 5, shares[i]), 0, 0))
          .extracting(SamplingTest::withLabel)
          .containsOnly(labelled[i]);
    }
  }

  @Test
  void epoch_holdsEverySampleWithoutLabelOnceInAnOrderOfItsOwn() {
    Loader loader = share(7, 50, 8, 0.25);
    List<List<Integer>> orders = new ArrayList<>();
    for (int epoch = 0; epoch < 6; epoch++) {
      List<Integer> order =
          Arrays.stream(loader.order(epoch)).filter(index -> index >= 7).boxed().toList();
      assertThat(order)
          .containsExactlyInAnyOrderElementsOf(IntStream.range(7, 57).boxed().toList());
      orders.add(order);
    }
    assertThat(orders).doesNotHaveDuplicates();
  }

  @Test
  void labelledSamples_comeEquallyOftenAcrossEpochs() {
    // 18 labelled places an epoch for 7, and 6 for 40: more and fewer than one pass.
    for (int[] sizes : new int[][] {{7, 50, 18}, {40, 18, 6}}) {
      Loader loader = share(sizes[0], sizes[1], 8, 0.25);
      int[] drawn = new int[sizes[0]];
      for (int epoch = 0; epoch < 20; epoch++) {
        int[] counts = counts(loader.order(epoch), sizes[0] + sizes[1]);
        Arrays.setAll(drawn, i -> drawn[i] + counts[i]);
        int places = sizes[2] * (epoch + 1);
        assertThat(Arrays.stream(drawn).sum()).isEqualTo(places);
        assertThat(drawn).containsAnyOf(places / sizes[0]);
        for (int times : drawn) {
          assertThat(times).isBetween(places / sizes[0], (places - 1) / sizes[0] + 1);
        }
      }
    }
  }

  @Test
  void order_dependsOnSeedAndEpochAlone() {
    Dataset data = mixed(7, 50);
    Sampling sampling = new Sampling.LabelledShare(0.25);
    Loader loader = loader(data, 8, 3, sampling);
    Loader threads =
        new Loader(
            data,
            new Options(8, 3, true, false, 4, 2).withSampling(sampling),
            Normalization.none(),
            Views.fresh(CROPPED, 9));
    assertThat(threads.order(4)).isEqualTo(loader.order(4));
    assertThat(loader.order(4)).isNotEqualTo(loader.order(5));
    assertThat(loader(data, 8, 4, sampling).order(4)).isNotEqualTo(loader.order(4));
  }

  @Test
  void fromBatch_goesOnWhereAnEpochStopped_withTheSameIdsViewsAndPixels() {
    Loader loader =
        new Loader(
            mixed(7, 50),
            new Options(8, 3, true, false, 2, 3).withSampling(new Sampling.LabelledShare(0.25)),
            Normalization.none(),
            Views.cycle(CROPPED, 9, 2));
    List<Seen> whole = batches(loader, 3, 0);
    assertThat(whole).extracting(Seen::view).containsOnly(3 % 2);
    for (int from = 0; from <= 9; from++) {
      assertThat(batches(loader, 3, from)).isEqualTo(whole.subList(from, 9));
    }
    // The epoch after the next uses the same view: the same pixels, wherever a sample comes.
    Map<Long, List<Float>> before = new HashMap<>();
    whole.forEach(batch -> before.putAll(batch.pixels()));
    for (Seen batch : batches(loader, 5, 0)) {
      batch
          .pixels()
          .forEach((id, pixels) -> assertThat(before.getOrDefault(id, pixels)).isEqualTo(pixels));
    }
  }

  @Test
  void dropLast_leavesOutTheBatchThatIsNotFull() {
    Options dropping =
        new Options(8, 1, true, true, 1, 2).withSampling(new Sampling.LabelledShare(0.25));
    Loader loader = new Loader(mixed(7, 50), dropping, Normalization.none(), Views.none());
    assertThat(loader.batches()).isEqualTo(8);
    assertThat(batches(loader, 0, 0)).extracting(batch -> batch.ids().size()).containsOnly(8);
  }

  @Test
  void count_drawsFromPassesThatGoOnFromEpochToEpoch() {
    Dataset data = Digits.dataset(10, 5);
    Loader four = loader(data, 4, 1, new Sampling.Count(4));
    assertThat(four.batches()).isEqualTo(1);
    // Five epochs of 4 are two passes over 10.
    int[] drawn = new int[10];
    for (int epoch = 0; epoch < 5; epoch++) {
      int[] counts = counts(four.order(epoch), 10);
      Arrays.setAll(drawn, i -> drawn[i] + counts[i]);
    }
    assertThat(drawn).containsOnly(2);
    assertThat(counts(loader(data, 4, 1, new Sampling.Count(25)).order(3), 10))
        .as("an epoch of two and a half passes")
        .containsOnly(2, 3);
    assertThat(loader(data, 4, 1, new Sampling.Count(10)).order(3))
        .isEqualTo(loader(data, 4, 1, new Sampling.EveryOnce()).order(3));
  }

  @Test
  void shareThatCannotBeHad_isRefused() {
    for (double wrong : new double[] {0, 1, -0.1, 1.5, Double.NaN}) {
      Refusal.ofConfiguration(
          () -> new Sampling.LabelledShare(wrong),
          "The labelled share is " + wrong + ", but must be above 0 and below 1. Try 0.25.");
    }
    Refusal.ofConfiguration(
        () -> share(7, 50, 8, 0.05),
        "The labelled share 0.05 of a batch of 8 samples rounds to 0, but a batch must hold at"
            + " least one sample with label and one without. Change the share or take a larger"
            + " batch.");
    Refusal.ofConfiguration(
        () -> share(7, 50, 8, 0.95), "The labelled share 0.95 of a batch of 8 samples rounds to 8");
    Refusal.ofConfiguration(
        () -> loader(Digits.dataset(9, 5), 4, 1, new Sampling.LabelledShare(0.5)),
        "The labelled share is 0.5, but 9 samples have a label and 0 have none, and there must be"
            + " some of both. Leave the share out, or add samples of the other kind.");
    Refusal.ofConfiguration(
        () ->
            loader(Splits.unlabelled(Digits.dataset(9, 5)), 4, 1, new Sampling.LabelledShare(0.5)),
        "The labelled share is 0.5, but 0 samples have a label and 9 have none");
    Refusal.ofConfiguration(
        () -> Options.inOrder(4).withSampling(new Sampling.LabelledShare(0.5)),
        "The sampling is LabelledShare[share=0.5], but batches in the order of the dataset hold"
            + " every sample once. Shuffle them, or leave the sampling out.");
    Refusal.ofConfiguration(
        () -> new Sampling.Count(0),
        "The number of samples in an epoch is 0, but must be 1 or more. Correct the number.");
  }
}
