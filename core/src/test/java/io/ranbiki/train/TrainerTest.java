package io.ranbiki.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Augmentations;
import io.ranbiki.data.Crop;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Digits;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Views;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.objective.HardLabels;
import io.ranbiki.objective.Hint;
import io.ranbiki.objective.LayerPair;
import io.ranbiki.objective.LossValues;
import io.ranbiki.objective.Objective;
import io.ranbiki.objective.PlainTerm;
import io.ranbiki.objective.Ramp;
import io.ranbiki.objective.SoftTargets;
import io.ranbiki.objective.Term;
import io.ranbiki.objective.TermLoss;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.teacher.ModelTeacher;
import io.ranbiki.tensor.Engine;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {

  private static final ModelSpec STUDENT = ModelSpec.of("student-cnn", List.of(1, 28, 28), 10);
  private static final ModelSpec TEACHER =
      ModelSpec.of("intermediate-cnn", List.of(1, 28, 28), 10, Map.of("hidden", 16));
  private static final Objective SEED = Objective.of(new HardLabels(0.3), new SoftTargets(0.7, 4));

  private static Loader loader(int samples, int batch) {
    return loader(Digits.dataset(samples, 5), batch);
  }

  private static Loader loader(Dataset dataset, int batch) {
    Augmentations crop = new Augmentations(List.of(new Crop(2)));
    return new Loader(
        dataset, Loader.Options.shuffled(batch, 3), Normalization.none(), Views.fresh(crop, 9));
  }

  private static TrainOptions options(int epochs) {
    return new TrainOptions(epochs, new Optimizer.Adam(0.001), Schedule.of(new Schedule.Cosine(0)));
  }

  private static Map<String, float[]> weights(Model model) {
    Map<String, float[]> weights = new LinkedHashMap<>();
    model.module().state().forEach((name, tensor) -> weights.put(name, tensor.toFloats()));
    return weights;
  }

  private static void assertSameBits(Map<String, float[]> one, Map<String, float[]> other) {
    assertThat(one.keySet()).isEqualTo(other.keySet());
    one.forEach((name, values) -> assertThat(values).as(name).isEqualTo(other.get(name)));
  }

  @Test
  void training_lowersTheLossAndLeaksNothing() {
    long before = Tensor.live();
    try (Model student = Model.create(STUDENT, 1);
        Model teacher = Model.create(TEACHER, 2);
        ModelTeacher answers = new ModelTeacher(teacher, List.of());
        Trainer trainer =
            new Trainer(
                student, answers, SEED, loader(256, 32), options(3), 1, TrainingListener.NONE)) {
      List<EpochStats> history = trainer.run(model -> Double.NaN);
      assertThat(history).hasSize(3);
      assertThat(history.get(2).total()).isLessThan(history.get(0).total());
      assertThat(history.get(0).terms()).containsOnlyKeys("hard-labels", "soft-targets");
      assertThat(history.get(1).learningRate()).isLessThan(0.001);
    }
    assertThat(Tensor.live()).isEqualTo(before);
  }

  @Test
  void distillation_leavesTheTeacherAsItWas() {
    try (Model student = Model.create(STUDENT, 1);
        Model teacher = Model.create(ModelSpec.of("resnet", List.of(1, 28, 28), 10), 2);
        ModelTeacher answers = new ModelTeacher(teacher, List.of())) {
      Map<String, float[]> before = weights(teacher);
      try (Trainer trainer =
          new Trainer(
              student, answers, SEED, loader(64, 32), options(1), 1, TrainingListener.NONE)) {
        trainer.run(model -> Double.NaN);
      }
      assertThat(teacher.module().isFrozen()).isTrue();
      assertSameBits(weights(teacher), before);
    }
  }

  @Test
  void sameSeed_givesTheSameBits() {
    assertSameBits(trained(null, () -> false), trained(null, () -> false));
  }

  @Test
  void stoppedAtAnyStepAndResumed_givesTheSameBits(@TempDir Path folder) {
    Map<String, float[]> straight = trained(null, () -> false);
    for (int stopAt : new int[] {1, 3, 4, 7}) {
      Checkpoints checkpoints = new Checkpoints(folder.resolve("stop-" + stopAt));
      AtomicLong steps = new AtomicLong();
      Interrupted stopped =
          catchThrowableOfType(
              Interrupted.class,
              () -> trained(checkpoints, () -> steps.incrementAndGet() == stopAt));
      assertThat(stopped.step()).isEqualTo(stopAt);
      assertSameBits(trained(checkpoints, () -> false), straight);
    }
  }

  @Test
  void stoppedAtTheLastStepOfAnEpoch_thatEpochIsStillReported(@TempDir Path folder) {
    List<EpochStats> straight = new ArrayList<>();
    trained(null, () -> false, straight);
    for (int stopAt : new int[] {3, 4, 8}) {
      Checkpoints checkpoints = new Checkpoints(folder.resolve("stop-" + stopAt));
      List<EpochStats> reported = new ArrayList<>();
      AtomicLong steps = new AtomicLong();
      assertThatThrownBy(
              () -> trained(checkpoints, () -> steps.incrementAndGet() == stopAt, reported))
          .isInstanceOf(Interrupted.class);
      trained(checkpoints, () -> false, reported);
      assertThat(reported)
          .as("stopped after step %d", stopAt)
          .usingRecursiveComparison()
          .ignoringFields("seconds", "samplesPerSecond")
          .isEqualTo(straight);
      assertThat(reported).allSatisfy(epoch -> assertThat(epoch.samplesPerSecond()).isFinite());
    }
  }

  @Test
  void damagedCheckpoint_isPassedOverForTheOneBefore(@TempDir Path folder) throws Exception {
    Map<String, float[]> straight = trained(null, () -> false);
    Checkpoints checkpoints = new Checkpoints(folder);
    trained(checkpoints, () -> false);
    List<Path> saved;
    try (Stream<Path> files = Files.list(folder)) {
      saved = files.sorted().toList();
    }
    assertThat(saved).hasSize(2);
    byte[] bytes = Files.readAllBytes(saved.get(1));
    bytes[bytes.length / 2] ^= 1;
    Files.write(saved.get(1), bytes);
    assertThat(checkpoints.newest(note -> {})).isEqualTo(saved.get(0));
    assertSameBits(trained(checkpoints, () -> false), straight);
  }

  /** Two epochs of four steps with dropout, shuffling, views, Adam and a schedule. */
  private static Map<String, float[]> trained(
      @org.jspecify.annotations.Nullable Checkpoints checkpoints,
      java.util.function.BooleanSupplier stop) {
    return trained(checkpoints, stop, new ArrayList<>());
  }

  private static Map<String, float[]> trained(
      @org.jspecify.annotations.Nullable Checkpoints checkpoints,
      java.util.function.BooleanSupplier stop,
      List<EpochStats> reported) {
    Engine.setThreads(1);
    try (Model student = Model.create(ModelSpec.of("teacher-cnn", List.of(1, 28, 28), 10), 1);
        Trainer trainer =
            new Trainer(
                student,
                null,
                Objective.of(new HardLabels(1)),
                loader(16, 4),
                options(2),
                1,
                new TrainingListener() {
                  @Override
                  public void epochDone(EpochStats stats) {
                    reported.add(stats);
                  }
                })) {
      trainer.run(new Watch(model -> 0.5, checkpoints, stop, TrainingListener.NONE));
      return weights(student);
    }
  }

  @Test
  void nanLoss_stopsBeforeTheUpdateAndNamesStepAndTerm() {
    try (Model student = Model.create(STUDENT, 1)) {
      Map<String, float[]> before = weights(student);
      try (Trainer trainer =
          new Trainer(
              student,
              null,
              Objective.of(BROKEN),
              loader(64, 32),
              options(1),
              1,
              TrainingListener.NONE)) {
        assertThatThrownBy(() -> trainer.run(model -> Double.NaN))
            .isInstanceOf(RanbikiException.class)
            .hasMessage(
                "The loss is NaN at step 1 ({broken=NaN}); the weights of the step before are kept. Check the options of the terms, and the weights of all networks.");
        assertSameBits(weights(student), before);
      }
    }
  }

  @Test
  void studentThatIsNotFinite_isNamedWithTheFirstSample() {
    try (Model student = Model.create(STUDENT, 1)) {
      student.module().parameters().values().forEach(weights -> weights.fill(Double.NaN));
      Loader inOrder =
          new Loader(
              Digits.dataset(64, 5),
              Loader.Options.inOrder(32),
              Normalization.none(),
              Views.none());
      try (Trainer trainer =
          new Trainer(
              student,
              null,
              Objective.of(new HardLabels(1)),
              inOrder,
              options(1),
              1,
              TrainingListener.NONE)) {
        assertThatThrownBy(() -> trainer.run(model -> Double.NaN))
            .isInstanceOf(RanbikiException.class)
            .hasMessage(
                "The loss is NaN at step 1 ({hard-labels=NaN}), where the student answers sample 0 with NaN for class 0, and 31 more of this batch of 32; the weights of the step before are kept. Check its weights, the sample and data.normalize.");
      }
    }
  }

  @Test
  void gradientThatIsNotFinite_namesTheTerm() {
    try (Model student = Model.create(STUDENT, 1)) {
      Map<String, float[]> before = weights(student);
      try (Trainer trainer =
          new Trainer(
              student,
              null,
              Objective.of(new HardLabels(1), ROOT_OF_ZERO),
              loader(64, 32),
              options(1),
              1,
              TrainingListener.NONE)) {
        assertThatThrownBy(() -> trainer.run(model -> Double.NaN))
            .isInstanceOf(RanbikiException.class)
            .hasMessage(
                "The gradient is NaN at step 1 (that of root); the weights of the step before are kept. Check the options of the terms, and the weights of all networks.");
        assertSameBits(weights(student), before);
      }
    }
  }

  /** Its value is 0, and its slope infinite. */
  private static final Term ROOT_OF_ZERO =
      new PlainTerm("root", inputs -> inputs.studentLogits().mul(0).sqrt().sum());

  private static final Term BROKEN =
      new PlainTerm("broken", inputs -> inputs.studentLogits().mul(Double.NaN).sum());

  @Test
  void classCountsThatDiffer_areRefusedBeforeTraining() {
    try (Model student = Model.create(STUDENT, 1);
        Model teacher = Model.create(ModelSpec.of("student-cnn", List.of(1, 28, 28), 100), 2);
        ModelTeacher answers = new ModelTeacher(teacher, List.of())) {
      assertThatThrownBy(
              () ->
                  new Trainer(
                      student, answers, SEED, loader(64, 32), options(1), 1, TrainingListener.NONE))
          .isInstanceOf(RanbikiException.class)
          .hasMessage(
              "The teacher student-cnn answers 100 classes and the student student-cnn answers 10; they must be trained on the same classes.");
    }
  }

  @Test
  void aFeatureTermWithATeacherThatGivesLogitsAlone_saysWhatToDo() {
    Objective hint = Objective.of(new Hint(50, List.of(new LayerPair("features.1", "features.1"))));
    try (Model student = Model.create(STUDENT, 1);
        Model teacher = Model.create(TEACHER, 2);
        ModelTeacher logitsAlone = new ModelTeacher(teacher, List.of())) {
      long before = Tensor.live();
      assertThatThrownBy(
              () ->
                  new Trainer(
                      student,
                      logitsAlone,
                      hint,
                      loader(64, 32),
                      options(1),
                      1,
                      TrainingListener.NONE))
          .isInstanceOfSatisfying(
              RanbikiException.class,
              e -> assertThat(e.kind()).isEqualTo(RanbikiException.Kind.CONFIGURATION))
          .hasMessage(
              "The layer 'features.1' is to be matched, but the answer holds logits alone; take a live"
                  + " model as teacher, store that layer with its answers, or match logits with"
                  + " soft-targets instead.");
      assertThat(Tensor.live()).isEqualTo(before);
    }
  }

  @Test
  void measuredGradients_areThoseOfEachWeightedTerm_andChangeNoBit() {
    Map<Long, Map<String, Double>> measured = new LinkedHashMap<>();
    Map<String, float[]> straight = distilled(TrainingListener.NONE);
    Map<String, float[]> watched =
        distilled(
            new TrainingListener() {
              @Override
              public int gradientsEvery() {
                return 3;
              }

              @Override
              public void gradientsMeasured(
                  int epoch, long step, LossValues loss, double rate, Map<String, Double> norms) {
                assertThat(rate).isPositive();
                measured.put(step, norms);
              }
            });
    assertSameBits(watched, straight);
    assertThat(measured).containsOnlyKeys(3L, 6L);
    assertThat(measured.get(3L)).containsOnlyKeys("hard-labels", "soft-targets", "hint");
    assertThat(measured.get(3L).values()).allMatch(norm -> norm > 0 && Double.isFinite(norm));
  }

  @Test
  void theOnlyTerm_hasTheGradientOfTheStep() {
    double[] norms = new double[2];
    try (Model student = Model.create(STUDENT, 1);
        Trainer trainer =
            new Trainer(
                student,
                null,
                Objective.of(new HardLabels(7)),
                loader(32, 32),
                options(1),
                1,
                new TrainingListener() {
                  @Override
                  public int gradientsEvery() {
                    return 1;
                  }

                  @Override
                  public void gradientsMeasured(
                      int epoch, long step, LossValues loss, double rate, Map<String, Double> of) {
                    norms[0] = of.get("hard-labels");
                  }

                  @Override
                  public void stepDone(long step, int samples, LossValues loss) {
                    double sum = 0;
                    for (Tensor parameter : student.module().parameters().values()) {
                      for (float g : parameter.grad().toFloats()) {
                        sum += (double) g * g;
                      }
                    }
                    norms[1] = Math.sqrt(sum);
                  }
                })) {
      trainer.run(model -> Double.NaN);
    }
    assertThat(norms[0])
        .isCloseTo(norms[1], org.assertj.core.api.Assertions.withinPercentage(0.001));
  }

  /** Two epochs of four steps with dropout and a hint, whose projector trains along. */
  private static Map<String, float[]> distilled(TrainingListener listener) {
    Engine.setThreads(1);
    Objective objective =
        Objective.of(
            new HardLabels(0.3),
            new SoftTargets(0.7, 4),
            new Hint(50, List.of(new LayerPair("features.1", "features.2"))));
    try (Model student = Model.create(ModelSpec.of("teacher-cnn", List.of(1, 28, 28), 10), 1);
        Model teacher = Model.create(TEACHER, 2);
        ModelTeacher answers = new ModelTeacher(teacher, objective.teacherLayers());
        Trainer trainer =
            new Trainer(student, answers, objective, loader(16, 4), options(2), 1, listener)) {
      trainer.run(model -> Double.NaN);
      return weights(student);
    }
  }

  /** Its gradient in the last bias is 1 for every class, wherever the weights are. */
  private record SumOfLogits() implements io.ranbiki.objective.Term {
    @Override
    public String name() {
      return "sum";
    }

    @Override
    public Ramp weight() {
      return Ramp.constant(1);
    }

    @Override
    public boolean needsTeacher() {
      return false;
    }

    @Override
    public TermLoss bind(io.ranbiki.objective.LossInputs example, Generator generator) {
      return inputs -> inputs.studentLogits().sum().div(inputs.studentLogits().size(0));
    }
  }

  /** Small enough that nothing grows beyond numbers. */
  private static final double RATE = 0.001;

  @Test
  void eachStep_isAsLongAsTheScheduleSays_fromTheFirstToTheLast() {
    // Two epochs of warm-up from a fifth, then in a straight line to 0; 4 steps an epoch.
    double[] factors = {
      0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125
    };
    List<Double> lengths = new ArrayList<>();
    List<Double> measured = new ArrayList<>();
    List<Double> reported = new ArrayList<>();
    TrainOptions options =
        new TrainOptions(
            4, new Optimizer.Sgd(RATE, 0), new Schedule(new Schedule.Linear(), 2, 0.2));
    try (Model student = Model.create(STUDENT, 1)) {
      Tensor bias = student.module().parameters().get("classifier.2.bias");
      float[] last = {bias.toFloats()[3]};
      TrainingListener listener =
          new TrainingListener() {
            @Override
            public int gradientsEvery() {
              return 1;
            }

            @Override
            public void gradientsMeasured(
                int epoch, long step, LossValues loss, double rate, Map<String, Double> norms) {
              measured.add(rate / RATE);
            }

            @Override
            public void stepDone(long step, int samples, LossValues loss) {
              float now = bias.toFloats()[3];
              lengths.add((last[0] - now) / RATE);
              last[0] = now;
            }

            @Override
            public void epochDone(EpochStats stats) {
              reported.add(stats.learningRate() / RATE);
            }
          };
      try (Trainer trainer =
          new Trainer(
              student,
              null,
              Objective.of(new SumOfLogits()),
              loader(16, 4),
              options,
              1,
              listener)) {
        trainer.run(model -> Double.NaN);
      }
    }
    for (int step = 0; step < factors.length; step++) {
      assertThat(lengths.get(step)).as("step %d", step + 1).isCloseTo(factors[step], within(1e-4));
      assertThat(measured.get(step)).isCloseTo(factors[step], within(1e-12));
    }
    assertThat(lengths).hasSize(factors.length);
    assertThat(reported).as("of the last step of each epoch").hasSize(4);
    for (int epoch = 0; epoch < 4; epoch++) {
      assertThat(reported.get(epoch)).isCloseTo(factors[4 * epoch + 3], within(1e-12));
    }
  }

  @Test
  void gradientClipping_limitsTheStep() {
    double[] norms = new double[1];
    try (Model student = Model.create(STUDENT, 1);
        Trainer trainer =
            new Trainer(
                student,
                null,
                Objective.of(new HardLabels(1000)),
                loader(32, 32),
                new TrainOptions(
                    1,
                    new Optimizer.Sgd(1, 0),
                    Schedule.constant(),
                    0.5,
                    TrainOptions.Precision.FLOAT32),
                1,
                new TrainingListener() {
                  @Override
                  public void stepDone(long step, int samples, LossValues loss) {
                    double sum = 0;
                    for (Tensor parameter : student.module().parameters().values()) {
                      for (float g : parameter.grad().toFloats()) {
                        sum += (double) g * g;
                      }
                    }
                    norms[0] = Math.sqrt(sum);
                  }
                })) {
      trainer.run(model -> Double.NaN);
    }
    assertThat(norms[0]).isCloseTo(0.5, within(1e-4));
  }

  @Test
  void unlabelledSamples_countForSoftTargetsOnly() {
    Dataset unlabelled = io.ranbiki.data.Splits.unlabelled(Digits.dataset(64, 5));
    try (Model student = Model.create(STUDENT, 1);
        Model teacher = Model.create(TEACHER, 2);
        ModelTeacher answers = new ModelTeacher(teacher, List.of());
        Trainer trainer =
            new Trainer(
                student,
                answers,
                SEED,
                loader(unlabelled, 32),
                options(1),
                1,
                TrainingListener.NONE)) {
      EpochStats stats = trainer.run(model -> Double.NaN).get(0);
      assertThat(stats.terms().get("hard-labels")).isZero();
      assertThat(stats.terms().get("soft-targets")).isPositive();
      assertThat(Arrays.asList(stats.total())).allMatch(Double::isFinite);
    }
  }
}
