package io.ranbiki.strategy;

import static io.ranbiki.strategy.Classroom.LABELS;
import static io.ranbiki.strategy.Classroom.LARGE;
import static io.ranbiki.strategy.Classroom.LAYERS;
import static io.ranbiki.strategy.Classroom.LOGITS;
import static io.ranbiki.strategy.Classroom.NARROW;
import static io.ranbiki.strategy.Classroom.NORMALISED;
import static io.ranbiki.strategy.Classroom.SMALL;
import static io.ranbiki.strategy.Classroom.assertSameBits;
import static io.ranbiki.strategy.Classroom.bits;
import static io.ranbiki.strategy.Classroom.loader;
import static io.ranbiki.strategy.Classroom.models;
import static io.ranbiki.strategy.Classroom.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.Golden;
import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Splits;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.nn.Signal;
import io.ranbiki.objective.HardLabels;
import io.ranbiki.objective.Hint;
import io.ranbiki.objective.LayerPair;
import io.ranbiki.objective.LossBreakdown;
import io.ranbiki.objective.LossInputs;
import io.ranbiki.objective.Objective;
import io.ranbiki.objective.Progress;
import io.ranbiki.objective.SoftTargets;
import io.ranbiki.teacher.ModelTeacher;
import io.ranbiki.tensor.Engine;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import io.ranbiki.train.EpochStats;
import io.ranbiki.train.Supervision;
import io.ranbiki.train.TrainingListener;
import io.ranbiki.train.Watch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MutualLearningTest {

  private static final Objective HINTS =
      Objective.of(
          new HardLabels(1), new Hint(1, List.of(new LayerPair("features.1", "features.1"))));

  @BeforeEach
  void oneThread() {
    Engine.setThreads(1);
  }

  static List<String> cases() {
    return Golden.ids("19-dml.");
  }

  /** Source of the values: see the golden index; float64, peers' answers constant. */
  @ParameterizedTest
  @MethodSource("cases")
  void lossesAndGradients_areThoseOfTheReference(String id) {
    try (TensorScope scope = TensorScope.open("golden");
        Generator generator = new Generator(0)) {
      Golden golden = Golden.load(id);
      int networks = (int) golden.number("networks");
      // Here a term is the mean over the others; the authors' code adds them up.
      double weight = golden.hyper("peer_weight").asText().equals("1") ? networks - 1 : 1;
      Objective objective =
          Objective.of(new HardLabels(1), new SoftTargets(weight, golden.number("temperature")));
      List<Tensor> logits = new ArrayList<>();
      List<Signal> answers = new ArrayList<>();
      for (int i = 0; i < networks; i++) {
        logits.add(golden.leaf("in.logits." + i));
        answers.add(Signal.of(logits.get(i)));
      }
      double sum = 0;
      List<List<LossInputs>> allInputs = allInputs(answers, golden.tensor("in.labels"));
      for (int i = 0; i < networks; i++) {
        try (Objective.Bound bound = objective.bind(allInputs.get(i), generator)) {
          LossBreakdown loss = bound.loss(allInputs.get(i));
          golden.check("out.loss." + i, loss.values().total());
          loss.backward();
          sum += loss.values().total();
        }
      }
      golden.check("out.loss", sum);
      for (int i = 0; i < networks; i++) {
        golden.checkGrad("in.logits." + i, logits.get(i));
      }
    }
  }

  @Test
  void onePeersLoss_givesTheOthersNoGradient() {
    try (TensorScope scope = TensorScope.open("gradients");
        Generator generator = new Generator(0)) {
      List<Signal> answers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        Tensor logits = generator.uniform(-1, 1, 2, 4).setRequiresGrad(true);
        answers.add(Signal.of(logits));
      }
      List<LossInputs> first = allInputs(answers, Tensors.of(new long[] {0, 3}, 2)).get(0);
      try (Objective.Bound bound = LOGITS.bind(first, generator)) {
        bound.loss(first).backward();
      }
      assertThat(answers.get(0).logits().grad()).isNotNull();
      assertThat(answers.get(1).logits().grad()).isNull();
      assertThat(answers.get(2).logits().grad()).isNull();
    }
  }

  /** What each peer is taught by, as mutual learning says. */
  private static List<List<LossInputs>> allInputs(List<Signal> answers, Tensor labels) {
    long samples = labels.size(0);
    Batch batch =
        new Batch(Tensors.zeros(samples, 3), labels, LongStream.range(0, samples).toArray(), 0);
    int classes = (int) answers.get(0).logits().size(1);
    ModelSpec spec = ModelSpec.of("mlp", List.of(3), classes);
    List<Model> networks = models(answers.stream().map(answer -> spec).toArray(ModelSpec[]::new));
    List<List<LossInputs>> allInputs = new ArrayList<>();
    try (Peers peers = new Peers(networks, new Peers.EachOther())) {
      List<List<Signal>> taught =
          peers.teach(new Supervision.Question(batch, Progress.START, null, answers));
      for (int i = 0; i < answers.size(); i++) {
        Signal own = answers.get(i);
        allInputs.add(
            taught.get(i).stream()
                .map(other -> new LossInputs(batch, own, other, Progress.START))
                .toList());
      }
    } finally {
      Classroom.close(networks);
    }
    return allInputs;
  }

  @Test
  void aStepWithHints_isTheStepBesideAFrozenCopyOfTheOtherPeer() {
    List<Model> peers = models(SMALL, NARROW);
    List<Model> alone = models(SMALL, NARROW);
    new MutualLearning(LAYERS, options(1), 1).fit(peers, loader(8, 8));
    try (ModelTeacher teacher = new ModelTeacher(alone.get(1), LAYERS.teacherLayers())) {
      new OfflineDistillation(LAYERS, options(1), 1).fit(alone.get(0), teacher, loader(8, 8));
    }
    assertSameBits(bits(peers.get(0)), bits(alone.get(0)));
    Classroom.close(peers);
    Classroom.close(alone);
  }

  @Test
  void aPeer_learnsNothingByTeaching() {
    List<Model> peers = models(SMALL, NARROW);
    List<Model> alone = models(SMALL, NARROW);
    List<Model> others = models(SMALL, NARROW);
    new MutualLearning(LOGITS, options(1), 1).fit(peers, loader(8, 8));
    for (int i = 0; i < 2; i++) {
      try (ModelTeacher teacher = new ModelTeacher(others.get(1 - i), List.of())) {
        new OfflineDistillation(LOGITS, options(1), 1).fit(alone.get(i), teacher, loader(8, 8));
      }
      assertSameBits(bits(peers.get(i)), bits(alone.get(i)));
    }
    Classroom.close(peers);
    Classroom.close(alone);
    Classroom.close(others);
  }

  @Test
  void theOrderOfPeers_doesNotMatter() {
    List<Model> peers = models(SMALL, NARROW, NORMALISED);
    List<Model> reversed = models(SMALL, NARROW, NORMALISED);
    new MutualLearning(LOGITS, options(2), 1).fit(peers, loader(16, 8));
    new MutualLearning(LOGITS, options(2), 1)
        .fit(List.of(reversed.get(2), reversed.get(1), reversed.get(0)), loader(16, 8));
    for (int i = 0; i < 3; i++) {
      assertSameBits(bits(reversed.get(i)), bits(peers.get(i)));
    }
    Classroom.close(peers);
    Classroom.close(reversed);
  }

  @Test
  void peersOfDifferentWidths_areEachGivenAProjectorForEveryOther() {
    List<Model> peers = models(LARGE, SMALL, NARROW);
    List<String> notes = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void note(String note) {
            notes.add(note);
          }
        };
    List<EpochStats> history =
        new MutualLearning(HINTS, options(2), 1)
            .fit(peers, loader(8, 4), new Watch(model -> 0, null, () -> false, listener));
    assertThat(history).allSatisfy(epoch -> assertThat(epoch.terms().get("hint")).isPositive());
    assertThat(notes)
        .containsExactlyInAnyOrder(
            "hint: features.1 -> features.1: 1x1 convolution 64 to 16.",
            "hint: features.1 -> features.1: 1x1 convolution 64 to 4.",
            "hint: features.1 -> features.1: 1x1 convolution 16 to 64.",
            "hint: features.1 -> features.1: 1x1 convolution 16 to 4.",
            "hint: features.1 -> features.1: 1x1 convolution 4 to 64.",
            "hint: features.1 -> features.1: 1x1 convolution 4 to 16.");
    Classroom.close(peers);
  }

  @Test
  void aPeer_isAskedOnceAStep() {
    List<Model> peers = models(NORMALISED, NORMALISED, NORMALISED);
    new MutualLearning(LOGITS, options(2), 1).fit(peers, loader(12, 4));
    assertThat(peers).allSatisfy(peer -> assertThat(timesAsked(peer)).isEqualTo(6));
    Classroom.close(peers);
  }

  private static double timesAsked(Model normalised) {
    return normalised.module().state().entrySet().stream()
        .filter(entry -> entry.getKey().endsWith("num_batches_tracked"))
        .mapToDouble(entry -> entry.getValue().item())
        .max()
        .orElseThrow();
  }

  @Test
  void samplesWithoutLabels_areLearntFromEachOther() {
    List<Model> peers = models(SMALL, NARROW);
    EpochStats stats =
        new MutualLearning(LAYERS, options(1), 1)
            .fit(peers, loader(Splits.unlabelled(Classroom.images(8)), 4))
            .get(0);
    assertThat((double) stats.terms().get("hard-labels")).isZero();
    assertThat(stats.terms().get("soft-targets")).isPositive();
    assertThat(stats.terms().get("hint")).isPositive();
    Classroom.close(peers);
  }

  private static void refused(List<Model> peers, Objective objective, String message) {
    long before = Tensor.live();
    List<Map<String, float[]>> weights = peers.stream().map(Classroom::bits).toList();
    assertThatThrownBy(() -> new MutualLearning(objective, options(1), 1).fit(peers, loader(8, 4)))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(message);
    assertThat(Tensor.live()).isEqualTo(before);
    for (int i = 0; i < peers.size(); i++) {
      assertSameBits(bits(peers.get(i)), weights.get(i));
    }
  }

  @Test
  void cohortsThatCannotTeachEachOther_areRefusedBeforeTraining() {
    ModelSpec more = ModelSpec.of("student-cnn", Classroom.IMAGE, 5);
    List<Model> models = models(SMALL, SMALL, more, NORMALISED);
    Model first = models.get(0);
    refused(List.of(), LOGITS, "0 peers cannot teach each other; give 2 or more.");
    refused(List.of(first), LOGITS, "1 peers cannot teach each other; give 2 or more.");
    refused(
        List.of(first, models.get(1), first),
        LOGITS,
        "The peer 3 is the same network as one before it, and would teach itself; give each a network of its own.");
    refused(
        List.of(first, models.get(2)),
        LOGITS,
        "The peer 1, student-cnn, answers 4 classes and the peer 2, student-cnn, answers 5; all must have the same classes.");
    try (Model copy = first.copy(7)) {
      refused(
          List.of(models.get(1), first, copy),
          LOGITS,
          "Peer 3 begins with the weights of peer 2, and both would answer the same; give each a seed of its own.");
    }
    refused(
        List.of(first, models.get(3)),
        LAYERS,
        "The student resnet(depth=8, width=4) has no module 'features.1'; the nearest paths are 'layer1', 'layer1.0', 'layer2.0'.");
    refused(
        List.of(first, models.get(1)),
        LABELS,
        "Mutual learning would teach nothing, because no term of the objective compares with a teacher; add soft-targets.");
    first.module().freeze();
    refused(
        List.of(first, models.get(1)),
        LOGITS,
        "The student student-cnn is frozen, as every network is that has taught; train a new one, or a copy of it.");
    Classroom.close(models);
  }

  @Test
  void aLossThatIsNotFinite_namesThePeer() {
    List<Model> peers = models(SMALL, NARROW);
    peers.get(1).module().parameters().values().forEach(weights -> weights.fill(Double.NaN));
    assertThatThrownBy(
            () ->
                new MutualLearning(
                        Objective.of(new HardLabels(1), new SoftTargets(0, 1)), options(1), 1)
                    .fit(List.of(peers.get(0), peers.get(1)), loader(8, 4)))
        .isInstanceOf(RanbikiException.class)
        .hasMessageStartingWith("The loss of peer ")
        .hasMessageEndingWith(
            "; the weights of the step before are kept. Check the options of the terms, and the weights of all networks.");
    Classroom.close(peers);
  }
}
