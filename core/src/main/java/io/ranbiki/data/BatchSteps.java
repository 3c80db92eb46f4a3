package io.ranbiki.data;

import io.ranbiki.prepare.Normalization;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.MemoryFormat;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.util.Arrays;

/** What a whole batch goes through on its device, in the very numbers that a service computes. */
public final class BatchSteps {

  private static final double WHITE = 255;

  private BatchSteps() {}

  /** Makes numbers in [0, 1] of pixels, and lays images out channels last. */
  public static Tensor numbers(Tensor inputs) {
    boolean images = inputs.dim() == 4;
    if (inputs.dtype() != DType.UINT8) {
      return images ? inputs.copy(MemoryFormat.CHANNELS_LAST) : inputs;
    }
    Tensor numbers =
        images ? inputs.copy(DType.FLOAT32, MemoryFormat.CHANNELS_LAST) : inputs.to(DType.FLOAT32);
    numbers.divInPlace(WHITE);
    return numbers;
  }

  /**
   * Normalizes.
   *
   * @param inputs {@code [batch, channels, ...]}
   */
  public static Tensor normalized(Tensor inputs, Normalization normalization) {
    if (normalization.mean().length == 0) {
      return inputs;
    }
    Tensor centred = inputs.sub(perChannel(normalization.mean(), inputs.dim()));
    centred.divInPlace(perChannel(normalization.std(), inputs.dim()));
    return centred;
  }

  /** Takes a normalization back, up to rounding. */
  public static Tensor raw(Tensor inputs, Normalization normalization) {
    if (normalization.mean().length == 0) {
      return inputs;
    }
    return inputs
        .mul(perChannel(normalization.std(), inputs.dim()))
        .add(perChannel(normalization.mean(), inputs.dim()));
  }

  /** {@code [1, channels, 1, 1]} for images. */
  private static Tensor perChannel(float[] values, int dimensions) {
    long[] shape = new long[dimensions];
    Arrays.fill(shape, 1);
    shape[1] = values.length;
    return Tensors.of(values, shape);
  }
}
