package io.ranbiki.nn;

import io.ranbiki.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One thing that a network computes in evaluation mode. The kinds are few on purpose: whoever
 * writes a network down for another engine must know each. Tensors are borrowed from the layer;
 * images are {@code [batch, channels, height, width]}.
 */
public sealed interface Operation {

  /** Of one input: {@link Conv2d}, or, where the weight has three lengths, {@link Conv1d}. */
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

  /** Of one input: the largest value of each window; outside of the image nothing is large. */
  record LargestOf(long kernel, long stride, long padding) implements Operation {}

  /** Of one input: the mean of windows that do not overlap. */
  record MeanOf(long kernel) implements Operation {}

  /** Of one input: the mean of each channel, {@code [batch, channels, 1, 1]}. */
  record GlobalMean() implements Operation {}

  /** Of one input: {@code [batch, all other lengths in one]}. */
  record Flatten() implements Operation {}

  /** Of two inputs of one shape: their sum. */
  record Sum() implements Operation {}

  /** Of one input INT64: for each number, that row of the table {@code [rows, width]}. */
  record Lookup(Tensor table) implements Operation {}

  /**
   * Of one input {@code [batch, tokens, width]}: to the first token, the first row of a table
   * {@code [positions, width]} is added, and so on.
   */
  record AddPositions(Tensor table) implements Operation {}

  /** Of one input {@code [batch, tokens, in]}: {@link Linear} for each token. */
  record AffineEach(Tensor weight, @Nullable Tensor bias) implements Operation {}

  /** Of one input {@code [..., width]}: {@link LayerNorm}. */
  record NormalisationEach(Tensor weight, @Nullable Tensor bias, double epsilon)
      implements Operation {}

  /**
   * Of queries, keys and values {@code [batch, tokens, width]} and a mask INT64 {@code [batch,
   * tokens]}, 0 where a token is not read: what each token reads, {@code [batch, tokens, width]}.
   *
   * @param window how far away a token may be that is read; 0 for any distance
   */
  record Attention(int heads, int window) implements Operation {}

  /**
   * Of one input {@code [batch, tokens, width]}: within each head, number {@code i} of the first
   * half and of the second are turned by the angle {@code position * frequencies[i]}.
   *
   * @param frequencies one for each pair of a head's numbers
   */
  record Rotation(int heads, List<Float> frequencies) implements Operation {}

  /** Of one input {@code [..., all]}: {@code length} of the numbers of the last axis. */
  record Part(long from, long length) implements Operation {}

  /** Of one input {@code [batch, width]}: each row is brought to length 1. */
  record ToUnitLength() implements Operation {}

  /** Of two inputs of one shape: the products of their elements. */
  record Product() implements Operation {}

  /** Of {@code [batch, tokens, width]}: the first token, {@code [batch, width]}. */
  record FirstToken() implements Operation {}

  /**
   * Of {@code [batch, tokens, width]} and a mask INT64 {@code [batch, tokens]}: the mean of the
   * tokens whose mask is not 0, {@code [batch, width]}.
   */
  record MeanOfTokens() implements Operation {}

  /**
   * Of {@code [batch, tokens, width]} and a mask INT64 {@code [batch, tokens]}: {@code [batch,
   * width, tokens]}, 0 for the tokens whose mask is 0.
   */
  record MapsOfTokens() implements Operation {}

  /**
   * Of maps {@code [batch, channels, tokens]} of numbers from 0 upwards and a mask INT64 {@code
   * [batch, tokens]}: the largest of the tokens whose mask is not 0, {@code [batch, channels]}.
   */
  record LargestOfTokens() implements Operation {}

  /** Of several inputs {@code [batch, width]}: one behind the other. */
  record Join() implements Operation {}

  /**
   * Of {@code [batch, tokens, width]} and a mask INT64 {@code [batch, tokens]}: the largest number
   * at each place of the tokens whose mask is not 0, {@code [batch, width]}.
   */
  record MaxOfTokens() implements Operation {
    /** What stands in place of the numbers of padding. */
    public static final float NEVER = -1e30f;
  }

  /**
   * Of maps {@code [batch, channels, frames, bands]} and a mask INT64 {@code [batch, frames]}: 0 in
   * the frames whose mask is 0.
   */
  record KeepFrames() implements Operation {}

  /** Of a mask INT64 {@code [batch, frames]}: every second frame of it, from the first on. */
  record EverySecond() implements Operation {}

  /**
   * Of maps {@code [batch, channels, frames, bands]} and perhaps a mask INT64 {@code [batch,
   * frames]}: the mean of the frames, of those whose mask is not 0, {@code [batch, channels,
   * bands]}.
   */
  record MeanOfFrames() implements Operation {}
}
