package io.ranbiki.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.Golden;
import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.nn.Signal;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnsembleTeacherTest {

  private static final Combine MEAN = new Combine.Logits();

  static List<String> cases() {
    return Golden.ids("26-ensemble.");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void softTargets_agreeWithTheReference(String id) {
    try (TensorScope scope = TensorScope.open("golden")) {
      Golden golden = Golden.load(id);
      double temperature = golden.number("temperature");
      List<Teacher> members = new ArrayList<>();
      for (int m = 0; m < golden.count("in.teacher_logits"); m++) {
        members.add(new Fixed(golden.tensor("in.teacher_logits." + m), Map.of()));
      }
      double[] weights =
          IntStream.range(0, members.size())
              .mapToDouble(m -> 8 * golden.hyper("weights").get(m).asDouble())
              .toArray();
      Combine combine =
          id.contains("probs") ? new Combine.Probabilities(temperature) : new Combine.Logits();

      Tensor logits = new EnsembleTeacher(members, weights, combine).signal(batch(1)).logits();

      golden.check("out.soft_targets", logits.div(temperature).softmax(1));
      Tensor student = golden.leaf("in.student_logits");
      Tensor loss = Functional.softTargetLoss(student, logits, temperature);
      golden.check("out.loss", loss);
      loss.backward();
      golden.checkGrad("in.student_logits", student);
    }
  }

  @Test
  void meanOfProbabilities_staysFiniteWhereProbabilitiesVanish() {
    try (TensorScope scope = TensorScope.open("test")) {
      Teacher one = new Fixed(Tensors.of(new float[] {200, -200, 0}, 1, 3), Map.of());
      Teacher two = new Fixed(Tensors.of(new float[] {-200, 0, 200}, 1, 3), Map.of());
      Teacher ensemble = EnsembleTeacher.ofEqual(List.of(one, two), new Combine.Probabilities(1));

      float[] probabilities = ensemble.signal(batch(1)).logits().softmax(1).toFloats();

      assertThat(probabilities).usingComparatorWithPrecision(1e-6f).contains(0.5f, 0f, 0.5f);
      assertThat(ensemble.signal(batch(1)).logits().isAllFinite()).isTrue();
    }
  }

  @Test
  void aMemberOfWeightZero_hasNoSayEvenIfItsAnswerIsNotANumber() {
    try (TensorScope scope = TensorScope.open("test")) {
      Teacher broken = new Fixed(Tensors.of(new float[] {Float.NaN, 1}, 1, 2), Map.of());
      Teacher sound = new Fixed(Tensors.of(new float[] {3, 4}, 1, 2), Map.of());

      Teacher ensemble =
          new EnsembleTeacher(List.of(broken, sound), new double[] {0, 2}, new Combine.Logits());

      assertThat(ensemble.signal(batch(1)).logits().toFloats()).containsExactly(3, 4);
    }
  }

  @Test
  void features_carryTheNumberOfTheirTeacher() {
    try (TensorScope scope = TensorScope.open("test")) {
      Tensor logits = Tensors.zeros(1, 2);
      Teacher one = new Fixed(logits, Map.of("features.2", Tensors.full(1, logits.dtype(), 1, 4)));
      Teacher two = new Fixed(logits, Map.of("features.2", Tensors.full(2, logits.dtype(), 1, 4)));

      Signal signal = EnsembleTeacher.ofEqual(List.of(one, two), MEAN).signal(batch(1));

      assertThat(signal.feature("0.features.2").toFloats()).containsOnly(1);
      assertThat(signal.feature("1.features.2").toFloats()).containsOnly(2);
    }
  }

  @Test
  void anAnswer_leavesOnlyItsOwnTensorsBehind() {
    try (TensorScope scope = TensorScope.open("test")) {
      Teacher teacher =
          EnsembleTeacher.ofEqual(
              List.of(
                  new Fixed(Tensors.zeros(1, 2), Map.of()),
                  new Fixed(Tensors.zeros(1, 2), Map.of())),
              new Combine.Probabilities(4));
      Batch batch = batch(1);
      long before = Tensor.live();

      teacher.signal(batch);

      assertThat(Tensor.live() - before).isEqualTo(1);
    }
  }

  @Test
  void teachersWithDifferentClasses_areRefused() {
    try (TensorScope scope = TensorScope.open("test")) {
      List<Teacher> members =
          List.of(
              new Fixed(Tensors.zeros(1, 10), Map.of()), new Fixed(Tensors.zeros(1, 7), Map.of()));
      assertThatThrownBy(() -> EnsembleTeacher.ofEqual(members, MEAN))
          .isInstanceOf(RanbikiException.class)
          .hasMessage(
              "The teachers of an ensemble must have the same classes, but fixed has 10 and fixed has 7; leave one of them out.");
    }
  }

  @Test
  void noTeachers_areRefused() {
    assertThatThrownBy(() -> EnsembleTeacher.ofEqual(List.of(), MEAN))
        .isInstanceOf(RanbikiException.class)
        .hasMessage("An ensemble has no teachers; name one or more.");
  }

  @Test
  void weights_mustBeOneATeacher() {
    assertThatThrownBy(() -> EnsembleTeacher.normalize(3, new double[] {1, 1}))
        .isInstanceOf(RanbikiException.class)
        .hasMessageStartingWith("An ensemble of 3 teachers has 2 weights");
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, Double.NaN, Double.POSITIVE_INFINITY})
  void weights_mustBeFiniteAndNotNegative(double weight) {
    assertThatThrownBy(() -> EnsembleTeacher.normalize(2, new double[] {1, weight}))
        .isInstanceOf(RanbikiException.class)
        .hasMessage("The weight " + weight + " of an ensemble must be a finite number, 0 or more.");
  }

  @Test
  void weights_mustHaveAPositiveSum() {
    assertThatThrownBy(() -> EnsembleTeacher.normalize(2, new double[] {0, 0}))
        .isInstanceOf(RanbikiException.class)
        .hasMessageContaining("[0.0, 0.0]")
        .hasMessageContaining("above 0");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void temperature_mustBeFiniteAndAboveZero(double temperature) {
    assertThatThrownBy(() -> new Combine.Probabilities(temperature))
        .isInstanceOf(RanbikiException.class)
        .hasMessageContaining(Double.toString(temperature));
  }

  private static Batch batch(int size) {
    return new Batch(Tensors.zeros(size, 1), Tensors.of(new long[size], size), new long[size], 0);
  }

  /** A teacher that gives copies of the same answer to every batch. */
  private record Fixed(Tensor logits, Map<String, Tensor> features) implements Teacher {
    @Override
    public Signal signal(Batch batch) {
      Map<String, Tensor> copies = new java.util.LinkedHashMap<>();
      features.forEach((path, feature) -> copies.put(path, feature.copy()));
      return new Signal(logits.copy(), copies);
    }

    @Override
    public int classes() {
      return (int) logits.size(1);
    }

    @Override
    public String title() {
      return "fixed";
    }

    @Override
    public void close() {}
  }
}
