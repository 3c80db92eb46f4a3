package io.ranbiki.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TensorScopeTest {

  @Test
  void closingAScope_closesWhatWasMadeInside() {
    long before = Tensor.live();
    Tensor inside;
    try (TensorScope scope = TensorScope.open("step")) {
      inside = Tensors.ones(2, 3).add(1);
      assertThat(inside.toFloats()).containsOnly(2f);
    }
    assertThat(inside.isClosed()).isTrue();
    assertThat(Tensor.live()).isEqualTo(before);
  }

  @Test
  void useAfterClose_saysWhichScopeClosedIt() {
    Tensor inside;
    try (TensorScope scope = TensorScope.open("step")) {
      inside = Tensors.ones(2);
    }
    assertThatThrownBy(() -> inside.add(1))
        .isInstanceOf(TensorException.class)
        .hasMessage(
            "a tensor was used after it was closed by scope 'step'; keep() it if it must outlive that, or read its values before");
  }

  @Test
  void closedArgument_isAnErrorAndNotDropped() {
    try (TensorScope scope = TensorScope.open("step")) {
      Tensor bias = Tensors.ones(1);
      bias.close();
      assertThatThrownBy(() -> Functional.linear(Tensors.ones(1, 1), Tensors.ones(1, 1), bias))
          .isInstanceOf(TensorException.class)
          .hasMessageContaining("closed by close()");
    }
  }

  @Test
  void keep_outlivesTheScopeAndCloses() {
    long before = Tensor.live();
    Tensor kept;
    try (TensorScope scope = TensorScope.open("step")) {
      kept = Tensors.full(7, DType.FLOAT32, 3).keep();
    }
    assertThat(kept.toFloats()).containsExactly(7, 7, 7);
    kept.close();
    kept.close();
    assertThat(Tensor.live()).isEqualTo(before);
  }

  @Test
  void passOut_movesAResultToTheScopeAround() {
    long before = Tensor.live();
    Tensor result;
    try (TensorScope outer = TensorScope.open("outer")) {
      try (TensorScope inner = TensorScope.open("inner")) {
        result = inner.passOut(Tensors.ones(2).add(Tensors.ones(2)));
      }
      assertThat(result.toFloats()).containsExactly(2, 2);
    }
    assertThat(result.isClosed()).isTrue();
    assertThat(Tensor.live()).isEqualTo(before);
  }

  @Test
  void exceptionInAScope_stillClosesIt() {
    long before = Tensor.live();
    assertThatThrownBy(
            () -> {
              try (TensorScope scope = TensorScope.open("step")) {
                Tensors.ones(2, 3).matmul(Tensors.ones(4, 5));
              }
            })
        .isInstanceOf(TensorException.class)
        .hasMessage("matmul: mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)");
    assertThat(Tensor.live()).isEqualTo(before);
  }

  @Test
  void scopeClosedOutOfOrder_isRefused() {
    TensorScope outer = TensorScope.open("outer");
    TensorScope inner = TensorScope.open("inner");
    assertThatThrownBy(outer::close)
        .hasMessage("scope 'outer' cannot close before the scope inside it, 'inner'");
    inner.close();
    outer.close();
  }

  @Test
  void scopeClosedOnAnotherThread_isRefused() throws InterruptedException {
    try (TensorScope scope = TensorScope.open("step")) {
      Throwable[] thrown = new Throwable[1];
      Thread other =
          new Thread(
              () -> {
                try {
                  scope.close();
                } catch (IllegalStateException e) {
                  thrown[0] = e;
                }
              },
              "other");
      other.start();
      other.join();
      assertThat(thrown[0]).hasMessageContaining("must be closed there, not on 'other'");
    }
  }

  @Test
  void gradient_flowsThroughTensorsOfClosedInnerScopes() {
    try (TensorScope outer = TensorScope.open("outer")) {
      Tensor x = Tensors.of(new float[] {1, 2}, 2).setRequiresGrad(true);
      Tensor loss;
      try (TensorScope inner = TensorScope.open("inner")) {
        loss = inner.passOut(x.mul(x).mul(3).sum());
      }
      loss.backward();
      assertThat(x.grad().toFloats()).containsExactly(6, 12);
    }
  }

  @Test
  void thousandSteps_leaveNothingBehind() {
    Tensor weight;
    try (TensorScope scope = TensorScope.open("weights")) {
      weight = Tensors.ones(8, 8).keep().setRequiresGrad(true);
    }
    long before = Tensor.live();
    for (int i = 0; i < 1000; i++) {
      try (TensorScope step = TensorScope.open("step")) {
        Functional.linear(Tensors.ones(4, 8), weight, null).sum().backward();
        weight.clearGrad();
      }
    }
    assertThat(Tensor.live()).isEqualTo(before);
    weight.close();
  }
}
