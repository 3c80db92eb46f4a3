package io.ranbiki.nn;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SequentialTest {

  private TensorScope scope;
  private Generator generator;
  private Sequential row;
  private Tensor input;

  @BeforeEach
  void create() {
    scope = TensorScope.open("test");
    generator = new Generator(1);
    row =
        new Sequential(
            new Dropout(0.5, generator), // hands its input on in evaluation mode
            new Linear(4, 4, generator),
            new Dropout(0.5, generator),
            new Sequential(new Dropout(0.5, generator), Activation.relu()),
            new Linear(4, 3, generator));
    row.eval();
    input = generator.normal(0, 1, 2, 4);
  }

  @AfterEach
  void close() {
    row.close();
    generator.close();
    scope.close();
  }

  @Test
  void withoutGradients_onlyTheOutputIsLeft() {
    float[] expected = row.apply(input).toFloats();
    try (NoGrad noGrad = new NoGrad()) {
      long before = Tensor.live();
      Tensor output = row.apply(input);
      assertThat(Tensor.live()).isEqualTo(before + 1);
      assertThat(output.toFloats()).isEqualTo(expected);
    }
    assertThat(input.isClosed()).isFalse();
  }

  @Test
  void withoutGradients_tappedOutputsStay() {
    try (NoGrad noGrad = new NoGrad();
        Taps taps = Taps.open(row, List.of("1", "3.1"))) {
      row.apply(input);
      Map<String, Tensor> outputs = taps.take();
      assertThat(outputs.get("3.1").toFloats()).isEqualTo(outputs.get("1").relu().toFloats());
    }
  }

  @Test
  void withGradients_everythingIsKept() {
    long before = Tensor.live();
    row.apply(input).sum().backward();
    assertThat(Tensor.live()).isEqualTo(before + 4); // two linear layers, a ReLU and the sum
  }

  @Test
  void reluBeforeMaxPool_givesTheSameBitsTappedOrNot() {
    Tensor images = generator.normal(0, 1, 3, 2, 6, 6).setRequiresGrad(true);
    try (Sequential pooled =
        new Sequential(
            new Conv2d(Conv2d.Options.of(2, 3, 3).padding(1), generator),
            Activation.relu(),
            Pool.max(2))) {
      Tensor quick = pooled.apply(images);
      quick.pow(2).sum().backward();
      float[] gradient = images.grad().toFloats();
      images.clearGrad();
      try (Taps taps = Taps.open(pooled, List.of("1", "2"))) {
        Tensor slow = pooled.apply(images);
        slow.pow(2).sum().backward();
        Map<String, Tensor> outputs = taps.take();
        assertThat(outputs.get("1").shape()).containsExactly(3, 3, 6, 6);
        assertThat(slow.toFloats()).isEqualTo(quick.toFloats());
        assertThat(images.grad().toFloats()).isEqualTo(gradient);
      }
    }
  }

  /** GELU and SiLU fall and rise: the largest of their values need not be that of the largest. */
  @ParameterizedTest
  @EnumSource(Activation.Kind.class)
  void anyActivationBeforeMaxPool_givesWhatTheOrderSays(Activation.Kind kind) {
    Tensor images = generator.normal(-1, 1, 3, 2, 6, 6);
    try (Activation activation = new Activation(kind);
        Sequential pooled = new Sequential(new Activation(kind), Pool.max(2))) {
      Tensor expected = Functional.maxPool2d(activation.apply(images), 2, 2, 0);
      assertThat(pooled.apply(images).toFloats()).isEqualTo(expected.toFloats());
    }
  }

  @Test
  void reluBeforeAveragePool_staysThere() {
    Tensor images = generator.normal(0, 1, 3, 2, 6, 6);
    try (Sequential pooled = new Sequential(Activation.relu(), Pool.average(2))) {
      Tensor expected = Functional.avgPool2d(images.relu(), 2, 2, 0, true);
      assertThat(pooled.apply(images).toFloats()).isEqualTo(expected.toFloats());
    }
  }
}
