package io.ranbiki.tensor;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Convolutions on a CPU, in the one form that oneDNN computes rightly everywhere: channels last,
 * and channels that fill its blocks of 16.
 *
 * <p>On some processors (seen on an AMD Zen 5 under a hypervisor) oneDNN of libtorch 2.10 silently
 * computes wrong sums and gradients, and writes where it must not, for other numbers of channels.
 * The decision is in {@code docs/decisions/0010-convolutions-fill-blocks.md}.
 */
final class CpuConvolution {

  private static final long BLOCK = 16;

  private CpuConvolution() {}

  static Tensor of(
      Tensor input,
      Tensor weight,
      @Nullable Tensor bias,
      long[] stride,
      long[] padding,
      long[] dilation,
      long groups) {
    Tensor image = channelsLast(input);
    long out = weight.size(0);
    // What does not fit is libtorch's to refuse; filled up it would seem to fit.
    boolean fits = input.dim() == 4 && groups == 1 && input.size(1) == weight.size(1);
    if (!fits || isRight(input, out)) {
      return Functional.convolve(image, weight, bias, stride, padding, dilation, groups);
    }
    // Zeros in the place of channels that are not there change no sum.
    Tensor filledImage = filled(image, 1);
    Tensor filledWeight = filled(filled(weight, 1), 0);
    Tensor filledBias = bias == null ? null : filled(bias, 0);
    return channelsLast(
        Functional.convolve(
                filledImage, filledWeight, filledBias, stride, padding, dilation, groups)
            .narrow(1, 0, out)
            .contiguous());
  }

  /** Pictures of few channels that need no gradient are the one exception that was right. */
  private static boolean isRight(Tensor input, long out) {
    boolean picture = input.size(1) <= 3 && !input.requiresGrad();
    return out % BLOCK == 0 && (picture || input.size(1) % BLOCK == 0);
  }

  private static Tensor filled(Tensor part, long dimension) {
    long[] shape = part.shape();
    long missing = Math.floorMod(-shape[(int) dimension], BLOCK);
    if (missing == 0) {
      return part;
    }
    shape[(int) dimension] = missing;
    return Tensors.cat(List.of(part, Tensors.zeros(part.dtype(), shape)), dimension);
  }

  /** The strides are looked at, because an image of one channel counts as laid out either way. */
  private static Tensor channelsLast(Tensor image) {
    return image.dim() == 4 && image.handle().stride(1) != 1
        ? image.copy(MemoryFormat.CHANNELS_LAST)
        : image;
  }
}
