package io.ranbiki.tensor;

import java.util.List;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * What a convolution is given so that oneDNN computes it rightly on every CPU: channels last, and
 * channels that fill its blocks of 16. On other devices everything stays as it is.
 *
 * <p>On some processors (seen on an AMD Zen 5 under a hypervisor) oneDNN of libtorch 2.10 silently
 * computes wrong sums and gradients, and writes where it must not, for other numbers of channels.
 * The decision is in {@code docs/decisions/0010-convolutions-fill-blocks.md}.
 *
 * @param added channels that the output has too many
 */
record CpuConvolution(Tensor input, Tensor weight, @Nullable Tensor bias, long added) {

  private static final long BLOCK = 16;

  static CpuConvolution of(Tensor input, Tensor weight, @Nullable Tensor bias, long groups) {
    if (input.handle().is_cuda()) {
      return new CpuConvolution(input, weight, bias, 0);
    }
    Tensor image = channelsLast(input);
    // What does not fit is libtorch's to refuse; filled up it would seem to fit.
    boolean fits = input.dim() == 4 && groups == 1 && input.size(1) == weight.size(1);
    if (!fits) {
      return new CpuConvolution(image, weight, bias, 0);
    }
    boolean picture = isPicture(input, weight);
    Tensor kernels = picture ? weight : filled(weight, 1);
    return new CpuConvolution(
        picture ? image : filled(image, 1),
        filled(kernels, 0),
        bias == null ? null : filled(bias, 0),
        missing(weight.size(0)));
  }

  /**
   * Whether the convolution is one linear layer for every pixel. As such it is computed: under
   * kernels of one pixel oneDNN gave wrong outputs on two threads and more, and broke the heap.
   */
  static boolean isPointwise(Tensor input, Tensor weight, long[] padding, long groups) {
    return !input.handle().is_cuda()
        && groups == 1
        && input.dim() == 4
        && weight.size(2) == 1
        && weight.size(3) == 1
        && padding[0] == 0
        && padding[1] == 0
        && input.size(1) == weight.size(1);
  }

  /** A convolution for which {@link #isPointwise} holds. */
  static Tensor pointwise(Tensor input, Tensor weight, @Nullable Tensor bias, long[] stride) {
    Tensor pixels = every(every(input, 2, stride[0]), 3, stride[1]).permute(0, 2, 3, 1);
    Tensor rows = pixels.reshape(-1, input.size(1));
    Tensor answers = Functional.linear(rows, weight.reshape(weight.size(0), weight.size(1)), bias);
    return answers
        .reshape(pixels.size(0), pixels.size(1), pixels.size(2), weight.size(0))
        .permute(0, 3, 1, 2);
  }

  private static Tensor every(Tensor image, int dimension, long step) {
    return step == 1
        ? image
        : Native.tensor(
            "slice",
            () ->
                torch.slice(
                    image.handle(),
                    dimension,
                    new LongOptional(0),
                    new LongOptional(image.size(dimension)),
                    step));
  }

  /** The output without the channels that were added. */
  Tensor own(Tensor output) {
    return added == 0
        ? output
        : output.narrow(1, 0, output.size(1) - added).copy(MemoryFormat.CHANNELS_LAST);
  }

  /**
   * Few channels that need no gradient are the one exception that was right as it is; but kernels
   * of one pixel broke the heap there as well.
   */
  private static boolean isPicture(Tensor input, Tensor weight) {
    boolean onePixel = weight.size(2) == 1 && weight.size(3) == 1;
    return input.size(1) <= 3 && !input.requiresGrad() && !onePixel;
  }

  private static long missing(long channels) {
    return Math.floorMod(-channels, BLOCK);
  }

  /** Zeros in the place of channels that are not there change no sum. */
  private static Tensor filled(Tensor part, int dimension) {
    long[] shape = part.shape();
    shape[dimension] = missing(shape[dimension]);
    return shape[dimension] == 0
        ? part
        : Tensors.cat(List.of(part, Tensors.zeros(part.dtype(), shape)), dimension);
  }

  /** The strides are looked at, because an image of one channel counts as laid out either way. */
  private static Tensor channelsLast(Tensor image) {
    return image.dim() == 4 && image.handle().stride(1) != 1
        ? image.copy(MemoryFormat.CHANNELS_LAST)
        : image;
  }
}
