package io.ranbiki.tensor;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Convolutions on a CPU, in the forms that oneDNN computes rightly everywhere.
 *
 * <p>On some processors (seen on an AMD Zen 5 under a hypervisor) oneDNN of libtorch 2.10 silently
 * computes wrong sums and gradients where channels do not fill its blocks of 16: for images of
 * plain layout, for images of one channel, and in bfloat16 for an odd number of output channels.
 * The decision is in {@code docs/decisions/0010-convolutions-avoid-wrong-kernels.md}.
 */
final class CpuConvolution {

  private static final int BLOCK = 16;

  private CpuConvolution() {}

  static Tensor of(
      Tensor input,
      Tensor weight,
      @Nullable Tensor bias,
      long[] stride,
      long[] padding,
      long[] dilation,
      long groups) {
    boolean isLone = input.dim() == 4 && input.size(1) == 1 && weight.size(1) == 1;
    if (isLone && (weight.size(0) % BLOCK != 0 || input.requiresGrad())) {
      return of(twoChannels(input), twoChannels(weight), bias, stride, padding, dilation, groups);
    }
    Tensor image = channelsLast(input);
    if (weight.size(0) % 2 == 0) {
      return Functional.convolve(image, weight, bias, stride, padding, dilation, groups);
    }
    try (Autocast.Off off = new Autocast.Off()) {
      Tensor full = image.to(weight.dtype()); // what comes from a layer before may be in 16 bits
      return Functional.convolve(full, weight, bias, stride, padding, dilation, groups);
    }
  }

  /** The same and a channel of zeros, which changes no sum. */
  private static Tensor twoChannels(Tensor oneChannel) {
    Tensor zeros = Tensors.zeros(oneChannel.dtype(), oneChannel.shape());
    return Tensors.cat(List.of(oneChannel, zeros), 1);
  }

  /** The strides are looked at, because an image of one channel counts as laid out either way. */
  private static Tensor channelsLast(Tensor input) {
    return input.dim() == 4 && input.handle().stride(1) != 1
        ? input.copy(MemoryFormat.CHANNELS_LAST)
        : input;
  }
}
