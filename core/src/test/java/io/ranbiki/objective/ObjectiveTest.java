package io.ranbiki.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Weights and temperatures that change while a student is trained. */
class ObjectiveTest {

  private static final int EPOCHS = 10;
  private static final float[] STUDENT = {0.3f, -1.2f, 0.8f, 2.1f, 0.4f, -0.6f};
  private static final float[] TEACHER = {1.5f, 0.2f, -0.9f, -0.3f, 2.2f, 0.7f};

  /** The moment after so many epochs of 4 steps. */
  private static Progress after(double epochs) {
    return new Progress((int) epochs, EPOCHS, Math.round(4 * epochs), 4);
  }

  private static LossInputs inputs(Tensor student, double epochs) {
    LossInputs start =
        LossExamples.of(student, Tensors.of(TEACHER, 2, 3), Tensors.of(new long[] {2, 0}, 2));
    return new LossInputs(start.batch(), start.student(), start.teacher(), after(epochs));
  }

  private static Tensor student() {
    return Tensors.of(STUDENT, 2, 3).setRequiresGrad(true);
  }

  /** The breakdown of an objective that was bound at the beginning, as a run binds it. */
  private static LossBreakdown loss(Objective objective, Tensor student, double epochs) {
    try (Generator generator = new Generator(1);
        Objective.Bound bound = objective.bind(inputs(student, 0), generator)) {
      return bound.loss(inputs(student, epochs));
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 0, 3", "0.25, 0.05, 2.9", "2.5, 0.5, 2", "5, 1, 1", "7, 1, 1", "10, 1, 1"})
  void weights_areThoseOfTheMoment_inTheLossAndInItsGradient(
      double epochs, double rising, double falling) {
    HardLabels labels = new HardLabels(Ramp.linear(3, 1, 5), 0);
    SoftTargets soft = new SoftTargets(Ramp.warmUp(1, 5), Ramp.constant(2));
    try (TensorScope scope = TensorScope.open("weights")) {
      Tensor student = student();
      LossBreakdown both = loss(Objective.of(labels, soft), student, epochs);
      both.backward();

      Tensor alone = student();
      loss(Objective.of(new HardLabels(1)), alone, epochs).backward();
      Tensor taught = student();
      LossBreakdown one = loss(Objective.of(new SoftTargets(1, 2)), taught, epochs);
      one.backward();

      assertThat(both.weights().get("soft-targets")).isCloseTo(rising, within(1e-12));
      assertThat(both.weights().get("hard-labels")).isCloseTo(falling, within(1e-12));
      assertThat(both.values().total())
          .isCloseTo(
              falling * both.terms().get("hard-labels").item() + rising * one.values().total(),
              within(1e-5));
      float[] gradient = student.grad().toFloats();
      for (int i = 0; i < gradient.length; i++) {
        assertThat((double) gradient[i])
            .isCloseTo(
                falling * alone.grad().toFloats()[i] + rising * taught.grad().toFloats()[i],
                within(1e-6));
      }
    }
  }

  private static Named<Function<Ramp, Term>> term(Function<Ramp, Term> of) {
    return Named.of(of.apply(Ramp.constant(1)).name(), of);
  }

  static Stream<Named<Function<Ramp, Term>>> termsWithATemperature() {
    Ramp one = Ramp.constant(1);
    return Stream.of(
        term(t -> new SoftTargets(one, t)),
        term(t -> new DivergenceTargets(one, t, 0.3, Reduction.MEAN)),
        term(t -> new Dkd(one, t, 1, 8, false)),
        term(t -> new TopKTargets(one, t, 2, TopKTargets.Missing.BUCKET)),
        term(t -> new Dist(one, t, 1, 1)),
        term(t -> new StandardizedTargets(one, t)));
  }

  @ParameterizedTest
  @MethodSource("termsWithATemperature")
  void temperature_isThatOfTheMoment(Function<Ramp, Term> term) {
    Ramp falling = Ramp.linear(6, 2, 8);
    try (TensorScope scope = TensorScope.open("temperature")) {
      List<Double> values =
          Stream.of(0.0, 0.25, 4.0, 8.0, 10.0)
              .map(
                  epochs -> {
                    double now = Math.max(2, 6 - epochs / 2);
                    double value = value(term.apply(falling), epochs);
                    assertThat(value)
                        .as("after %s epochs", epochs)
                        .isCloseTo(value(term.apply(Ramp.constant(now)), 0), within(1e-6));
                    return value;
                  })
              .toList();
      assertThat(values.subList(0, 4)).doesNotHaveDuplicates();
      assertThat(values.get(4)).isEqualTo(values.get(3));
    }
  }

  private static double value(Term term, double epochs) {
    return loss(Objective.of(term), student(), epochs).values().total();
  }
}
