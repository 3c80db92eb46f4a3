package io.ranbiki.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.data.Augmentations;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Epoch;
import io.ranbiki.data.Loader;
import io.ranbiki.data.TestData;
import io.ranbiki.data.Views;
import io.ranbiki.nn.Answer;
import io.ranbiki.nn.Signal;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.prepare.Values;
import io.ranbiki.store.Encoding;
import io.ranbiki.store.Store;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A teacher that answers every token of samples of different length. */
class AnswersOfEveryLengthTest {

  private static final String LAYER = "encoder";
  private static final int SAMPLES = 1300;
  private static final Dataset TEXTS =
      TestData.samples(
          new Field("ids", Field.Kind.INT64, List.of(Field.ANY)),
          SAMPLES,
          index -> {
            int length = 1 + index * 31 % 17;
            return new Values.Longs(
                IntStream.range(0, length).mapToLong(i -> (index + 7 * i) % 90 + 1).toArray(),
                new int[] {length});
          });

  @TempDir Path folder;

  /** Answers that tell the token and, as those of a network do, what they were asked with. */
  private static final class OfTokens implements Teacher {
    private int failAfter = Integer.MAX_VALUE;
    private int asked;
    private int padding;

    @Override
    public Signal signal(Batch batch) {
      if (asked >= failAfter) {
        throw new IllegalStateException("ill");
      }
      asked += batch.size();
      Tensor ids = batch.field("ids");
      Tensor mask = batch.masks().get("ids");
      padding += (int) (mask.count() - mask.sum().item());
      float[] logits = new float[(int) ids.count() * 2];
      float[] outputs = new float[(int) ids.count() * 3];
      long[] tokens = ids.toLongs();
      for (int i = 0; i < tokens.length; i++) {
        logits[2 * i] = tokens[i] / 9f;
        logits[2 * i + 1] = (float) batch.ids()[0] / 1000 + ids.size(1) / 100f;
        outputs[3 * i + 1] = tokens[i];
      }
      Tensor output = Tensors.of(outputs, batch.size(), ids.size(1), 3);
      return new Signal(Tensors.of(logits, batch.size(), ids.size(1), 2), Map.of(LAYER, output));
    }

    @Override
    public int classes() {
      return 2;
    }

    @Override
    public String title() {
      return "of tokens";
    }

    @Override
    public void close() {}
  }

  private static StoreKey key(String encoding) {
    return new StoreKey(
        "t",
        TEXTS.fingerprint(),
        Normalization.none(),
        Augmentations.none(),
        0,
        2,
        List.of(LAYER),
        Encoding.of(encoding),
        Precision.FLOAT32);
  }

  private static void label(OfTokens teacher, Path store, StoreKey key) {
    new Labeller(teacher, new Labeller.Options(50, 1, 1), Labeller.Listener.NONE)
        .label(store, key, TEXTS);
  }

  private static float[] all(Path folder, StoreKey key, String column) {
    long[] ids = LongStream.range(0, SAMPLES).toArray();
    try (TensorScope scope = TensorScope.open("read")) {
      return Store.open(folder, key.key()).read(ids, 0, 0).get(column).dense().toFloats();
    }
  }

  @Test
  void answers_areStoredAtTheirOwnLength_andPaddedWithTheBatch() {
    StoreKey key = key("float32");
    OfTokens teacher = new OfTokens();
    long growth =
        new Labeller(teacher, new Labeller.Options(50, 1, 1), Labeller.Listener.NONE)
            .growth(folder.resolve("s"), key, TEXTS);
    label(teacher, folder.resolve("s"), key);
    assertThat((double) Store.bytes(folder.resolve("s")) / growth)
        .as("what it takes of what was foreseen")
        .isBetween(0.95, 1.05);
    // Asked by length, so that within 2 blocks of 21 and 6 batches next to nothing is padded.
    assertThat(teacher.padding).isLessThan(SAMPLES);
    long tokens = IntStream.range(0, SAMPLES).map(i -> 1 + i * 31 % 17).sum();
    long rows = tokens * (2 * 4 + 3 * 2) + SAMPLES * (12L + 2 * 4);
    assertThat(Store.bytes(folder.resolve("s"))).isBetween(rows + 4096, rows + 4096 + 500);

    Loader students =
        new Loader(TEXTS, Loader.Options.shuffled(32, 3), Normalization.none(), Views.none());
    try (StoredTeacher stored = StoredTeacher.open(folder.resolve("s"), key);
        Epoch batches = students.epoch(0)) {
      while (batches.hasNext()) {
        try (TensorScope scope = TensorScope.open("compare")) {
          Batch batch = Batch.of(batches.next());
          Signal signal = stored.signal(batch);
          long[] tokensOfBatch = batch.field("ids").toLongs(); // 0 where it is padded
          float[] outputs = signal.feature(LAYER).toFloats();
          float[] logits = signal.logits().toFloats();
          assertThat(outputs).hasSize(3 * tokensOfBatch.length);
          for (int i = 0; i < tokensOfBatch.length; i++) {
            assertThat(outputs[3 * i + 1]).isEqualTo(tokensOfBatch[i]);
            assertThat(logits[2 * i]).isEqualTo(tokensOfBatch[i] / 9f);
          }
        }
      }
    }
  }

  @Test
  void theLikeliestClasses_areHandedOnAsSuch() {
    StoreKey key = key("top-1");
    label(new OfTokens(), folder.resolve("s"), key);
    try (TensorScope scope = TensorScope.open("read");
        StoredTeacher stored = StoredTeacher.open(folder.resolve("s"), key)) {
      Loader students =
          new Loader(TEXTS, Loader.Options.inOrder(16), Normalization.none(), Views.none());
      try (Epoch batches = students.epoch(0)) {
        Batch batch = Batch.of(batches.next());
        Answer answer = stored.signal(batch).outputs().get(Signal.LOGITS);
        assertThat(answer).isInstanceOf(Answer.Top.class);
        assertThat(answer.shape()).containsExactly(16, batch.field("ids").size(1), 2);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"float32", "top-1"})
  void stoppedAnywhere_theAnswersAreTheSameToTheBit(String encoding) {
    StoreKey key = key(encoding);
    label(new OfTokens(), folder.resolve("whole"), key);
    for (int at : new int[] {1, 500, 1024, 1200}) {
      Path store = folder.resolve("stopped-" + at);
      OfTokens teacher = new OfTokens();
      teacher.failAfter = at;
      assertThatThrownBy(() -> label(teacher, store, key)).hasMessage("ill");
      label(new OfTokens(), store, key);
      for (String column : List.of(Signal.LOGITS, "layer:" + LAYER)) {
        float[] expected = all(folder.resolve("whole"), key, column);
        assertThat(Arrays.equals(all(store, key, column), expected))
            .as("%s, stopped after %d", column, at)
            .isTrue();
      }
    }
  }
}
