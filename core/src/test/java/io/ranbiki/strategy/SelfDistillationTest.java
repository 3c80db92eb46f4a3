package io.ranbiki.strategy;

import static io.ranbiki.strategy.Classroom.LABELS;
import static io.ranbiki.strategy.Classroom.LAYERS;
import static io.ranbiki.strategy.Classroom.LOGITS;
import static io.ranbiki.strategy.Classroom.NORMALISED;
import static io.ranbiki.strategy.Classroom.SMALL;
import static io.ranbiki.strategy.Classroom.assertSameBits;
import static io.ranbiki.strategy.Classroom.bits;
import static io.ranbiki.strategy.Classroom.loader;
import static io.ranbiki.strategy.Classroom.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Splits;
import io.ranbiki.model.Model;
import io.ranbiki.nn.Signal;
import io.ranbiki.objective.Hint;
import io.ranbiki.objective.LayerPair;
import io.ranbiki.objective.Objective;
import io.ranbiki.objective.Progress;
import io.ranbiki.objective.SoftTargets;
import io.ranbiki.tensor.Engine;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.train.EpochStats;
import io.ranbiki.train.Supervision;
import io.ranbiki.train.Trainer;
import io.ranbiki.train.TrainingListener;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SelfDistillationTest {

  @BeforeEach
  void oneThread() {
    Engine.setThreads(1);
  }

  /** Passes everything on, and keeps what student and teacher were at each instant. */
  private static final class Watched implements Supervision {

    private final Model student;
    private final PastSelf self;

    /** By epoch, the student as it was when that began. */
    private final List<Map<String, float[]>> starts = new ArrayList<>();

    /** By step, the student after it. */
    private final List<Map<String, float[]>> students = new ArrayList<>();

    /** By step, the past after it. */
    private final List<Map<String, float[]>> pasts = new ArrayList<>();

    /** By step, the past that taught; absent where nobody did. */
    private final Map<Long, Map<String, float[]>> teachers = new LinkedHashMap<>();

    Watched(Model student, PastSelf self) {
      this.student = student;
      this.self = self;
    }

    @Override
    public List<List<Signal>> teach(Question question) {
      List<List<Signal>> taught = self.teach(question);
      assertThat(taught).hasSize(1);
      for (Signal answer : taught.get(0)) {
        assertThat(answer.logits().requiresGrad()).isFalse();
        assertThat(answer.features().values()).noneMatch(Tensor::requiresGrad);
        teachers.put(question.progress().step(), bits(self.state()));
      }
      return taught;
    }

    @Override
    public List<List<Signal>> example(Question question) {
      return self.example(question);
    }

    @Override
    public void epochStarts(int epoch) {
      starts.add(bits(student));
      self.epochStarts(epoch);
    }

    @Override
    public void stepDone(long step) {
      self.stepDone(step);
      students.add(bits(student));
      pasts.add(bits(self.state()));
    }
  }

  @Test
  void theSnapshot_isTheStudentAtTheBeginningOfEverySecondEpoch() {
    try (Model student = Model.create(NORMALISED, 1)) {
      Watched watched = watch(student, new Past.Snapshot(2), 7);
      assertThat(watched.teachers.keySet()).containsExactly(steps(6, 21));
      watched.teachers.forEach(
          (step, teacher) -> {
            int epoch = (int) (step / 3);
            assertSameBits(teacher, watched.starts.get(epoch / 2 * 2));
          });
    }
  }

  private static Watched watch(Model student, Past past, int epochs) {
    try (PastSelf self = new PastSelf(student, past, LOGITS)) {
      Watched watched = new Watched(student, self);
      try (Trainer trainer =
          new Trainer(
              List.of(student),
              watched,
              LOGITS,
              loader(12, 4),
              options(epochs),
              1,
              TrainingListener.NONE)) {
        trainer.run(model -> 0);
      }
      return watched;
    }
  }

  private static Long[] steps(long from, long to) {
    return LongStream.range(from, to).boxed().toArray(Long[]::new);
  }

  @Test
  void theAverage_followsTheRecurrenceAndTeachesFromTheSecondEpochOn() {
    double decay = 0.3;
    try (Model student = Model.create(NORMALISED, 1)) {
      Map<String, float[]> initial = bits(student);
      Set<String> parameters = student.module().parameters().keySet();
      Watched watched = watch(student, new Past.Average(decay), 3);
      assertThat(watched.teachers.keySet()).containsExactly(steps(3, 9));
      for (String name : initial.keySet()) {
        double[] average = doubles(initial.get(name));
        for (int step = 1; step <= 9; step++) {
          double stays = Math.min(decay, (1.0 + step) / (10.0 + step)); // 0.3 from step 3 on
          float[] followed = watched.students.get(step - 1).get(name);
          for (int i = 0; i < average.length; i++) {
            average[i] =
                parameters.contains(name)
                    ? stays * average[i] + (1 - stays) * followed[i]
                    : followed[i];
            assertThat((double) watched.pasts.get(step - 1).get(name)[i])
                .as("%s[%d] after step %d", name, i, step)
                .isCloseTo(average[i], within(1e-6 + 1e-6 * Math.abs(average[i])));
          }
        }
      }
    }
  }

  private static double[] doubles(float[] floats) {
    double[] doubles = new double[floats.length];
    for (int i = 0; i < floats.length; i++) {
      doubles[i] = floats[i];
    }
    return doubles;
  }

  @Test
  void aDecayOf0_teachesWhatTheStudentItselfSays() {
    try (TensorScope scope = TensorScope.open("self");
        Model student = Model.create(SMALL, 1);
        PastSelf self = new PastSelf(student, new Past.Average(0), LOGITS)) {
      student.module().parameters().values().forEach(weights -> weights.mulInPlace(0.5));
      self.stepDone(1);
      Batch batch = Classroom.batch(loader(4, 4));
      Tensor own = student.apply(batch.inputs());
      Progress later = new Progress(1, 2, 1, 1);
      Signal past =
          self.teach(new Supervision.Question(batch, later, null, List.of(Signal.of(own))))
              .get(0)
              .get(0);
      assertThat(past.logits().toFloats()).isEqualTo(own.toFloats());
    }
  }

  @Test
  void hintsFromThePast_countOnceThePastTeaches() {
    try (Model student = Model.create(SMALL, 1)) {
      List<EpochStats> history =
          new SelfDistillation(LAYERS, options(3), 1, new Past.Snapshot(1))
              .fit(student, loader(12, 4));
      assertThat(history.get(0).terms()).containsOnlyKeys("hard-labels");
      assertThat(history.get(1).terms()).containsOnlyKeys("hard-labels", "soft-targets", "hint");
      assertThat(history.get(1).terms().get("hint")).isPositive();
      assertThat(history.get(2).terms().get("soft-targets")).isPositive();
    }
  }

  @Test
  void samplesWithoutLabels_areLearntFromThePastAlone() {
    try (Model student = Model.create(SMALL, 1)) {
      List<EpochStats> history =
          new SelfDistillation(LOGITS, options(2), 1, new Past.Average(0.5))
              .fit(student, loader(Splits.unlabelled(Classroom.images(8)), 4));
      assertThat(history.get(0).total()).isZero();
      assertThat((double) history.get(1).terms().get("hard-labels")).isZero();
      assertThat(history.get(1).terms()).containsKey("soft-targets");
    }
  }

  @Test
  void theStudent_isAskedOnceAStepInTraining() {
    try (Model student = Model.create(NORMALISED, 1)) {
      new SelfDistillation(LOGITS, options(3), 1, new Past.Snapshot(1)).fit(student, loader(12, 4));
      assertThat(student.module().state().get("bn1.num_batches_tracked").item()).isEqualTo(9);
    }
  }

  @Test
  void whatCannotBeLearntFromThePast_isRefusedWhenMade() {
    Past snapshot = new Past.Snapshot(3);
    refused(
        LABELS,
        4,
        snapshot,
        "Self-distillation would teach nothing, because no term of the objective compares with a teacher; add soft-targets.");
    refused(
        Objective.of(new SoftTargets(1, 4)),
        4,
        snapshot,
        "Self-distillation begins without a past to learn from, but every term of the objective needs a teacher; add hard-labels.");
    refused(
        LOGITS,
        3,
        snapshot,
        "Self-distillation would never teach: its snapshot first teaches in epoch 4, but there are 3 epochs; train longer, or take a snapshot more often.");
    refused(
        LOGITS,
        1,
        new Past.Average(0.9),
        "Self-distillation would never teach: its average first teaches in epoch 2, but there are 1 epochs; train longer.");
  }

  private static void refused(Objective objective, int epochs, Past past, String message) {
    assertThatThrownBy(() -> new SelfDistillation(objective, options(epochs), 1, past))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(message);
  }

  @Test
  void intervalsAndDecaysOutOfRange_areRefusedWhenMade() {
    assertThatThrownBy(() -> new Past.Snapshot(0))
        .isInstanceOf(RanbikiException.class)
        .hasMessage("The snapshot is to be taken every 0 epochs; take 1 or more, such as 3.");
    for (double decay : new double[] {-0.1, 1, Double.NaN}) {
      assertThatThrownBy(() -> new Past.Average(decay))
          .isInstanceOf(RanbikiException.class)
          .hasMessage(
              "The decay of the average is %s, but must be 0 to below 1, such as 0.999."
                  .formatted(decay));
    }
  }

  @Test
  void aLayerThatIsNotThere_isRefusedBeforeTrainingAndLeaksNothing() {
    Objective wrong =
        Objective.of(
            LOGITS.terms().get(0), new Hint(1, List.of(new LayerPair("features.9", "features.1"))));
    try (Model student = Model.create(SMALL, 1)) {
      Map<String, float[]> weights = bits(student);
      long before = Tensor.live();
      assertThatThrownBy(
              () ->
                  new SelfDistillation(wrong, options(2), 1, new Past.Snapshot(1))
                      .fit(student, loader(8, 4)))
          .isInstanceOf(RanbikiException.class)
          .hasMessage(
              "The teacher student-cnn has no module 'features.9'; the nearest paths are 'features.0', 'features.1', 'features.2'.");
      assertThat(Tensor.live()).isEqualTo(before);
      assertSameBits(bits(student), weights);
    }
  }
}
