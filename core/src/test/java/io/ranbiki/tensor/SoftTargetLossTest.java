package io.ranbiki.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The gradient that is given must be the one that PyTorch's own way back would find. */
class SoftTargetLossTest {

  private static final double TEMPERATURE = 3;

  private TensorScope scope;

  @BeforeEach
  void open() {
    scope = TensorScope.open("test");
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static Tensor leaf() {
    return Tensors.of(new float[] {1, -2, 0.5f, 3, 0, -80, 80, 1}, 2, 4).setRequiresGrad(true);
  }

  private static Tensor target() {
    return Tensors.of(new float[] {0, 1, -1, 2, 4, 80, -80, 0.25f}, 2, 4);
  }

  private static Tensor loss(Tensor logits) {
    return Functional.softTargetLoss(logits, target(), TEMPERATURE);
  }

  /** The definition, every operation of it recorded. */
  private static Tensor recorded(Tensor logits) {
    Tensor input = logits.div(TEMPERATURE).logSoftmax(1);
    Tensor target = target().div(TEMPERATURE).logSoftmax(1);
    return target.exp().mul(target.sub(input)).sum().mul(TEMPERATURE * TEMPERATURE / 2);
  }

  private static float[] gradient(Tensor leaf) {
    Tensor gradient = leaf.grad();
    assertThat(gradient).isNotNull();
    return gradient.toFloats();
  }

  static Map<String, Consumer<Tensor>> ways() {
    return Map.of(
        "backward", Tensor::backward,
        "keeping the graph", Tensor::backwardKeepingGraph,
        "with weights", loss -> Tensors.backward(List.of(loss, loss), List.of(0.75, 0.25)),
        "computed on", loss -> loss.mul(0.75).add(loss.mul(0.25)).backward(),
        "kept", loss -> loss.keep().backward());
  }

  @ParameterizedTest
  @MethodSource("names")
  void everyWayBack_findsTheRecordedGradient(String way) {
    Tensor expected = leaf();
    recorded(expected.mul(1.5)).backward();
    Tensor leaf = leaf();

    Tensor loss = loss(leaf.mul(1.5));
    ways().get(way).accept(loss);
    loss.close();

    assertThat(gradient(leaf))
        .usingComparatorWithPrecision(1e-5f)
        .containsExactly(gradient(expected));
  }

  static Set<String> names() {
    return ways().keySet();
  }

  @Test
  void aKeptNumber_outlivesTheScopeOfWhatItCameFrom() {
    Tensor expected = leaf();
    recorded(expected.mul(1.5)).backward();
    Tensor leaf = leaf();
    Tensor kept;
    try (TensorScope inner = TensorScope.open("inner")) {
      kept = loss(leaf.mul(1.5)).keep();
    }

    kept.backward();
    kept.close();

    assertThat(gradient(leaf))
        .usingComparatorWithPrecision(1e-5f)
        .containsExactly(gradient(expected));
  }

  @Test
  void besideAnotherNumberOfTheSameTensor_gradientsAddUp() {
    Tensor expected = leaf();
    Tensor before = expected.mul(1);
    recorded(before).mul(0.5).add(before.sum()).backward();
    Tensor leaf = leaf();
    Tensor logits = leaf.mul(1);

    Tensors.backward(List.of(loss(logits), logits.sum()), List.of(0.5, 1.0));

    assertThat(gradient(leaf))
        .usingComparatorWithPrecision(1e-5f)
        .containsExactly(gradient(expected));
  }

  @Test
  void theNumber_isTheSameHoweverItIsRead() {
    double expected = recorded(leaf()).item();

    Tensor loss = loss(leaf());

    assertThat(loss.requiresGrad()).isTrue();
    assertThat(loss.item()).isCloseTo(expected, within(1e-5 * expected));
    assertThat(loss.toDoubles()[0]).isCloseTo(expected, within(1e-5 * expected));
    assertThat(loss.mul(2).item()).isCloseTo(2 * expected, within(1e-5 * expected));
    assertThat(loss.shape()).isEmpty();
    Tensor cut = loss.detach();
    assertThat(cut.item()).isCloseTo(expected, within(1e-5 * expected));
    assertThat(cut.requiresGrad()).isFalse();
  }

  @Test
  void nothingIsRecorded_whereNothingIsAskedFor() {
    double expected = recorded(leaf()).item();

    Tensor constant = loss(leaf().detach());
    assertThat(constant.requiresGrad()).isFalse();
    assertThat(constant.item()).isCloseTo(expected, within(1e-5 * expected));
    try (NoGrad noGrad = new NoGrad()) {
      assertThat(loss(leaf()).requiresGrad()).isFalse();
    }
  }

  @Test
  void aClosedNumber_saysSo() {
    Tensor loss = loss(leaf());
    loss.close();

    assertThatThrownBy(() -> Tensors.backward(List.of(loss), List.of(1.0)))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("used after it was closed by close()");
    assertThatThrownBy(loss::requiresGrad).isInstanceOf(TensorException.class);
    assertThatThrownBy(loss::item).isInstanceOf(TensorException.class);
  }

  @Test
  void closedLogits_leaveTheWayBackOpen() {
    Tensor leaf = leaf();
    Tensor logits = leaf.mul(1);
    Tensor loss = loss(logits);
    logits.close();

    Tensors.backward(List.of(loss), List.of(1.0));

    assertThat(gradient(leaf)).hasSize(8);
  }

  @Test
  void theTarget_getsNoGradient() {
    Tensor target = target().setRequiresGrad(true);

    Functional.softTargetLoss(leaf(), target, 1).backward();

    assertThat(target.grad()).isNull();
  }
}
