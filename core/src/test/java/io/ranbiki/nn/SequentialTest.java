package io.ranbiki.nn;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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
}
