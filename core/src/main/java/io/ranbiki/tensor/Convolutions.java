package io.ranbiki.tensor;

import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Every convolution passes here, to be computed in a form that libtorch computes soundly.
 *
 * <p>Kernels of one pixel are never given a step: oneDNN 3.12 writes past the end of its memory
 * when it gathers the pixels that such a kernel steps on (gradient of the weights, channels last, 1
 * to 15 input channels, two threads), which ends the process or spoils numbers. The pixels are
 * taken first, and the kernel goes over them one by one; sums and gradients are the same.
 */
final class Convolutions {

  private static final long[] EVERY_PIXEL = {1, 1};
  private static final long[] NO_PADDING = {0, 0};

  private Convolutions() {}

  /** As {@link Functional#conv2d}. */
  static Tensor forward(
      Tensor input,
      Tensor weight,
      @Nullable Tensor bias,
      long[] stride,
      long[] padding,
      long[] dilation,
      long groups) {
    return Native.tensor(
        "conv2d",
        () ->
            hasOnePixel(weight) && (stride[0] > 1 || stride[1] > 1)
                ? torch.conv2d(
                    pixels(input, stride, padding),
                    weight.handle(),
                    Native.optional(bias),
                    EVERY_PIXEL,
                    NO_PADDING,
                    EVERY_PIXEL,
                    groups)
                : torch.conv2d(
                    input.handle(),
                    weight.handle(),
                    Native.optional(bias),
                    stride,
                    padding,
                    dilation,
                    groups));
  }

  private static boolean hasOnePixel(Tensor weight) {
    return weight.dim() == 4 && weight.size(2) == 1 && weight.size(3) == 1;
  }

  /** The pixels that a kernel of one pixel steps on, in the layout of the input. */
  private static org.bytedeco.pytorch.Tensor pixels(Tensor input, long[] stride, long[] padding) {
    org.bytedeco.pytorch.Tensor image = input.handle();
    torch.MemoryFormat layout = image.suggest_memory_format();
    if (padding[0] > 0 || padding[1] > 0) {
      image =
          torch.constant_pad_nd(image, new long[] {padding[1], padding[1], padding[0], padding[0]});
    }
    return every(every(image, 2, stride[0]), 3, stride[1]).contiguous(layout);
  }

  private static org.bytedeco.pytorch.Tensor every(
      org.bytedeco.pytorch.Tensor image, long dimension, long step) {
    return image.slice(dimension, new LongOptional(), new LongOptional(), step);
  }

  /** As {@link Functional#convTranspose2d}. */
  static Tensor transposed(
      Tensor input, Tensor weight, @Nullable Tensor bias, long stride, long padding) {
    if (hasOnePixel(weight) && stride > 1) {
      return spread(input, weight, bias, stride, padding);
    }
    return Native.tensor(
        "conv_transpose2d",
        () ->
            torch.conv_transpose2d(
                input.handle(),
                weight.handle(),
                Native.optional(bias),
                new long[] {stride, stride},
                new long[] {padding, padding},
                NO_PADDING,
                1,
                EVERY_PIXEL));
  }

  /** The gradient of a convolution with a step, and therefore with the same fault. */
  private static Tensor spread(
      Tensor input, Tensor weight, @Nullable Tensor bias, long stride, long padding) {
    Tensor kernel = weight.permute(1, 0, 2, 3);
    Tensor dense = forward(input, kernel, null, EVERY_PIXEL, NO_PADDING, EVERY_PIXEL, 1);
    long batch = dense.size(0);
    long out = dense.size(1);
    long height = (dense.size(2) - 1) * stride + 1;
    long width = (dense.size(3) - 1) * stride + 1;
    if (height <= 2 * padding || width <= 2 * padding) {
      throw new TensorException(
          "conv_transpose2d: padding %d leaves nothing of %d x %d pixels"
              .formatted(padding, height, width));
    }
    Tensor between =
        Native.tensor(
            "constant_pad_nd",
            () ->
                torch.constant_pad_nd(
                    dense.unsqueeze(3).unsqueeze(5).handle(),
                    new long[] {0, stride - 1, 0, 0, 0, stride - 1}));
    Tensor image =
        between
            .reshape(batch, out, dense.size(2) * stride, dense.size(3) * stride)
            .narrow(2, padding, height - 2 * padding)
            .narrow(3, padding, width - 2 * padding);
    return bias == null ? image : image.add(bias.to(image.dtype()).reshape(1, out, 1, 1));
  }
}
