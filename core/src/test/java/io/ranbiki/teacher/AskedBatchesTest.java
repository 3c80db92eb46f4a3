package io.ranbiki.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.data.Batch;
import io.ranbiki.data.Digits;
import io.ranbiki.data.Epoch;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Views;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.nn.Signal;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.tensor.Engine;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AskedBatchesTest {

  private final Loader loader =
      new Loader(
          Digits.dataset(100, 3),
          Loader.Options.shuffled(16, 1),
          Normalization.none(),
          Views.none());
  private int threadsBefore;

  @BeforeEach
  void useTwoThreads() {
    threadsBefore = Engine.threads();
    Engine.setThreads(2);
  }

  @AfterEach
  void restoreThreads() {
    Engine.setThreads(threadsBefore);
  }

  @Test
  void askedAhead_givesTheAnswersToEveryBatchInOrder() {
    long before = Tensor.live();
    try (Model model = Model.create(ModelSpec.of("student-cnn", List.of(1, 28, 28), 10), 1);
        ModelTeacher teacher = new ModelTeacher(model, List.of());
        Epoch plain = loader.epoch(0);
        AskedBatches asked = new AskedBatches(loader.epoch(0), loader.dataset(), teacher)) {
      while (asked.hasNext()) {
        try (TensorScope scope = TensorScope.open("step")) {
          Batch expected = Batch.of(plain.next());
          AskedBatches.Answered answered = asked.next();
          assertThat(answered.batch().ids()).isEqualTo(expected.ids());
          assertThat(answered.batch().inputs().toFloats()).isEqualTo(expected.inputs().toFloats());
          float[] direct = teacher.signal(expected).logits().toFloats();
          float[] ahead = answered.signal().logits().toFloats();
          for (int i = 0; i < direct.length; i++) {
            assertThat(ahead[i]).isCloseTo(direct[i], within(1e-5f));
          }
        }
      }
      assertThat(plain.hasNext()).isFalse();
    }
    assertThat(Tensor.live()).isEqualTo(before);
  }

  @Test
  void closedInTheMiddle_leaksNothingAndRestoresTheThreads() {
    long before = Tensor.live();
    try (Model model = Model.create(ModelSpec.of("student-cnn", List.of(1, 28, 28), 10), 1);
        ModelTeacher teacher = new ModelTeacher(model, List.of())) {
      try (AskedBatches asked = new AskedBatches(loader.epoch(0), loader.dataset(), teacher);
          TensorScope scope = TensorScope.open("step")) {
        asked.next();
        assertThat(Engine.threads()).isEqualTo(1);
      }
      assertThat(Engine.threads()).isEqualTo(2);
    }
    assertThat(Tensor.live()).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void preparedBatch_isTheNextOne(boolean taught) {
    long before = Tensor.live();
    List<String> plain = new ArrayList<>();
    List<String> prepared = new ArrayList<>();
    try (Model model = Model.create(ModelSpec.of("student-cnn", List.of(1, 28, 28), 10), 1);
        ModelTeacher teacher = new ModelTeacher(model, List.of())) {
      read(taught ? teacher : null, plain, false);
      read(taught ? teacher : null, prepared, true);
    }
    assertThat(plain).hasSize(7);
    assertThat(prepared).isEqualTo(plain);
    assertThat(Tensor.live()).isEqualTo(before);
  }

  private void read(Teacher teacher, List<String> into, boolean preparing) {
    try (AskedBatches asked = new AskedBatches(loader.epoch(0), loader.dataset(), teacher)) {
      while (asked.hasNext()) {
        try (TensorScope scope = TensorScope.open("step")) {
          AskedBatches.Answered answered = asked.next();
          if (preparing) {
            asked.prepare();
            asked.prepare();
          }
          String answer =
              answered.signal() == null
                  ? ""
                  : Arrays.toString(answered.signal().logits().toFloats());
          into.add(
              Arrays.toString(answered.batch().ids())
                  + Arrays.hashCode(answered.batch().inputs().toFloats())
                  + Arrays.toString(answered.batch().labels().toLongs())
                  + answer);
        }
      }
    }
  }

  @Test
  void closedWithAPreparedBatch_leaksNothing() {
    long before = Tensor.live();
    try (AskedBatches asked = new AskedBatches(loader.epoch(0), loader.dataset(), null)) {
      asked.prepare();
      assertThat(asked.hasNext()).isTrue();
    }
    assertThat(Tensor.live()).isEqualTo(before);
  }

  @Test
  void teacherThatFails_isHeardWhereItsAnswerWasWanted() {
    long before = Tensor.live();
    try (AskedBatches asked = new AskedBatches(loader.epoch(0), loader.dataset(), new Failing());
        TensorScope scope = TensorScope.open("step")) {
      assertThatThrownBy(asked::next)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("no answer");
    }
    assertThat(Tensor.live()).isEqualTo(before);
  }

  private static final class Failing implements Teacher {
    @Override
    public Signal signal(Batch batch) {
      throw new IllegalStateException("no answer");
    }

    @Override
    public boolean isWorthAskingAhead() {
      return true;
    }

    @Override
    public int classes() {
      return 10;
    }

    @Override
    public String title() {
      return "failing";
    }

    @Override
    public void close() {}
  }
}
