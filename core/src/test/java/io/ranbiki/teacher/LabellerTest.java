package io.ranbiki.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Augmentations;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Digits;
import io.ranbiki.data.Epoch;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Noise;
import io.ranbiki.data.Splits;
import io.ranbiki.data.Views;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.nn.Signal;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.store.Encoding;
import io.ranbiki.store.Store;
import io.ranbiki.store.StoreWriter;
import io.ranbiki.tensor.Engine;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LabellerTest {

  private static final Dataset DIGITS = Digits.dataset(2500, 3);
  private static final Augmentations NOISE = new Augmentations(List.of(new Noise(0.1)));
  private static final int BLOCK = 48 + 1024 * (12 + 40);
  private static final int HEADER = 4096;

  @TempDir Path folder;
  private Path file;
  private Model network;
  private Asked teacher;
  private final Heard heard = new Heard();

  /** A live teacher that remembers what it was asked, and can fail. */
  private static final class Asked implements Teacher {
    private final ModelTeacher live;
    private final List<Long> ids = new ArrayList<>();
    private int failAfter = Integer.MAX_VALUE;

    Asked(ModelTeacher live) {
      this.live = live;
    }

    @Override
    public Signal signal(Batch batch) {
      if (ids.size() >= failAfter) {
        throw new IllegalStateException("The teacher fell ill");
      }
      LongStream.of(batch.ids()).forEach(ids::add);
      return live.signal(batch);
    }

    @Override
    public int classes() {
      return live.classes();
    }

    @Override
    public String title() {
      return live.title();
    }

    @Override
    public void close() {
      live.close();
    }
  }

  private static final class Heard implements Labeller.Listener {
    private final List<String> said = new ArrayList<>();
    private final List<Long> progress = new ArrayList<>();
    private int interruptAt = Integer.MAX_VALUE;
    private Runnable whileWaiting = () -> {};

    @Override
    public void waiting(Path file) {
      said.add("waiting");
      whileWaiting.run();
    }

    @Override
    public void starting(Path file, long missing, long stored, long bytes) {
      said.add("%d missing, %d stored, %d bytes".formatted(missing, stored, bytes));
    }

    @Override
    public void progress(long done, long missing) {
      progress.add(done);
      if (done >= interruptAt) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void note(String sentence) {
      said.add(sentence);
    }
  }

  @BeforeEach
  void open() {
    file = folder.resolve("new-folder").resolve("answers.store");
    network = Model.create(ModelSpec.of("student-cnn", List.of(1, 28, 28), 10), 5);
    teacher = new Asked(new ModelTeacher(network, List.of()));
  }

  @AfterEach
  void close() {
    teacher.close();
    network.close();
  }

  private static StoreKey key(Augmentations augmentations) {
    return StoreKey.of(
        "teacher-hash", DIGITS.fingerprint(), Normalization.none(), augmentations, 7, 10);
  }

  private static StoreKey key(List<String> layers, Precision precision) {
    StoreKey plain = key(Augmentations.none());
    return new StoreKey(
        plain.teacher(),
        plain.data(),
        plain.normalization(),
        plain.augmentations(),
        0,
        10,
        layers,
        Encoding.FLOAT32,
        precision);
  }

  private Labeller labeller(int views) {
    return new Labeller(teacher, new Labeller.Options(100, views, 1), heard);
  }

  @Test
  void theSecondTime_nothingIsAsked_andNothingWritten() throws IOException {
    StoreKey key = key(Augmentations.none());
    assertThat(labeller(1).label(file, key, DIGITS)).isEqualTo(new Labeller.Outcome(2500, 0));
    assertThat(teacher.ids).hasSize(2500);
    assertThat(heard.said)
        .containsExactly("2500 missing, 0 stored, %d bytes".formatted(Store.bytes(file)));
    assertThat(heard.progress).hasSize(11 + 11 + 5).contains(1000L, 1024L, 1124L).endsWith(2500L);
    Path shard = file.resolve("part-00000.store");
    byte[] before = Files.readAllBytes(shard);
    assertThat(shard.toFile().setReadOnly()).isTrue();
    assertThat(file.toFile().setReadOnly()).isTrue();
    assertThat(labeller(1).label(file, key, DIGITS)).isEqualTo(new Labeller.Outcome(0, 2500));
    assertThat(file.toFile().setWritable(true)).isTrue();
    assertThat(teacher.ids).hasSize(2500);
    assertThat(Files.readAllBytes(shard)).isEqualTo(before);
    assertThat(file.toFile().list()).hasSize(1);
  }

  @Test
  void subsetsOtherSplitsAndMoreViews_askOnlyForWhatIsMissing() {
    StoreKey key = key(NOISE);
    Dataset tenth = Splits.holdOut(DIGITS, 0.9, 1).train();
    assertThat(labeller(2).label(file, key, tenth)).isEqualTo(new Labeller.Outcome(500, 0));
    Dataset half = Splits.holdOut(DIGITS, 0.5, 2).train();
    Labeller.Outcome more = labeller(2).label(file, key, half);
    assertThat(more.asked() + more.reused()).isEqualTo(2500);
    assertThat(more.reused()).isBetween(1L, 499L);
    assertThat(labeller(3).label(file, key, half)).isEqualTo(new Labeller.Outcome(1250, 2500));
    assertThat(labeller(1).label(file, key, Splits.unlabelled(DIGITS)).asked())
        .isEqualTo(2500 - 250 - more.asked() / 2);
    requireLiveAnswers(key, DIGITS, 0);
    requireLiveAnswers(key, half, 2);
  }

  @Test
  void aTeacherThatFails_losesNothing() {
    StoreKey key = key(Augmentations.none());
    teacher.failAfter = 1300; // in the second block
    assertThatThrownBy(() -> labeller(1).label(file, key, DIGITS))
        .hasMessage("The teacher fell ill");
    teacher.failAfter = Integer.MAX_VALUE;
    assertThat(labeller(1).label(file, key, DIGITS)).isEqualTo(new Labeller.Outcome(1476, 1024));
    requireLiveAnswers(key, DIGITS, 0);
  }

  @Test
  void anInterrupt_stopsAfterTheBatch_andKeepsWholeBlocks() {
    StoreKey key = key(Augmentations.none());
    heard.interruptAt = 1500;
    assertThatThrownBy(() -> labeller(1).label(file, key, DIGITS))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "Labelling was interrupted after 1024 of 2500 answers, which are kept. Asked again, it"
                + " goes on from there.");
    assertThat(Thread.interrupted()).as("the interrupt is passed on").isTrue();
    heard.interruptAt = Integer.MAX_VALUE;
    assertThat(labeller(1).label(file, key, DIGITS)).isEqualTo(new Labeller.Outcome(1476, 1024));
    requireLiveAnswers(key, DIGITS, 0);
  }

  @Test
  void anotherWhoWrites_isWaitedFor() {
    StoreKey key = key(Augmentations.none());
    labeller(1).label(file, key, Splits.first(DIGITS, 100));
    StoreWriter another = StoreWriter.open(file, key.key(), "another").orElseThrow();
    heard.said.clear();
    heard.whileWaiting = another::close;
    assertThat(labeller(1).label(file, key, DIGITS)).isEqualTo(new Labeller.Outcome(2400, 100));
    assertThat(heard.said.get(0)).isEqualTo("waiting");
    assertThat(heard.said.get(1)).startsWith("2400 missing, 100 stored, ");
    requireLiveAnswers(key, DIGITS, 0);
  }

  @Test
  void anInterrupt_endsTheWaiting() {
    StoreKey key = key(Augmentations.none());
    labeller(1).label(file, key, Splits.first(DIGITS, 100));
    heard.whileWaiting = Thread.currentThread()::interrupt;
    try (StoreWriter another = StoreWriter.open(file, key.key(), "another").orElseThrow()) {
      assertThatThrownBy(() -> labeller(1).label(file, key, DIGITS))
          .isInstanceOf(RanbikiException.class)
          .hasMessage(
              "Labelling was interrupted while it waited for another run that writes to %s. Asked"
                  + " again, it uses what is there then.",
              file);
      assertThat(another.stored().size()).isEqualTo(100);
    }
  }

  @Test
  void growth_isWhatTheFileGrowsBy() throws IOException {
    StoreKey key = key(List.of("features.1"), Precision.FLOAT32);
    try (ModelTeacher tapped = new ModelTeacher(network, List.of("features.1"))) {
      Labeller labeller = new Labeller(tapped, new Labeller.Options(100, 1, 1), heard);
      long first = labeller.growth(file, key, Splits.first(DIGITS, 1100));
      assertThat(file).doesNotExist();
      labeller.label(file, key, Splits.first(DIGITS, 1100));
      assertThat(Store.bytes(file)).isEqualTo(first);
      long rest = labeller.growth(file, key, DIGITS);
      labeller.label(file, key, DIGITS);
      assertThat(Store.bytes(file)).isEqualTo(first + rest);
      assertThat(labeller.growth(file, key, DIGITS)).isZero();
    }
  }

  @Test
  void aDamagedBlock_isAskedAgainAlone_andSaid() throws IOException {
    StoreKey key = key(Augmentations.none());
    labeller(1).label(file, key, DIGITS);
    Path shard = file.resolve("part-00000.store");
    float[] before = logits(key, DIGITS);
    try (RandomAccessFile bytes = new RandomAccessFile(shard.toFile(), "rw")) {
      bytes.seek(HEADER + BLOCK + 15_000);
      int old = bytes.read();
      bytes.seek(HEADER + BLOCK + 15_000);
      bytes.write(old ^ 4);
    }
    heard.said.clear();
    teacher.ids.clear();
    assertThat(labeller(1).label(file, key, DIGITS)).isEqualTo(new Labeller.Outcome(1024, 1476));
    assertThat(teacher.ids)
        .containsExactlyElementsOf(LongStream.range(1024, 2048).boxed().toList());
    assertThat(heard.said.get(0))
        .isEqualTo(
            "Block 2 of 3 in %s is damaged; its samples, up to 1024, are asked again."
                .formatted(shard));
    assertThat(heard.said.get(1)).startsWith("1024 missing, 1476 stored, ");
    assertThat(logits(key, DIGITS)).as("to the bit").isEqualTo(before);
    assertThat(Store.open(file, key.key()).notes()).as("said once").isEmpty();
  }

  @Test
  void aDiskThatIsTooSmall_isNamedBeforeAnythingIsWritten() {
    StoreKey key = key(Augmentations.none());
    Labeller.Options options = Labeller.Options.views(1);
    Labeller cramped = new Labeller(teacher, options, heard, path -> 100_000);
    assertThatThrownBy(() -> cramped.label(file, key, DIGITS))
        .isInstanceOfSatisfying(
            RanbikiException.class, e -> assertThat(e.kind()).isEqualTo(RanbikiException.Kind.IO))
        .hasMessage(
            "2500 answers take %d bytes in %s, but only 100000 bytes are free there. Free some"
                + " space, or store less: fewer views or layers, float16, or top-k.",
            HEADER + 2 * 53312 + (48 + 452 * 52 + 63) / 64 * 64 + 3 * 40 + 32, file);
    assertThat(file).doesNotExist();
    assertThat(teacher.ids).isEmpty();

    labeller(1).label(file, key, Splits.first(DIGITS, 400));
    assertThatThrownBy(() -> cramped.label(file, key, DIGITS))
        .hasMessageStartingWith("2100 answers take ");
    assertThat(Store.open(file, key.key()).size()).isEqualTo(400);
  }

  @Test
  void answersThatAreNotFinite_areRefused() {
    StoreKey key = key(Augmentations.none());
    try (TensorScope scope = TensorScope.open("spoil")) {
      Tensor bias = network.module().parameters().get("classifier.2.bias");
      float[] values = bias.toFloats();
      values[4] = Float.NaN;
      bias.copyFrom(Tensors.of(values, values.length));
    }
    assertThatThrownBy(() -> labeller(1).label(file, key, DIGITS))
        .isInstanceOfSatisfying(
            RanbikiException.class,
            e -> assertThat(e.kind()).isEqualTo(RanbikiException.Kind.MODEL))
        .hasMessage(
            "The teacher student-cnn answers sample 0 with NaN for class 4, and 99 more of this batch of"
                + " 100. Check its weights, that sample, and data.normalize.");
    assertThat(file).isEmptyDirectory();
  }

  @Test
  void anotherNumberOfClasses_isRefused() {
    StoreKey key = StoreKey.of("t", "d", Normalization.none(), Augmentations.none(), 0, 12);
    assertThatThrownBy(() -> labeller(1).label(file, key, DIGITS))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "The teacher student-cnn answers 10 classes, but 12 are wanted. Correct the number, or"
                + " take the teacher of these classes.");
    assertThatThrownBy(() -> new Labeller.Options(64, 0, 1))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "Labelling with a batch of 64, 0 views and 1 loader threads is not possible: each must"
                + " be 1 or more. Correct the number.");
  }

  @Test
  void bfloat16_isComparedWithFloat32_andSaid() {
    StoreKey key = key(List.of(), Precision.BFLOAT16);
    labeller(1).label(file, key, Splits.first(DIGITS, 200));
    assertThat(heard.said.get(0))
        .matches(
            "In bfloat16 the teacher's answers to 200 samples differ from its own by a mean KL"
                + " divergence of [0-9.e-]+ nats, and take (as long|[0-9.]+ of the time|[0-9.]+ times as"
                + " long: float32 is faster on this processor)\\.");

    decideByDetails();
    Path other = folder.resolve("other.store");
    Labeller asking = new Labeller(teacher, new Labeller.Options(500, 1, 1), heard);
    assertThatThrownBy(() -> asking.label(other, key, DIGITS))
        .isInstanceOf(RanbikiException.class)
        .hasMessageMatching(
            "In bfloat16 the teacher's answers to 1000 samples differ from its own by a mean KL"
                + " divergence of .* nats, but at most 0.01 is accepted\\. Label with precision"
                + " float32\\.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0.5 | ', and take 0.5 of the time.'",
        "0.96 | ', and take as long.'",
        "1.04 | ', and take as long.'",
        "1.6 | ', and take 1.6 times as long: float32 is faster on this processor.'",
        "NaN | '.'"
      })
  void timeInAnotherPrecision_isSaidInWords(double time, String end) {
    assertThat(new Fidelity(128, 0.001, time).require(Precision.BFLOAT16))
        .isEqualTo(
            "In bfloat16 the teacher's answers to 128 samples differ from its own by a mean KL"
                + " divergence of 0.0010 nats"
                + end);
  }

  /** Takes the mean out of the logits and magnifies what is left, with all its rounding. */
  private void decideByDetails() {
    Loader loader =
        new Loader(DIGITS, Loader.Options.inOrder(500), Normalization.none(), Views.none());
    try (TensorScope scope = TensorScope.open("magnify");
        Epoch batches = loader.epoch(0)) {
      Tensor logits = teacher.live.signal(Batch.of(batches.next())).logits();
      Tensor bias = network.module().parameters().get("classifier.2.bias");
      bias.addInPlace(logits.mean(0), -1);
      bias.mulInPlace(10_000_000);
      network.module().parameters().get("classifier.2.weight").mulInPlace(10_000_000);
    }
  }

  @Test
  void labelling_leavesNoTensorBehind() {
    StoreKey key = key(Augmentations.none());
    long before = Tensor.live();
    labeller(1).label(file, key, DIGITS);
    assertThat(Tensor.live()).isEqualTo(before);
  }

  /** All logits that are stored, by the order of the samples. */
  private float[] logits(StoreKey key, Dataset samples) {
    long[] ids = IntStream.range(0, samples.size()).mapToLong(samples::id).toArray();
    try (TensorScope scope = TensorScope.open("stored")) {
      return Store.open(file, key.key()).read(ids, 0, 0).get("logits").dense().toFloats();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void interruptedAnywhere_theAnswersAreTheSameToTheBit(int threads) {
    StoreKey key = key(Augmentations.none());
    Dataset some = Splits.first(DIGITS, 1400);
    int before = Engine.threads();
    Engine.setThreads(threads);
    try {
      labeller(1).label(file, key, some);
      float[] expected = logits(key, some);
      for (int at : new int[] {250, 1024, 1300}) {
        file = folder.resolve("interrupted-" + at);
        heard.interruptAt = at;
        assertThatThrownBy(() -> labeller(1).label(file, key, some)).isNotNull();
        assertThat(Thread.interrupted()).isTrue();
        heard.interruptAt = Integer.MAX_VALUE;
        labeller(1).label(file, key, some);
        assertThat(logits(key, some)).as("interrupted after %d", at).isEqualTo(expected);
      }
    } finally {
      Engine.setThreads(before);
    }
  }

  private void requireLiveAnswers(StoreKey key, Dataset samples, int view) {
    Views views = new Views(key.augmentations(), key.viewsSeed(), epoch -> view);
    Loader loader = new Loader(samples, Loader.Options.shuffled(64, 4), key.normalization(), views);
    try (StoredTeacher stored = StoredTeacher.open(file, key);
        Epoch batches = loader.epoch(0)) {
      while (batches.hasNext()) {
        try (TensorScope scope = TensorScope.open("compare")) {
          Batch batch = Batch.of(batches.next());
          Tensor difference =
              stored.signal(batch).logits().sub(teacher.live.signal(batch).logits());
          assertThat(difference.abs().amax(0, false).amax(0, false).item())
              .isCloseTo(0, within(1e-5));
        }
      }
    }
  }
}
