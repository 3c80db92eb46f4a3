package io.ranbiki.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Loader.Options;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.prepare.Row;
import io.ranbiki.prepare.Step;
import io.ranbiki.prepare.Values;
import io.ranbiki.tensor.TensorScope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LoaderTest {

  private static final Dataset DIGITS = Digits.dataset(103, 5);
  private static final Normalization HALF =
      new Normalization(new float[] {0.5f}, new float[] {0.25f});
  private static final Augmentations CROPPED =
      new Augmentations(List.of(new Crop(2), new Noise(0.05)));

  private record Copy(String inputs, List<Integer> indices, int view) {}

  private static List<Copy> all(Loader loader, int epoch, int from) {
    List<Copy> batches = new ArrayList<>();
    try (Epoch batchesOfEpoch = loader.epoch(epoch, from)) {
      while (batchesOfEpoch.hasNext()) {
        HostBatch batch = batchesOfEpoch.next();
        float[] used = TestData.inputs(batch);
        batches.add(
            new Copy(
                Arrays.toString(used),
                Arrays.stream(batch.indices()).boxed().toList(),
                batch.viewNumber()));
      }
    }
    return batches;
  }

  private static Loader loader(int threads, int prefetch, Views views) {
    return new Loader(DIGITS, new Options(10, 7, true, false, threads, prefetch), HALF, views);
  }

  private static List<Integer> indices(List<Copy> batches) {
    return batches.stream().flatMap(batch -> batch.indices().stream()).toList();
  }

  @Test
  void epoch_holdsEverySampleOnce() {
    List<Copy> batches = all(loader(2, 3, Views.none()), 0, 0);
    assertThat(batches).hasSize(11);
    assertThat(batches.get(10).indices()).hasSize(3);
    assertThat(indices(batches))
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 103).boxed().toList());
  }

  @Test
  void batch_holdsNormalizedSamplesWithTheirNames() {
    Dataset data = Subset.of(DIGITS, new int[] {50, 40, 31});
    Loader loader = new Loader(data, Options.inOrder(2), HALF, Views.none());
    try (Epoch epoch = loader.epoch(0)) {
      HostBatch batch = epoch.next();
      assertThat(batch.fields().get(Batch.IMAGE).shape()).containsExactly(2, 1, 28, 28);
      assertThat(batch.indices()).containsExactly(0, 1);
      assertThat(batch.ids()).containsExactly(50, 40);
      assertThat(TestData.labels(batch)).containsExactly(0, 0);
      float[] inputs = TestData.inputs(batch);
      float[] sample = DIGITS.numbers(40);
      for (int i = 0; i < 784; i++) {
        assertThat(inputs[784 + i]).isEqualTo((sample[i] - 0.5f) / 0.25f);
      }
      assertThat(epoch.position()).isEqualTo(1);
      HostBatch last = epoch.next();
      assertThat(last.fields().get(Batch.IMAGE).shape()).containsExactly(1, 1, 28, 28);
      assertThat(TestData.labels(last)).containsExactly(1);
      assertThat(epoch.hasNext()).isFalse();
      assertThatThrownBy(epoch::next).isInstanceOf(NoSuchElementException.class);
    }
  }

  @Test
  void pixels_stayBytesUntilTheDeviceCastsThem_unlessAugmented() {
    try (Epoch plain = loader(1, 1, Views.none()).epoch(0);
        Epoch seen = loader(1, 1, Views.fresh(CROPPED, 3)).epoch(0)) {
      assertThat(plain.next().fields().get(Batch.IMAGE)).isInstanceOf(Values.Bytes.class);
      assertThat(seen.next().fields().get(Batch.IMAGE)).isInstanceOf(Values.Floats.class);
    }
  }

  @Test
  void threadsAndPrefetch_doNotChangeTheResult() {
    Views views = Views.fresh(CROPPED, 3);
    List<Copy> expected = all(loader(1, 1, views), 2, 0);
    assertThat(all(loader(4, 2, views), 2, 0)).isEqualTo(expected);
    assertThat(all(loader(3, 9, views), 2, 0)).isEqualTo(expected);
    assertThat(all(loader(2, 100, views), 2, 0)).isEqualTo(expected);
  }

  @Test
  void order_dependsOnSeedAndEpochAlone() {
    Loader loader = loader(1, 2, Views.none());
    assertThat(loader.order(3)).isEqualTo(loader(2, 5, Views.fresh(CROPPED, 9)).order(3));
    assertThat(loader.order(3)).isNotEqualTo(loader.order(4));
    Loader other = new Loader(DIGITS, new Options(10, 8, true, false, 1, 1), HALF, Views.none());
    assertThat(other.order(3)).isNotEqualTo(loader.order(3));
  }

  @Test
  void fromBatch_goesOnWhereAnEpochStopped() {
    Loader loader = loader(2, 3, Views.fresh(CROPPED, 3));
    List<Copy> whole = all(loader, 1, 0);
    for (int from = 0; from <= 11; from++) {
      assertThat(all(loader, 1, from)).isEqualTo(whole.subList(from, 11));
    }
  }

  @Test
  void dropLast_leavesOutTheIncompleteBatch() {
    Loader loader = new Loader(DIGITS, new Options(10, 7, true, true, 1, 2), HALF, Views.none());
    assertThat(loader.batches()).isEqualTo(10);
    assertThat(indices(all(loader, 0, 0))).hasSize(100);
  }

  @Test
  void views_followTheEpoch() {
    Loader fresh = loader(1, 2, Views.fresh(CROPPED, 3));
    assertThat(all(fresh, 4, 0).get(0).view()).isEqualTo(4);
    Loader cycle = loader(1, 2, Views.cycle(CROPPED, 3, 4));
    assertThat(all(cycle, 6, 0).get(0).view()).isEqualTo(2);
    assertThat(all(loader(1, 2, Views.none()), 6, 0).get(0).view()).isZero();
  }

  /** The pixels of a batch are those of the view that its number names, whatever the epoch. */
  @Test
  void pixels_areThoseOfTheViewThatTheBatchReports() {
    Dataset data = Subset.of(DIGITS, new int[] {50, 40, 31});
    for (Views views : List.of(Views.fresh(CROPPED, 3), Views.cycle(CROPPED, 4, 2), Views.none())) {
      Loader loader = new Loader(data, new Options(2, 7, true, false, 1, 2), HALF, views);
      for (int epoch : new int[] {0, 1, 2, 5}) {
        try (Epoch batches = loader.epoch(epoch)) {
          while (batches.hasNext()) {
            HostBatch batch = batches.next();
            float[] inputs = TestData.inputs(batch);
            for (int i = 0; i < batch.size(); i++) {
              assertThat(Arrays.copyOfRange(inputs, 784 * i, 784 * i + 784))
                  .isEqualTo(seen(views, batch.ids()[i], batch.viewNumber()));
            }
          }
        }
      }
    }
  }

  private static float[] seen(Views views, long id, int number) {
    float[] pixels = DIGITS.numbers((int) id);
    int[] shape = {1, 28, 28};
    View view = new View(views.seed(), id, number);
    views.augmentations().apply(view, pixels, 0, shape, new float[784]);
    HALF.apply(pixels, 0, shape);
    return pixels;
  }

  @Test
  void networksOfTwoSizes_seeTheSameViewOfASample() {
    Step.Resize small = new Step.Resize(16, 14);
    Prepare other = new Prepare(List.of(small), HALF);
    Views views = Views.fresh(CROPPED, 4);
    Loader plain = new Loader(DIGITS, new Options(10, 7, true, false, 2, 3), HALF, views);
    Loader both = plain.also(other);
    assertThat(both.fields()).isEqualTo(plain.fields());
    assertThat(all(both, 1, 0)).isEqualTo(all(plain, 1, 0));
    try (Epoch epoch = both.epoch(1);
        Epoch alone = new Loader(DIGITS, shuffled(), other, views).epoch(1);
        TensorScope scope = TensorScope.open("test")) {
      while (epoch.hasNext()) {
        HostBatch made = epoch.next();
        Values.Floats view = (Values.Floats) made.fields().get(Batch.IMAGE);
        Values.Bytes resized = (Values.Bytes) made.others().get(0).fields().get(Batch.IMAGE);
        assertThat(resized.shape()).containsExactly(made.size(), 1, 14, 14);
        for (int i = 0; i < made.size(); i++) {
          float[] sample = Arrays.copyOfRange(view.data(), i * 784, (i + 1) * 784);
          Row row = Row.of(Batch.IMAGE, new Values.Floats(sample, new int[] {1, 28, 28}));
          assertThat(Arrays.copyOfRange(resized.data(), i * 196, (i + 1) * 196))
              .containsExactly(((Values.Bytes) small.apply(row).get(Batch.IMAGE)).data());
        }
        Batch batch = Batch.of(made);
        float[] expected = Batch.of(alone.next()).inputs().toFloats();
        assertThat(batch.prepared(other).inputs().toFloats()).containsExactly(expected);
        assertThatThrownBy(() -> batch.prepared(Prepare.of(Step.Resize.to(9))))
            .isInstanceOf(RanbikiException.class)
            .hasMessageContaining("but a network takes them resized to 9 pixels.");
      }
    }
  }

  private static Options shuffled() {
    return new Options(10, 7, true, false, 1, 3);
  }

  @Test
  void freshViews_differFromEpochToEpoch_andACycleComesRound() {
    Dataset one = Subset.of(DIGITS, new int[] {50});
    List<String> fresh = new ArrayList<>();
    List<String> cycle = new ArrayList<>();
    for (int epoch = 0; epoch < 6; epoch++) {
      fresh.add(pixels(one, Views.fresh(CROPPED, 3), epoch));
      cycle.add(pixels(one, Views.cycle(CROPPED, 3, 3), epoch));
    }
    assertThat(fresh).doesNotHaveDuplicates();
    assertThat(cycle.subList(0, 3)).isEqualTo(fresh.subList(0, 3));
    assertThat(cycle.subList(3, 6)).isEqualTo(cycle.subList(0, 3));
  }

  private static String pixels(Dataset data, Views views, int epoch) {
    return all(new Loader(data, Options.inOrder(1), HALF, views), epoch, 0).get(0).inputs();
  }

  @Test
  void view_isTheSameWhateverTheOrderOfSamples() {
    Views views = Views.cycle(CROPPED, 3, 1);
    Loader shuffled = loader(2, 3, views);
    Loader ordered = new Loader(DIGITS, Options.inOrder(1), HALF, views);
    int wanted = shuffled.order(5)[0];
    try (Epoch one = shuffled.epoch(5);
        Epoch other = ordered.epoch(0, wanted)) {
      float[] first = TestData.inputs(one.next());
      assertThat(Arrays.copyOf(first, 784)).isEqualTo(TestData.inputs(other.next()));
    }
  }

  /** Counts how often it is read, and fails at one sample. */
  private static Dataset counting(AtomicInteger reads, int failing, RuntimeException failure) {
    return TestData.rows(
        1000,
        1,
        index -> {
          reads.incrementAndGet();
          if (index == failing) {
            throw failure;
          }
          return new float[] {index};
        });
  }

  @Test
  void failure_surfacesInPlaceOfItsBatch() {
    RanbikiException failure = RanbikiException.io("sample 25 is gone.");
    Dataset data = counting(new AtomicInteger(), 25, failure);
    Loader loader =
        new Loader(
            data, new Options(10, 0, false, false, 3, 8), Normalization.none(), Views.none());
    try (Epoch epoch = loader.epoch(0)) {
      assertThat(TestData.inputs(epoch.next())[0]).isZero();
      assertThat(TestData.inputs(epoch.next())[0]).isEqualTo(10);
      assertThatThrownBy(epoch::next).isSameAs(failure);
      assertThat(epoch.hasNext()).isFalse();
    }
  }

  @Test
  void batchesMadeAhead_areFilledUpWhereHalfOfThemAreTaken() throws InterruptedException {
    AtomicInteger reads = new AtomicInteger();
    Loader loader =
        new Loader(
            counting(reads, -1, new IllegalStateException()),
            new Options(10, 0, false, false, 4, 3),
            Normalization.none(),
            Views.none());
    try (Epoch epoch = loader.epoch(0)) {
      awaitReads(reads, 30);
      epoch.next();
      awaitReads(reads, 30);
      epoch.next();
      awaitReads(reads, 50);
    }
  }

  private static void awaitReads(AtomicInteger reads, int expected) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (reads.get() < expected && System.nanoTime() < end) {
      Thread.sleep(1);
    }
    Thread.sleep(100); // more would be made by now
    assertThat(reads).hasValue(expected);
  }

  @Test
  void close_endsTheThreads() {
    for (int round = 0; round < 50; round++) {
      Epoch epoch = loader(3, 2, Views.fresh(CROPPED, 1)).epoch(0);
      epoch.next();
      epoch.close();
      epoch.close();
      assertThat(epoch.hasNext()).isFalse();
    }
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().startsWith("ranbiki-loader"));
  }

  @Test
  void unreadEpochs_endTheirThreadsByThemselves() {
    assertThat(all(loader(3, 2, Views.none()), 0, 11)).isEmpty();
  }

  @Test
  void whatDoesNotFit_isRefused() {
    Refusal.ofConfiguration(
        () -> new Options(0, 1, true, false, 1, 1), "The batch size is 0, but must be 1 or more.");
    Refusal.ofConfiguration(
        () -> new Options(1, 1, true, false, 0, 1), "The number of loader threads is 0");
    Refusal.ofConfiguration(
        () -> new Options(1, 1, true, false, 1, 0), "The number of batches made ahead is 0");
    Refusal.ofConfiguration(
        () -> new Loader(DIGITS, new Options(200, 1, true, true, 1, 1), HALF, Views.none()),
        "The dataset has 103 samples, fewer than one batch of 200");
    Refusal.ofConfiguration(
        () ->
            new Loader(
                SplitsTest.rows(5, 2),
                Options.inOrder(2),
                Normalization.none(),
                Views.fresh(CROPPED, 1)),
        "The augmentation Crop[padding=2] needs images");
    Refusal.ofConfiguration(
        () ->
            new Loader(
                DIGITS,
                Options.inOrder(2),
                new Normalization(new float[3], new float[] {1, 1, 1}),
                Views.none()),
        "The normalization has 3 channels");
  }
}
