package io.ranbiki.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.data.Augmentations;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Crop;
import io.ranbiki.data.Dataset;
import io.ranbiki.data.Digits;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Splits;
import io.ranbiki.data.Subset;
import io.ranbiki.data.Views;
import io.ranbiki.evaluate.Finding.Level;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.nn.Module;
import io.ranbiki.nn.Signal;
import io.ranbiki.nn.StateDict;
import io.ranbiki.objective.HardLabels;
import io.ranbiki.objective.Hint;
import io.ranbiki.objective.LayerPair;
import io.ranbiki.objective.LossInputs;
import io.ranbiki.objective.Objective;
import io.ranbiki.objective.Ramp;
import io.ranbiki.objective.SoftTargets;
import io.ranbiki.objective.Term;
import io.ranbiki.objective.TermLoss;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.store.Encoding;
import io.ranbiki.strategy.OfflineDistillation;
import io.ranbiki.teacher.Labeller;
import io.ranbiki.teacher.ModelTeacher;
import io.ranbiki.teacher.Precision;
import io.ranbiki.teacher.StoreKey;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import io.ranbiki.train.Optimizer;
import io.ranbiki.train.Schedule;
import io.ranbiki.train.TrainOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every check is shown a fault that was planted, and a distillation without one. */
class DoctorTest {

  private static final List<Integer> IMAGE = List.of(1, 28, 28);
  private static final ModelSpec STUDENT =
      ModelSpec.of("intermediate-cnn", IMAGE, 10, Map.of("hidden", 8));
  private static final Normalization NORMALIZATION =
      new Normalization(new float[] {0.108f}, new float[] {0.22f});
  private static final Dataset DIGITS = Digits.dataset(800, 5);
  private static final Objective BASIC = Objective.of(new HardLabels(0.3), new SoftTargets(0.7, 4));
  private static Model trained;

  @TempDir Path folder;

  @BeforeAll
  static void trainTeacher() {
    trained = Model.create(ModelSpec.of("intermediate-cnn", IMAGE, 10, Map.of("hidden", 32)), 1);
    TrainOptions options =
        new TrainOptions(3, new Optimizer.Adam(0.003), Schedule.of(new Schedule.Cosine(0)));
    new OfflineDistillation(Objective.of(new HardLabels(1)), options, 1)
        .fit(trained, null, loader(DIGITS, 32));
  }

  @AfterAll
  static void closeTeacher() {
    trained.close();
  }

  private static Loader loader(Dataset dataset, int batch) {
    return new Loader(dataset, Loader.Options.shuffled(batch, 3), NORMALIZATION, Views.none());
  }

  private static List<Finding> examine(
      Model student, Teacher teacher, @Nullable Module network, Objective objective) {
    Loader loader = loader(DIGITS, 32);
    return new Doctor(student, teacher, network, objective, loader, loader(DIGITS, 64), 10)
        .examine();
  }

  /** With a sound teacher and student. */
  private static List<Finding> examine(Objective objective) {
    try (Model student = Model.create(STUDENT, 1);
        ModelTeacher teacher = new ModelTeacher(trained, objective.teacherLayers())) {
      return examine(student, teacher, trained.module(), objective);
    }
  }

  /** With a copy of the teacher that is spoilt after it was frozen. */
  private static List<Finding> examineSpoilt(Consumer<Model> spoil) {
    try (Model student = Model.create(STUDENT, 1);
        Model copy = trained.copy(1);
        ModelTeacher teacher = new ModelTeacher(copy, Set.of())) {
      spoil.accept(copy);
      return examine(student, teacher, copy.module(), BASIC);
    }
  }

  private static List<String> faults(List<Finding> findings) {
    return findings.stream()
        .filter(finding -> finding.level() == Level.FAULT)
        .map(finding -> finding.check() + ": " + finding.sentence())
        .toList();
  }

  private static Finding only(List<Finding> findings, String check) {
    return findings.stream().filter(f -> f.check().equals(check)).findAny().orElseThrow();
  }

  private static Map<String, float[]> state(Model model) {
    Map<String, float[]> state = new LinkedHashMap<>();
    model.module().state().forEach((name, tensor) -> state.put(name, tensor.toFloats()));
    return state;
  }

  // ---- nothing planted

  @Test
  void soundDistillation_isFoundWell() {
    assertThat(examine(BASIC)).allMatch(finding -> finding.level() == Level.OK);
    List<LayerPair> pairs = List.of(new LayerPair("features.3", "features.3"));
    assertThat(faults(examine(Objective.of(new HardLabels(1), new Hint(1, pairs))))).isEmpty();
  }

  @Test
  void accuracy_isThatOfTheEvaluation() {
    double accuracy;
    try (ModelTeacher teacher = new ModelTeacher(trained, Set.of())) {
      Loader sampled = loader(Splits.first(loaderOrder(loader(DIGITS, 64)), 256), 64);
      accuracy = Evaluation.of(teacher, sampled).accuracy();
    }
    assertThat(accuracy).isGreaterThan(0.5);
    assertThat(only(examine(BASIC), "teacher accuracy").sentence())
        .isEqualTo(
            String.format(
                Locale.ROOT,
                "The teacher is right on %.1f %% of 256 labelled samples; guessing would be on 10.0 %%.",
                100 * accuracy));
  }

  /** The samples in the order of a loader's first epoch. */
  private static Dataset loaderOrder(Loader loader) {
    return Subset.of(loader.dataset(), loader.order(0));
  }

  @Test
  void doctor_leavesEverythingAsItWas() {
    long tensors = Tensor.live();
    try (Model student = Model.create(STUDENT, 1);
        ModelTeacher teacher = new ModelTeacher(trained, Set.of())) {
      student.module().train();
      byte[] random = student.generator().state();
      Map<String, float[]> before = state(student);
      Map<String, float[]> teacherBefore = state(trained);
      examine(student, teacher, trained.module(), BASIC);
      assertThat(student.generator().state()).isEqualTo(random);
      assertThat(student.module().isTraining()).isTrue();
      assertThat(student.module().parameters().values()).allMatch(p -> p.grad() == null);
      state(student).forEach((n, v) -> assertThat(v).as(n).isEqualTo(before.get(n)));
      state(trained).forEach((n, v) -> assertThat(v).as(n).isEqualTo(teacherBefore.get(n)));
    }
    assertThat(Tensor.live()).isEqualTo(tensors);
  }

  // ---- the teacher

  @Test
  void teacherInTrainingMode_isNamed() {
    assertThat(faults(examineSpoilt(copy -> copy.module().train())))
        .anyMatch(
            fault ->
                fault.startsWith("teacher frozen: The teacher is in training mode (")
                    && fault.endsWith("; call freeze() on it."));
  }

  @Test
  void trainableTeacher_isNamed() {
    assertThat(
            faults(
                examineSpoilt(
                    copy ->
                        copy.module().parameters().get("features.0.weight").setRequiresGrad(true))))
        .containsExactly(
            "teacher frozen: 1 of the teacher's parameters can be trained (features.0.weight); call freeze() on it.");
  }

  @Test
  void movingBatchStatistics_areNamedAndPutBack() {
    ModelSpec resnet = ModelSpec.of("resnet", IMAGE, 10, Map.of("depth", 8, "width", 4));
    try (Model student = Model.create(STUDENT, 1);
        Model network = Model.create(resnet, 1);
        ModelTeacher teacher = new ModelTeacher(network, Set.of());
        TensorScope scope = TensorScope.open("test")) {
      network.module().train();
      Map<String, float[]> before = state(network);
      Batch batch;
      try (var epoch = loader(DIGITS, 32).epoch(0)) {
        batch = Batch.of(epoch.next());
      }
      assertThat(faults(TeacherCheck.unmoved(teacher, network.module(), batch, DIGITS)))
          .anyMatch(
              fault ->
                  fault.startsWith(
                          "batch statistics: A pass moves the teacher's batch statistics (")
                      && fault.contains("running_mean"));
      state(network).forEach((n, v) -> assertThat(v).as(n).isEqualTo(before.get(n)));
      network.module().eval();
      assertThat(faults(examine(student, teacher, network.module(), BASIC)))
          .noneMatch(fault -> fault.startsWith("batch statistics"));
    }
  }

  @Test
  void answersThatVary_areNamed() {
    try (Model student = Model.create(STUDENT, 1);
        Generator noise = new Generator(1);
        ModelTeacher steady = new ModelTeacher(trained, Set.of())) {
      Teacher varying = answering(steady, logits -> logits.add(noise.normal(0, 1, logits.shape())));
      assertThat(faults(examine(student, varying, trained.module(), BASIC)))
          .anyMatch(
              fault ->
                  fault.startsWith(
                      "same answer twice: The teacher answers the same batch differently the second time"));
    }
  }

  /** A teacher whose logits are changed on their way. */
  private static Teacher answering(Teacher teacher, Function<Tensor, Tensor> change) {
    return new Teacher() {
      @Override
      public Signal signal(Batch batch) {
        return Signal.of(change.apply(teacher.signal(batch).logits()));
      }

      @Override
      public int classes() {
        return teacher.classes();
      }

      @Override
      public String title() {
        return teacher.title();
      }

      @Override
      public void close() {}
    };
  }

  @Test
  void studentThatIsItsTeacher_isNamed() {
    try (Model both = trained.copy(1);
        ModelTeacher teacher = new ModelTeacher(both, Set.of())) {
      assertThat(faults(examine(both, teacher, both.module(), BASIC)))
          .anyMatch(
              fault ->
                  fault.startsWith(
                      "two networks: Teacher and student are the same network, at least in features.0.weight"));
    }
  }

  @Test
  void studentWithTheTeachersWeights_isWarnedAbout() {
    try (Model student = trained.copy(1);
        ModelTeacher teacher = new ModelTeacher(trained, Set.of())) {
      assertThat(only(examine(student, teacher, trained.module(), BASIC), "two networks"))
          .isEqualTo(
              new Finding(
                  "two networks",
                  Level.WARNING,
                  "The student starts with exactly the teacher's weights, so that there is nothing to learn from its answers; check student.weights."));
    }
  }

  // ---- accuracy and classes

  @Test
  void otherOrderOfClasses_isNamedWithThePermutation() {
    // The teacher's output for what the data calls c stands at (c + 3) mod 10.
    long[] from = IntStream.range(0, 10).mapToLong(c -> (c + 7) % 10).toArray();
    assertThat(faults(examineSpoilt(copy -> permuteOutputs(copy, from))))
        .singleElement()
        .asString()
        .startsWith("class order: The teacher is right on ")
        .contains(
            " if its classes are renamed: its 0 is the data's 7, its 1 is the data's 8, its 2 is the data's 9, its 3 is the data's 0,")
        .endsWith(" and 2 more. Put the classes of teacher and data into the same order.");
  }

  @Test
  void twoExchangedClasses_areNamedAlone() {
    long[] from = {0, 1, 2, 4, 3, 5, 6, 7, 8, 9};
    assertThat(faults(examineSpoilt(copy -> permuteOutputs(copy, from))))
        .singleElement()
        .asString()
        .contains(" if its classes are renamed: its 3 is the data's 4, its 4 is the data's 3. Put");
  }

  private static void permuteOutputs(Model model, long[] from) {
    try (TensorScope scope = TensorScope.open("permute")) {
      Tensor order = Tensors.of(from, from.length);
      List<Tensor> last =
          model.module().parameters().values().stream()
              .filter(parameter -> parameter.size(0) == from.length)
              .collect(Collectors.toList());
      assertThat(last).hasSize(2); // weight and bias of the last layer
      last.forEach(t -> t.copyFrom(t.detach().copy().indexSelect(0, order)));
    }
  }

  @Test
  void teacherThatGuesses_isNamed() {
    assertThat(faults(examineSpoilt(copy -> forget(copy))))
        .singleElement()
        .asString()
        .startsWith("teacher accuracy: The teacher is right on ")
        .endsWith(
            "of 256 labelled samples, no more often than by guessing (10.0 %). Check its weights, how its inputs are normalised (prepare.normalize), and that it knows these classes.");
  }

  @Test
  void whatGoesWrongUnseen_isNamedAfterTheKindOfSamples() {
    assertThat(AccuracyCheck.preparation(List.of(new Field("text", Field.Kind.TEXT, List.of()))))
        .isEqualTo("its tokenizer, prefix and pooling (teacher.prepare, teacher.pool)");
    assertThat(AccuracyCheck.preparation(List.of(new Field("row", Field.Kind.CELLS, List.of()))))
        .isEqualTo("its columns (teacher.prepare)");
  }

  @Test
  void teacherThatAnswersOneClass_isNoMatterOfOrder() {
    assertThat(
            faults(
                examineSpoilt(
                    copy -> {
                      Tensor bias =
                          copy.module().parameters().values().stream()
                              .filter(p -> p.dim() == 1 && p.size(0) == 10)
                              .findAny()
                              .orElseThrow();
                      bias.copyFrom(Tensors.of(new float[] {0, 0, 0, 0, 99, 0, 0, 0, 0, 0}, 10));
                    })))
        .singleElement()
        .asString()
        .startsWith("teacher accuracy: ");
  }

  private static void forget(Model model) {
    try (Model fresh = Model.create(model.spec(), 77)) {
      StateDict.copy(fresh.module(), model.module());
    }
  }

  @Test
  void noLabels_areWarnedAbout() {
    Dataset unlabelled = Splits.unlabelled(DIGITS);
    try (Model student = Model.create(STUDENT, 1);
        ModelTeacher teacher = new ModelTeacher(trained, Set.of())) {
      Loader loader = loader(unlabelled, 32);
      List<Finding> findings =
          new Doctor(student, teacher, trained.module(), BASIC, loader, loader, 10).examine();
      assertThat(faults(findings)).isEmpty();
      assertThat(only(findings, "teacher accuracy").sentence())
          .isEqualTo("No sample has a label, so nobody knows how often the teacher is right.");
      assertThat(only(findings, "gradient to the student").sentence())
          .startsWith("hard-labels is 0 on the first batches");
    }
  }

  // ---- gradients

  /** A term of the test's own. */
  private record Planted(Function<LossInputs, Tensor> loss) implements Term {
    @Override
    public String name() {
      return "planted";
    }

    @Override
    public Ramp weight() {
      return Ramp.constant(1);
    }

    @Override
    public TermLoss bind(LossInputs example, Generator generator) {
      return loss::apply;
    }
  }

  @Test
  void termWithoutGradientToTheStudent_isNamed() {
    Term cut =
        new Planted(
            inputs -> Functional.mseLoss(inputs.studentLogits().detach(), inputs.teacherLogits()));
    assertThat(faults(examine(Objective.of(new HardLabels(1), cut))))
        .singleElement()
        .asString()
        .startsWith("gradient to the student: planted has the value ")
        .contains(" but no gradient for the student, which it can teach nothing");
  }

  @Test
  void termThatIsNotFinite_isNamed() {
    Term broken = new Planted(inputs -> inputs.studentLogits().mul(0).log().sum());
    assertThat(faults(examine(Objective.of(broken))))
        .singleElement()
        .asString()
        .startsWith("gradient to the student: planted or its gradient is not finite");
  }

  @Test
  void gradientToTheTeacher_isNamed() {
    try (Model student = Model.create(STUDENT, 1);
        Model copy = trained.copy(1);
        ModelTeacher teacher = new ModelTeacher(copy, Set.of())) {
      copy.module().parameters().values().forEach(p -> p.setRequiresGrad(true));
      Term around =
          new Planted(
              inputs ->
                  Functional.mseLoss(inputs.studentLogits(), copy.apply(inputs.batch().inputs())));
      assertThat(faults(examine(student, teacher, copy.module(), Objective.of(around))))
          .anyMatch(
              fault ->
                  fault.startsWith(
                      "no gradient to the teacher: The gradient of planted reaches the teacher"));
      assertThat(copy.module().parameters().values()).allMatch(p -> p.grad() == null);
    }
  }

  @Test
  void frozenStudent_isNamed() {
    try (Model student = Model.create(STUDENT, 1);
        ModelTeacher teacher = new ModelTeacher(trained, Set.of())) {
      student.module().freeze();
      assertThat(faults(examine(student, teacher, trained.module(), BASIC)))
          .hasSize(2)
          .allMatch(fault -> fault.endsWith("and do not freeze the student."));
    }
  }

  @Test
  void gradientsOfVeryDifferentSize_areWarnedAboutWithTheRatio() {
    Finding finding =
        only(
            examine(Objective.of(new HardLabels(1), new SoftTargets(2e-5, 4))),
            "sizes of the gradients");
    assertThat(finding.level()).isEqualTo(Level.WARNING);
    assertThat(finding.sentence())
        .matches(
            "The gradient of hard-labels is \\d+ times as large as that of soft-targets, which"
                + " will hardly count \\(weight times norm: .*\\); bring the weights closer.");
  }

  @Test
  void weightThatIsWarmedUp_countsAtItsLargest() {
    Objective warm =
        Objective.of(new HardLabels(1), new SoftTargets(Ramp.warmUp(1, 5), Ramp.constant(4)));
    assertThat(only(examine(warm), "sizes of the gradients").level()).isEqualTo(Level.OK);
  }

  // ---- stored answers

  private StoreKey key(Encoding encoding, Precision precision) {
    return new StoreKey(
        "teacher",
        DIGITS.fingerprint(),
        NORMALIZATION,
        new Augmentations(List.of(new Crop(2))),
        9,
        10,
        List.of(),
        encoding,
        precision);
  }

  private Path label(StoreKey key, Teacher teacher, int samples) {
    Path file = folder.resolve(key.fileName());
    new Labeller(teacher, new Labeller.Options(50, 2, 1), Labeller.Listener.NONE)
        .label(file, key, Splits.first(DIGITS, samples));
    return file;
  }

  @Test
  void storedAnswers_areTheTeachersInEveryEncoding() {
    try (ModelTeacher teacher = new ModelTeacher(trained, Set.of())) {
      for (Encoding encoding : List.of(Encoding.FLOAT32, Encoding.FLOAT16, Encoding.of("top-3"))) {
        StoreKey key = key(encoding, Precision.FLOAT32);
        Path file = folder.resolve(key.fileName());
        assertThat(Doctor.storedAnswers(file, key, DIGITS, 2, teacher).sentence())
            .isEqualTo("No answer is there yet.");
        label(key, teacher, 400);
        Finding finding = Doctor.storedAnswers(file, key, DIGITS, 2, teacher);
        // 32 samples of each view are looked at; the first half of the dataset is stored.
        assertThat(finding.sentence()).isEqualTo("The teacher gives the same 32 answers again.");
      }
      StoreKey half = key(Encoding.FLOAT32, Precision.BFLOAT16);
      assertThat(Doctor.storedAnswers(label(half, teacher, 400), half, DIGITS, 2, teacher).level())
          .isEqualTo(Level.OK);
    }
  }

  @Test
  void storedAnswersOfAnotherTeacher_areNamed() {
    try (Model other = trained.copy(1);
        ModelTeacher teacher = new ModelTeacher(trained, Set.of());
        ModelTeacher changed = new ModelTeacher(other, Set.of())) {
      try (TensorScope scope = TensorScope.open("change")) {
        other.module().parameters().get("features.0.weight").mulInPlace(1.1);
      }
      for (Encoding encoding : List.of(Encoding.FLOAT32, Encoding.FLOAT16, Encoding.of("top-3"))) {
        StoreKey key = key(encoding, Precision.FLOAT32);
        Path file = label(key, teacher, 800);
        Finding finding = Doctor.storedAnswers(file, key, DIGITS, 2, changed);
        assertThat(finding.level()).isEqualTo(Level.FAULT);
        assertThat(finding.sentence())
            .matches(
                "\\d+ of 64 answers in .*\\.store are not what the teacher says now; they differ"
                    + " by up to .* \\(logits of sample \\d+, view [01]\\)\\. Remove the file, so that the"
                    + " teacher is asked again\\.");
      }
    }
  }

  @Test
  void storedLayersThatDiffer_areNamed() {
    StoreKey logits = key(Encoding.FLOAT32, Precision.FLOAT32);
    StoreKey key =
        new StoreKey(
            logits.teacher(),
            logits.data(),
            logits.normalization(),
            logits.augmentations(),
            logits.viewsSeed(),
            logits.classes(),
            List.of("features.2"),
            logits.encoding(),
            logits.precision());
    // The second network's features are three times as large, and its logits the same.
    try (Model other = trained.copy(1);
        ModelTeacher teacher = new ModelTeacher(trained, Set.of("features.2"));
        ModelTeacher changed = new ModelTeacher(other, Set.of("features.2"))) {
      try (TensorScope scope = TensorScope.open("change")) {
        other.module().parameters().get("features.0.weight").mulInPlace(3);
        other.module().parameters().get("features.0.bias").mulInPlace(3);
        other.module().parameters().get("features.3.weight").mulInPlace(1.0 / 3);
      }
      Path file = label(key, teacher, 800);
      assertThat(Doctor.storedAnswers(file, key, DIGITS, 2, teacher).sentence())
          .isEqualTo("The teacher gives the same 64 answers again.");
      Finding finding = Doctor.storedAnswers(file, key, DIGITS, 2, changed);
      assertThat(finding.level()).isEqualTo(Level.FAULT);
      assertThat(finding.sentence())
          .matches("64 of 64 answers .* \\(features\\.2 of sample \\d+, view [01]\\)\\. Remove .*");
    }
  }

  @Test
  void damagedBlock_isAWarning() throws IOException {
    StoreKey key = key(Encoding.FLOAT32, Precision.FLOAT32);
    try (ModelTeacher teacher = new ModelTeacher(trained, Set.of())) {
      Path file = label(key, teacher, 800);
      Path shard = file.resolve("part-00000.store");
      byte[] bytes = Files.readAllBytes(shard);
      bytes[4096 + 48 + 800 * 12 + 77] ^= 1; // among the answers of the first of two blocks
      Files.write(shard, bytes);
      Finding finding = Doctor.storedAnswers(file, key, DIGITS, 2, teacher);
      assertThat(finding.level()).isEqualTo(Level.WARNING);
      assertThat(finding.sentence())
          .startsWith("Block 1 of 2 in the store ")
          .contains(" is damaged. Label the data again");
    }
  }
}
