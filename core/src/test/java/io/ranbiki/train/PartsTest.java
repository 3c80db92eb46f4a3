package io.ranbiki.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Concat;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Digits;
import io.ranbiki.data.Epoch;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Splits;
import io.ranbiki.data.Views;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.nn.Signal;
import io.ranbiki.nn.Taps;
import io.ranbiki.objective.Dist;
import io.ranbiki.objective.HardLabels;
import io.ranbiki.objective.Hint;
import io.ranbiki.objective.LayerPair;
import io.ranbiki.objective.LossBreakdown;
import io.ranbiki.objective.LossInputs;
import io.ranbiki.objective.LossValues;
import io.ranbiki.objective.MeanOver;
import io.ranbiki.objective.Objective;
import io.ranbiki.objective.PlainTerm;
import io.ranbiki.objective.Progress;
import io.ranbiki.objective.Ramp;
import io.ranbiki.objective.SoftTargets;
import io.ranbiki.objective.Term;
import io.ranbiki.objective.TermLoss;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.teacher.AskedBatches;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.tensor.Engine;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PartsTest {

  private static final List<Integer> IMAGE = List.of(1, 28, 28);
  private static final ModelSpec STUDENT = ModelSpec.of("student-cnn", IMAGE, 10);
  private static final Objective SEED =
      Objective.of(new HardLabels(Ramp.constant(0.3), 0.1), new SoftTargets(0.7, 4));

  private int threads;

  @BeforeEach
  void twoThreads() {
    threads = Engine.threads();
    Engine.setThreads(2);
  }

  @AfterEach
  void asBefore() {
    Engine.setThreads(threads);
  }

  /** Says something else about every sample, and the same whenever it is asked. */
  private record Answers(boolean isLookedUp, Set<Integer> threads) implements Teacher {

    Answers() {
      this(true, ConcurrentHashMap.newKeySet());
    }

    @Override
    public Signal signal(Batch batch) {
      threads.add(Engine.threads());
      float[] logits = new float[batch.size() * 10];
      for (int i = 0; i < logits.length; i++) {
        logits[i] = (float) (3 * Math.sin(batch.ids()[i / 10] * 10 + i % 10));
      }
      return Signal.of(Tensors.of(logits, batch.size(), 10));
    }

    @Override
    public int classes() {
      return 10;
    }

    @Override
    public String title() {
      return "answers";
    }

    @Override
    public void close() {}
  }

  private static Loader loader(Dataset dataset, int batch) {
    return new Loader(
        dataset, Loader.Options.shuffled(batch, 3), Normalization.none(), Views.none());
  }

  private static TrainOptions options(int epochs, TrainOptions.Precision precision) {
    return new TrainOptions(
        epochs,
        new Optimizer.Adam(0.001),
        Schedule.constant(),
        Double.POSITIVE_INFINITY,
        precision);
  }

  private static List<float[]> gradients(Model model) {
    List<float[]> gradients = new ArrayList<>();
    model.module().parameters().values().forEach(p -> gradients.add(p.grad().toFloats()));
    return gradients;
  }

  private static Learner learner(
      Model student, Objective objective, LossInputs example, TrainOptions options) {
    try (Generator generator = new Generator(1)) {
      Taps taps = Taps.open("student", student.module(), objective.studentLayers());
      return new Learner("", student, taps, objective.bind(example, generator), options);
    }
  }

  private static TrainOptions inParts(int accumulate) {
    return new TrainOptions(
        1,
        new Optimizer.Adam(0.001),
        Schedule.constant(),
        Double.POSITIVE_INFINITY,
        TrainOptions.Precision.FLOAT32,
        accumulate);
  }

  /** Threads, parts one after the other, samples, and every how many samples have a label. */
  @ParameterizedTest
  @CsvSource({
    "2, 1, 16, 1",
    "2, 1, 17, 3",
    "2, 1, 32, 1",
    "2, 1, 33, 2",
    "3, 1, 33, 3",
    "4, 1, 33, 1",
    "1, 2, 17, 1",
    "1, 3, 33, 3",
    "2, 2, 33, 2",
    "1, 8, 8, 1",
    "1, 16, 33, 4"
  })
  void gradientAndLoss_areThoseOfTheWholeBatch(int threads, int accumulate, int size, int every) {
    Progress progress = new Progress(1, 3, 5, 4);
    Engine.setThreads(threads);
    try (TensorScope scope = TensorScope.open("test");
        Answers teacher = new Answers();
        Model student = Model.create(STUDENT, 1)) {
      Batch batch = partlyLabelled(batch(Digits.dataset(size, 2)), every);
      Signal taught = teacher.signal(batch);
      LossInputs inputs = new LossInputs(batch, student.answer(batch), taught, progress);
      try (Learner learner = learner(student, SEED, inputs, inParts(accumulate));
          Parts parts =
              new Parts(
                  List.of(learner), Supervision.of(teacher), SEED, inParts(accumulate), size)) {
        LossBreakdown whole =
            learner
                .objective()
                .loss(new LossInputs(batch, learner.replica().answer(batch), taught, progress));
        whole.backward();
        List<float[]> expected = gradients(student);

        try (Parts.Learnt learnt =
            parts.backward(new AskedBatches.Answered(batch, taught), progress, null)) {
          LossValues inParts = learnt.losses().get(0);
          assertThat(inParts.total()).isCloseTo(whole.values().total(), within(1e-6));
          assertThat(inParts.weights()).isEqualTo(whole.weights());
          whole
              .values()
              .terms()
              .forEach(
                  (term, value) ->
                      assertThat(inParts.terms().get(term)).isCloseTo(value, within(1e-6)));
        }
        List<float[]> actual = gradients(student);
        for (int p = 0; p < expected.size(); p++) {
          assertThat(actual.get(p))
              .as("parameter %s", p)
              .usingComparatorWithPrecision(1e-6f)
              .containsExactly(expected.get(p));
        }
      }
    }
  }

  /** Only every so many samples keep their label. */
  private static Batch partlyLabelled(Batch batch, int every) {
    long[] labels = batch.labels().toLongs();
    for (int i = 0; i < labels.length; i++) {
      labels[i] = i % every == 0 ? labels[i] : Functional.IGNORE;
    }
    return new Batch(batch.inputs(), Tensors.of(labels, labels.length), batch.ids(), batch.view());
  }

  /** What a training came to. */
  private record Trained(Map<String, float[]> weights, List<EpochStats> epochs) {}

  private static Trained train(
      TrainOptions.Precision precision,
      int gradientsEvery,
      @Nullable Checkpoints checkpoints,
      BooleanSupplier stop) {
    return train(new Answers(), precision, gradientsEvery, checkpoints, stop);
  }

  private static Trained train(
      Teacher teacher,
      TrainOptions.Precision precision,
      int gradientsEvery,
      @Nullable Checkpoints checkpoints,
      BooleanSupplier stop) {
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public int gradientsEvery() {
            return gradientsEvery;
          }
        };
    try (Model student = Model.create(STUDENT, 1);
        Trainer trainer =
            new Trainer(
                student,
                teacher,
                SEED,
                loader(Digits.dataset(150, 5), 32),
                options(2, precision),
                1,
                listener)) {
      List<EpochStats> epochs = trainer.run(new Watch(model -> 0.5, checkpoints, stop, listener));
      Map<String, float[]> weights = new LinkedHashMap<>();
      student.module().state().forEach((name, tensor) -> weights.put(name, tensor.toFloats()));
      return new Trained(weights, epochs);
    }
  }

  private static Trained train() {
    return train(TrainOptions.Precision.FLOAT32, 0, null, () -> false);
  }

  private static void assertSameBits(Map<String, float[]> one, Map<String, float[]> other) {
    one.forEach((name, values) -> assertThat(values).as(name).isEqualTo(other.get(name)));
  }

  @ParameterizedTest
  @EnumSource(TrainOptions.Precision.class)
  void training_goesAsWithOneThread(TrainOptions.Precision precision) {
    Trained halved = train(precision, 0, null, () -> false);
    Engine.setThreads(1);
    Trained whole = train(precision, 0, null, () -> false);
    double rounding = precision == TrainOptions.Precision.FLOAT32 ? 1e-4 : 0.02;
    for (int epoch = 0; epoch < 2; epoch++) {
      assertThat(halved.epochs().get(epoch).total())
          .isCloseTo(whole.epochs().get(epoch).total(), within(rounding));
    }
  }

  @Test
  void sameSeed_givesTheSameBits_withOrWithoutALogOfGradients() {
    Trained first = train();
    assertSameBits(train().weights(), first.weights());
    Trained logged = train(TrainOptions.Precision.FLOAT32, 2, null, () -> false);
    assertSameBits(logged.weights(), first.weights());
  }

  @Test
  void stoppedAndResumed_givesTheSameBits(@TempDir Path folder) {
    Trained straight = train();
    Checkpoints checkpoints = new Checkpoints(folder);
    AtomicInteger steps = new AtomicInteger();
    BooleanSupplier atTheThird = () -> steps.incrementAndGet() == 3;
    Interrupted stopped =
        catchThrowableOfType(
            Interrupted.class,
            () -> train(TrainOptions.Precision.FLOAT32, 0, checkpoints, atTheThird));
    assertThat(stopped.step()).isEqualTo(3);
    Trained resumed = train(TrainOptions.Precision.FLOAT32, 0, checkpoints, () -> false);
    assertSameBits(resumed.weights(), straight.weights());
  }

  @Test
  void training_givesThreadsAndTensorsBack() {
    long before = Tensor.live();
    train();
    assertThat(Tensor.live()).isEqualTo(before);
    assertThat(Engine.threads()).isEqualTo(2);
  }

  private static Term mean(TermLoss loss) {
    return new PlainTerm("mean", loss, MeanOver.SAMPLES);
  }

  /** Looks at every inputs, and makes logits small. */
  private static void train(
      Model student, Dataset dataset, int batch, Consumer<LossInputs> watcher) {
    TermLoss small =
        inputs -> {
          watcher.accept(inputs);
          return inputs.studentLogits().pow(2).mean();
        };
    train(student, dataset, batch, mean(small));
  }

  private static void train(Model student, Dataset dataset, int batch, Term term) {
    Loader inOrder =
        new Loader(dataset, Loader.Options.inOrder(batch), Normalization.none(), Views.none());
    try (Trainer trainer =
        new Trainer(
            student,
            null,
            Objective.of(term),
            inOrder,
            options(1, TrainOptions.Precision.FLOAT32),
            1,
            TrainingListener.NONE)) {
      trainer.run(model -> Double.NaN);
    }
  }

  @Test
  void wholeBatches_haveAllThreads() {
    Map<Integer, Integer> threadsBySize = new ConcurrentHashMap<>();
    Consumer<LossInputs> watcher =
        inputs -> threadsBySize.put(inputs.batch().size(), Engine.threads());
    try (Model student = Model.create(STUDENT, 1)) {
      train(student, Digits.dataset(32 + 5, 5), 32, watcher);
      train(student, Splits.unlabelled(Digits.dataset(20, 5)), 20, watcher);
    }
    assertThat(threadsBySize).isEqualTo(Map.of(16, 1, 5, 2, 10, 1));
  }

  @Test
  void aTeacherThatComputes_hasAllThreadsForEveryBatch() {
    Answers teacher = new Answers(false, ConcurrentHashMap.newKeySet());
    train(teacher, TrainOptions.Precision.FLOAT32, 0, null, () -> false);
    assertThat(teacher.threads()).containsExactly(2);
  }

  @Test
  void frozenParameters_stayAsTheyAre() {
    try (Model student = Model.create(STUDENT, 1)) {
      Tensor frozen = student.module().parameters().get("features.0.weight");
      Tensor trained = student.module().parameters().get("features.3.weight");
      frozen.setRequiresGrad(false);
      float[] before = frozen.toFloats();
      float[] changing = trained.toFloats();
      train(student, Digits.dataset(64, 5), 32, inputs -> {});
      assertThat(frozen.toFloats()).isEqualTo(before);
      assertThat(trained.toFloats()).isNotEqualTo(changing);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 31})
  void aFailureInEitherHalf_isTheTrainings(long unbearable) {
    Consumer<LossInputs> squeamish =
        inputs -> {
          if (inputs.batch().size() == 16
              && LongStream.of(inputs.batch().ids()).anyMatch(id -> id == unbearable)) {
            throw new IllegalStateException("sample " + unbearable);
          }
        };
    long before = Tensor.live();
    try (Model student = Model.create(STUDENT, 1)) {
      assertThatThrownBy(() -> train(student, Digits.dataset(32, 5), 32, squeamish))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("sample " + unbearable);
    }
    assertThat(Engine.threads()).isEqualTo(2);
    assertThat(Tensor.live()).isEqualTo(before);
  }

  @Test
  void gradientThatIsNotFinite_stopsBeforeTheWeightsChange() {
    long before = Tensor.live();
    TermLoss edge = inputs -> inputs.studentLogits().mul(0).pow(0.5).mean();
    try (Model student = Model.create(STUDENT, 1)) {
      float[] weights = student.module().parameters().get("features.0.weight").toFloats();
      assertThatThrownBy(() -> train(student, Digits.dataset(96, 5), 32, mean(edge)))
          .isInstanceOf(RanbikiException.class)
          .hasMessageStartingWith(
              "The gradient is NaN at step 1 (that of mean); the weights of the step before");
      assertThat(student.module().parameters().get("features.0.weight").toFloats())
          .isEqualTo(weights);
    }
    assertThat(Tensor.live()).isEqualTo(before);
  }

  @Test
  void onlyMeansOverSamplesThatAreSeenAlone_areComputedByThreads() {
    LayerPair pair = new LayerPair("features.2", "features.1");
    try (Model student = Model.create(STUDENT, 1);
        Model statistics = Model.create(ModelSpec.of("resnet", IMAGE, 10), 1);
        Model chance = Model.create(ModelSpec.of("teacher-cnn", IMAGE, 10), 1)) {
      assertThat(beside(student, SEED)).isTrue();
      assertThat(beside(student, Objective.of(new HardLabels(1), new Dist(1)))).isFalse();
      assertThat(beside(student, Objective.of(new HardLabels(1), new Hint(1, List.of(pair)))))
          .isFalse();
      assertThat(beside(statistics, SEED)).isFalse();
      assertThat(beside(chance, SEED)).isFalse();
    }
  }

  private static boolean beside(Model student, Objective objective) {
    try (TensorScope scope = TensorScope.open("test");
        Answers teacher = new Answers()) {
      Batch batch = batch(Digits.dataset(16, 2));
      Signal same =
          student
              .answer(batch)
              .with(Map.of("features.1", Tensors.ones(16, 3), "features.2", Tensors.ones(16, 3)));
      LossInputs inputs = new LossInputs(batch, same, same, Progress.START);
      try (Learner learner = learner(student, objective, inputs, inParts(1))) {
        return Parts.mayBeBeside(List.of(learner), Supervision.of(teacher), objective);
      }
    }
  }

  @Test
  void accumulate_learnsAsWholeBatchesDo() {
    Trained whole = accumulated(1, new ArrayList<>());
    List<String> notes = new ArrayList<>();
    Trained parts = accumulated(3, notes);
    for (int epoch = 0; epoch < 2; epoch++) {
      assertThat(parts.epochs().get(epoch).total())
          .isCloseTo(whole.epochs().get(epoch).total(), within(1e-4));
    }
    assertThat(notes).isEmpty();
    assertSameBits(accumulated(3, notes).weights(), parts.weights());
  }

  @Test
  void accumulate_saysThatStatisticsAreOfParts() {
    List<String> notes = new ArrayList<>();
    accumulated(ModelSpec.of("resnet", IMAGE, 10), 4, notes);
    assertThat(notes)
        .containsExactly(
            "With 'accumulate', batch normalisation and dropout see parts of 8 samples; their statistics and chance are each part's own.");
  }

  private static Trained accumulated(int parts, List<String> notes) {
    return accumulated(STUDENT, parts, notes);
  }

  private static Trained accumulated(ModelSpec spec, int parts, List<String> notes) {
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void note(String note) {
            notes.add(note);
          }
        };
    TrainOptions options =
        new TrainOptions(
            2,
            new Optimizer.Adam(0.001),
            Schedule.constant(),
            Double.POSITIVE_INFINITY,
            TrainOptions.Precision.FLOAT32,
            parts);
    try (Model student = Model.create(spec, 1);
        Trainer trainer =
            new Trainer(
                student,
                new Answers(),
                SEED,
                loader(
                    Concat.of(Digits.dataset(40, 5), Splits.unlabelled(Digits.dataset(30, 6))), 32),
                options,
                1,
                listener)) {
      List<EpochStats> epochs = trainer.run(model -> 0.5);
      Map<String, float[]> weights = new LinkedHashMap<>();
      student.module().state().forEach((name, tensor) -> weights.put(name, tensor.toFloats()));
      return new Trained(weights, epochs);
    }
  }

  @Test
  void accumulate_isRefusedForATermThatRelatesSamples() {
    try (Model student = Model.create(STUDENT, 1)) {
      assertThatThrownBy(
              () ->
                  new Trainer(
                      student,
                      new Answers(),
                      Objective.of(new Dist(1)),
                      loader(Digits.dataset(32, 5), 16),
                      inParts(2),
                      1,
                      TrainingListener.NONE))
          .isInstanceOf(RanbikiException.class)
          .hasMessageStartingWith("'accumulate: 2' computes a batch in parts, but dist is no mean");
    }
  }

  private static Batch batch(Dataset dataset) {
    try (Epoch epoch = loader(dataset, dataset.size()).epoch(0)) {
      return Batch.of(epoch.next());
    }
  }
}
