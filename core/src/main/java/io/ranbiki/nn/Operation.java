package io.ranbiki.nn;

import io.ranbiki.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One thing that a network computes in evaluation mode. The kinds are few on purpose: whoever
 * writes a network down for another engine must know each. Tensors are borrowed from the layer;
 * images are {@code [batch, channels, height, width]}.
 */
public sealed interface Operation {

  /** Of one input: {@link Conv2d}. */
  record Convolution(
      Tensor weight, @Nullable Tensor bias, long stride, long padding, long dilation, long groups)
      implements Operation {}

  /** Of one input: {@link ConvTranspose2d}. */
  record TransposedConvolution(Tensor weight, Tensor bias, long stride, long padding)
      implements Operation {}

  /** Of one input {@code [batch, in]}: {@link Linear}. */
  record Affine(Tensor weight, @Nullable Tensor bias) implements Operation {}

  /**
   * Of one input: {@code (x - mean) / sqrt(variance + epsilon) * weight + bias}, channel by
   * channel.
   */
  record Normalisation(Tensor weight, Tensor bias, Tensor mean, Tensor variance, double epsilon)
      implements Operation {}

  /** Of one input, each element by itself. */
  record Elementwise(Activation.Kind kind) implements Operation {}

  /** Of one input: the largest value of windows that do not overlap. */
  record LargestOf(long kernel) implements Operation {}

  /** Of one input: the mean of windows that do not overlap. */
  record MeanOf(long kernel) implements Operation {}

  /** Of one input: the mean of each channel, {@code [batch, channels, 1, 1]}. */
  record GlobalMean() implements Operation {}

  /** Of one input: {@code [batch, all other lengths in one]}. */
  record Flatten() implements Operation {}

  /** Of two inputs of one shape: their sum. */
  record Sum() implements Operation {}
}
