package io.ranbiki.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TensorTest {

  private TensorScope scope;

  @BeforeEach
  void open() {
    scope = TensorScope.open("test");
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static Tensor matrix() {
    return Tensors.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
  }

  // ---- values

  @Test
  void shapeTypeAndSize_areThoseGiven() {
    Tensor tensor = matrix();
    assertThat(tensor.shape()).containsExactly(2, 3);
    assertThat(tensor.dim()).isEqualTo(2);
    assertThat(tensor.size(-1)).isEqualTo(3);
    assertThat(tensor.count()).isEqualTo(6);
    assertThat(tensor.byteCount()).isEqualTo(24);
    assertThat(tensor.dtype()).isEqualTo(DType.FLOAT32);
    assertThat(tensor.to(DType.BFLOAT16).byteCount()).isEqualTo(12);
    assertThat(tensor).hasToString("Tensor[2, 3] FLOAT32");
  }

  @Test
  void valuesAreReadInRowMajorOrder_whateverTheLayout() {
    assertThat(matrix().transpose(0, 1).toFloats()).containsExactly(1, 4, 2, 5, 3, 6);
    assertThat(matrix().to(DType.INT64).toLongs()).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(matrix().narrow(1, 1, 2).toDoubles()).containsExactly(2, 3, 5, 6);
    Tensor image = Tensors.arange(12).to(DType.FLOAT32).reshape(1, 3, 2, 2);
    assertThat(image.copy(MemoryFormat.CHANNELS_LAST).toFloats()).isEqualTo(image.toFloats());
    assertThat(Tensors.of(new float[0], 0, 3).toFloats()).isEmpty();
  }

  @Test
  void reductionsAndSoftmax_haveTheirClosedForms() {
    assertThat(matrix().sum().item()).isEqualTo(21);
    assertThat(matrix().mean(0).toFloats()).containsExactly(2.5f, 3.5f, 4.5f);
    assertThat(matrix().argmax(1).toLongs()).containsExactly(2, 2);
    assertThat(matrix().norm().item()).isCloseTo(Math.sqrt(91), within(1e-6));
    assertThat(Tensors.of(new float[] {0, (float) Math.log(3)}, 1, 2).softmax(1).toFloats())
        .containsExactly(new float[] {0.25f, 0.75f}, within(1e-6f));
    assertThat(matrix().matmul(Tensors.eye(3)).toFloats()).isEqualTo(matrix().toFloats());
  }

  @Test
  void notFinite_isSeen() {
    assertThat(matrix().isAllFinite()).isTrue();
    assertThat(matrix().div(0).isAllFinite()).isFalse();
    assertThat(matrix().mul(Double.NaN).isAllFinite()).isFalse();
  }

  // ---- gradients

  @Test
  void gradient_isThatOfTheFormula() {
    Tensor x = Tensors.of(new float[] {1, -2, 3}, 3).setRequiresGrad(true);
    x.pow(2).mul(3).sum().backward();
    assertThat(x.grad().toFloats()).containsExactly(6, -12, 18);
    x.mul(2).sum().backward();
    assertThat(x.grad().toFloats()).as("gradients add up").containsExactly(8, -10, 20);
    x.clearGrad();
    assertThat(x.grad()).isNull();
  }

  @Test
  void noGradAndDetach_recordNothing() {
    Tensor x = Tensors.ones(2).setRequiresGrad(true);
    assertThat(x.mul(2).requiresGrad()).isTrue();
    assertThat(x.detach().requiresGrad()).isFalse();
    try (NoGrad outer = new NoGrad()) {
      try (NoGrad inner = new NoGrad()) {
        assertThat(x.mul(2).requiresGrad()).isFalse();
      }
      assertThat(x.mul(2).requiresGrad()).isFalse();
    }
    assertThat(x.mul(2).requiresGrad()).isTrue();
  }

  // ---- autocast

  @Test
  void autocast_computesProductsInBfloat16UntilClosed() {
    Tensor image = Tensors.ones(1, 2, 4, 4);
    Tensor weight = Tensors.full(1.0 / 3, DType.FLOAT32, 6, 2, 3, 3);
    Tensor full = convolution(image, weight);
    try (Autocast outer = new Autocast()) {
      try (Autocast inner = new Autocast()) {
        assertThat(matrix().matmul(Tensors.ones(3, 1)).dtype()).isEqualTo(DType.BFLOAT16);
      }
      Tensor half = convolution(image, weight);
      assertThat(half.dtype()).isEqualTo(DType.BFLOAT16);
      assertThat(half.toFloats()).containsExactly(full.toFloats(), within(0.05f));
      assertThat(matrix().softmax(1).dtype()).as("sums stay exact").isEqualTo(DType.FLOAT32);
    }
    assertThat(convolution(image, weight).dtype()).isEqualTo(DType.FLOAT32);
    assertThat(convolution(image, weight).toFloats()).isEqualTo(full.toFloats());
  }

  private static Tensor convolution(Tensor image, Tensor weight) {
    long[] one = {1, 1};
    return Functional.conv2d(image, weight, null, one, one, one, 1);
  }

  // ---- errors

  /** One line that names the operation, without frames and source positions of libtorch. */
  private static void refused(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOf(TensorException.class)
        .hasMessage(message)
        .satisfies(
            e ->
                assertThat(e.getMessage())
                    .doesNotContain("\n")
                    .doesNotContain("Exception raised", "frame #", ".cpp", "c10::"));
  }

  @Test
  void errorsOfLibtorch_areOneCleanSentence() {
    refused(
        () -> convolution(Tensors.ones(1, 3, 4, 4), Tensors.ones(5, 2, 3, 3)),
        "conv2d: Given groups=1, weight of size [5, 2, 3, 3], expected input[1, 3, 4, 4] to have 2"
            + " channels, but got 3 channels instead");
    refused(
        () -> matrix().matmul(matrix()),
        "matmul: mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)");
    refused(
        () -> Functional.linear(matrix(), Tensors.ones(4, 5), null),
        "linear: mat1 and mat2 shapes cannot be multiplied (2x3 and 5x4)");
    refused(
        () -> matrix().add(Tensors.ones(4)),
        "add: The size of tensor a (3) must match the size of tensor b (4) at non-singleton"
            + " dimension 1");
    refused(() -> matrix().reshape(4, 2), "reshape: shape '[4, 2]' is invalid for input of size 6");
    refused(
        () -> matrix().sum(5),
        "sum: Dimension out of range (expected to be in range of [-2, 1], but got 5)");
    refused(() -> matrix().item(), "item: a Tensor with 6 elements cannot be converted to Scalar");
    refused(
        () -> matrix().sum().backward(),
        "backward: element 0 of tensors does not require grad and does not have a grad_fn");
    refused(
        () -> Functional.crossEntropy(Tensors.ones(2, 3), Tensors.of(new long[] {0, 7}, 2), 0),
        "cross_entropy: Target 7 is out of bounds.");
    refused(
        () -> Tensors.of(new float[] {1, 2, 3}, 2, 2),
        "3 values do not fill a tensor of shape [2, 2], which has 4");
    refused(
        () -> Tensors.ofBytes(DType.FLOAT32, new byte[3], 1),
        "3 bytes do not fill a FLOAT32 tensor of shape [1], which takes 4");
  }
}
