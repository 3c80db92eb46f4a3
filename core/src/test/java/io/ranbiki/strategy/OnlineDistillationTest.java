package io.ranbiki.strategy;

import static io.ranbiki.strategy.Classroom.LABELS;
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
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Splits;
import io.ranbiki.model.Model;
import io.ranbiki.nn.Signal;
import io.ranbiki.objective.LossInputs;
import io.ranbiki.objective.Objective;
import io.ranbiki.objective.Progress;
import io.ranbiki.objective.SoftTargets;
import io.ranbiki.teacher.Combine;
import io.ranbiki.teacher.EnsembleTeacher;
import io.ranbiki.teacher.ModelTeacher;
import io.ranbiki.tensor.Engine;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.train.EpochStats;
import io.ranbiki.train.Supervision;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OnlineDistillationTest {

  private static final OnlineTeacher ENSEMBLE = new OnlineTeacher.Ensemble();
  private static final OnlineTeacher AVERAGE = new OnlineTeacher.Average(new Past.Average(0.5));

  @BeforeEach
  void oneThread() {
    Engine.setThreads(1);
  }

  @Test
  void theEnsemble_isTheMeanOfLogitsAndLearnsNothingByTeaching() {
    List<Model> networks = models(SMALL, NARROW, NORMALISED);
    try (TensorScope scope = TensorScope.open("ensemble");
        Generator generator = new Generator(0);
        Peers peers = new Peers(networks, ENSEMBLE)) {
      Batch batch = Classroom.batch(loader(4, 4));
      List<Signal> answers =
          networks.stream().map(network -> Signal.of(network.apply(batch.inputs()))).toList();
      List<List<Signal>> taught =
          peers.teach(new Supervision.Question(batch, Progress.START, null, answers));
      assertThat(taught).hasSize(3).allSatisfy(each -> assertThat(each).hasSize(1));
      Tensor ensemble = taught.get(0).get(0).logits();
      assertThat(ensemble.requiresGrad()).isFalse();
      List<float[]> logits = answers.stream().map(answer -> answer.logits().toFloats()).toList();
      for (int i = 0; i < logits.get(0).length; i++) {
        double sum = (double) logits.get(0)[i] + logits.get(1)[i] + logits.get(2)[i];
        assertThat((double) ensemble.toFloats()[i]).isCloseTo(sum / 3, within(1e-6));
      }
      // The loss of the first peer: half its cross-entropy, half T^2 KL(ensemble || peer).
      LossInputs inputs =
          new LossInputs(batch, answers.get(0), taught.get(0).get(0), Progress.START);
      try (Objective.Bound bound = LOGITS.bind(inputs, generator)) {
        bound.loss(inputs).backward();
      }
      for (int i = 1; i < 3; i++) {
        networks.get(i).module().parameters().values().forEach(p -> assertThat(p.grad()).isNull());
      }
    } finally {
      Classroom.close(networks);
    }
  }

  @Test
  void aStep_isTheStepBesideAFrozenEnsembleOfCopies() {
    List<Model> peers = models(SMALL, NARROW);
    List<Model> alone = models(SMALL, NARROW);
    List<Model> copies = models(SMALL, NARROW);
    new OnlineDistillation(LOGITS, options(1), 1, ENSEMBLE).fit(peers, loader(8, 8));
    for (int i = 0; i < 2; i++) {
      try (EnsembleTeacher teacher = ensemble(copies)) {
        new OfflineDistillation(LOGITS, options(1), 1).fit(alone.get(i), teacher, loader(8, 8));
      }
      assertSameBits(bits(peers.get(i)), bits(alone.get(i)));
    }
    Classroom.close(peers);
    Classroom.close(alone);
    Classroom.close(copies);
  }

  private static EnsembleTeacher ensemble(List<Model> members) {
    return EnsembleTeacher.ofEqual(
        members.stream().map(member -> new ModelTeacher(member, List.of())).toList(),
        new Combine.Logits());
  }

  @Test
  void theOrderOfPeers_doesNotMatter() {
    for (OnlineTeacher teacher : List.of(ENSEMBLE, AVERAGE)) {
      List<Model> peers = models(SMALL, NORMALISED);
      List<Model> reversed = models(SMALL, NORMALISED);
      new OnlineDistillation(LOGITS, options(2), 1, teacher).fit(peers, loader(8, 4));
      new OnlineDistillation(LOGITS, options(2), 1, teacher)
          .fit(List.of(reversed.get(1), reversed.get(0)), loader(8, 4));
      for (int i = 0; i < 2; i++) {
        assertSameBits(bits(reversed.get(i)), bits(peers.get(i)));
      }
      Classroom.close(peers);
      Classroom.close(reversed);
    }
  }

  @Test
  void theAverages_teachTheMeanOfTheirLogitsFromTheSecondEpochOn() {
    List<Model> networks = models(SMALL, NORMALISED);
    List<Model> averages = List.of(networks.get(0).copy(0), networks.get(1).copy(0));
    try (TensorScope scope = TensorScope.open("averages");
        Peers peers = new Peers(networks, AVERAGE)) {
      Batch batch = Classroom.batch(loader(4, 4));
      for (int i = 0; i < 2; i++) {
        networks.get(i).module().parameters().values().forEach(p -> p.mulInPlace(0.5));
        // At step 1 the average keeps 2/11 of the initial weights, and 9/11 are now half of them.
        averages.get(i).module().parameters().values().forEach(p -> p.mulInPlace((2 + 4.5) / 11));
        averages.get(i).module().eval();
      }
      peers.stepDone(1);
      List<Signal> answers =
          networks.stream().map(network -> Signal.of(network.apply(batch.inputs()))).toList();
      Progress first = new Progress(0, 2, 1, 2);
      assertThat(peers.teach(new Supervision.Question(batch, first, null, answers)))
          .containsExactly(List.of(), List.of());
      Progress second = new Progress(1, 2, 2, 2);
      List<List<Signal>> taught =
          peers.teach(new Supervision.Question(batch, second, null, answers));
      List<float[]> logits = new ArrayList<>();
      try (NoGrad noGrad = new NoGrad()) {
        averages.forEach(average -> logits.add(average.apply(batch.inputs()).toFloats()));
      }
      assertThat(taught).hasSize(2).allSatisfy(each -> assertThat(each).hasSize(1));
      float[] ensemble = taught.get(1).get(0).logits().toFloats();
      for (int i = 0; i < ensemble.length; i++) {
        assertThat((double) ensemble[i])
            .isCloseTo((logits.get(0)[i] + logits.get(1)[i]) / 2, within(1e-5));
      }
    } finally {
      Classroom.close(networks);
      Classroom.close(averages);
    }
  }

  @Test
  void samplesWithoutLabels_areLearntFromTheFormedTeacher() {
    for (OnlineTeacher teacher : List.of(ENSEMBLE, AVERAGE)) {
      List<Model> peers = models(SMALL, NARROW);
      EpochStats stats =
          new OnlineDistillation(LOGITS, options(2), 1, teacher)
              .fit(peers, loader(Splits.unlabelled(Classroom.images(8)), 4))
              .get(1);
      assertThat((double) stats.terms().get("hard-labels")).isZero();
      assertThat(stats.terms().get("soft-targets")).isPositive();
      Classroom.close(peers);
    }
  }

  private static void refused(
      Objective objective, int epochs, OnlineTeacher teacher, String message) {
    assertThatThrownBy(() -> new OnlineDistillation(objective, options(epochs), 1, teacher))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(message);
  }

  @Test
  void whatPeersCannotTeachTogether_isRefusedWhenMade() {
    refused(
        LABELS,
        2,
        ENSEMBLE,
        "Online distillation would teach nothing, because no term of the objective compares with a teacher; add soft-targets.");
    refused(
        LAYERS,
        2,
        ENSEMBLE,
        "In online distillation the peers together give logits, and not the layers [features.1] that the objective reads; leave out the terms that read them, or let the peers teach each other by mutual learning.");
    refused(
        Objective.of(new SoftTargets(1, 4)),
        2,
        AVERAGE,
        "Online distillation begins without a past to learn from, but every term of the objective needs a teacher; add hard-labels.");
    refused(
        LOGITS,
        1,
        AVERAGE,
        "Online distillation would never teach: its average first teaches in epoch 2, but there are 1 epochs; train longer.");
    assertThat(new OnlineDistillation(Objective.of(new SoftTargets(1, 4)), options(1), 1, ENSEMBLE))
        .isNotNull();
  }

  @Test
  void onePeer_isRefusedBeforeTraining() {
    try (Model alone = Model.create(SMALL, 1)) {
      assertThatThrownBy(
              () ->
                  new OnlineDistillation(LOGITS, options(1), 1, ENSEMBLE)
                      .fit(List.of(alone), loader(8, 4)))
          .isInstanceOf(RanbikiException.class)
          .hasMessage("1 peers cannot teach each other; give 2 or more.");
    }
  }
}
