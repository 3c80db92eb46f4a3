package io.ranbiki.tensor;

import java.util.Locale;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Every convolution passes here, to be computed in a form that libtorch computes soundly. Two
 * faults of oneDNN 3.12 in the gradient of the weights of kernels that take a step are gone round;
 * outputs and gradients are the same sums.
 *
 * <ul>
 *   <li>Kernels of one pixel: the memory into which the pixels are gathered that such a kernel
 *       steps on is written past its end (channels last, 1 to 15 input channels, two threads),
 *       which ends the process or spoils numbers.
 *   <li>Images smaller than the step, in bfloat16: the gradient is what lay in memory before.
 * </ul>
 *
 * <p>So the pixels that count are taken first, and the kernel goes over them without a step.
 */
final class Convolutions {

  private static final long[] EVERY_PIXEL = {1, 1};
  private static final long[] NO_PADDING = {0, 0};

  /** The first of the two directions, height and width, among a tensor's dimensions. */
  private static final int HEIGHT = 2;

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
        () -> {
          Form form = Form.of(input, weight, stride, padding, dilation);
          return torch.conv2d(
              form.image,
              weight.handle(),
              Native.optional(bias),
              form.stride,
              form.padding,
              dilation,
              groups);
        });
  }

  /** What is convolved, and how. */
  private record Form(org.bytedeco.pytorch.Tensor image, long[] stride, long[] padding) {

    static Form of(Tensor input, Tensor weight, long[] stride, long[] padding, long[] dilation) {
      long[] window = new long[2];
      boolean fits = input.dim() == 4 && weight.dim() == 4;
      boolean isUnsound = fits && hasOnePixel(weight) && (stride[0] > 1 || stride[1] > 1);
      for (int i = 0; fits && i < 2; i++) {
        window[i] = (weight.size(HEIGHT + i) - 1) * dilation[i] + 1;
        fits = window[i] <= input.size(HEIGHT + i) + 2 * padding[i];
        isUnsound |= input.size(HEIGHT + i) < stride[i];
      }
      return fits && isUnsound
          ? taken(input.handle(), window, stride, padding)
          : new Form(input.handle(), stride, padding); // libtorch says what does not fit
    }

    /** The pixels that count, in the layout of the input. */
    private static Form taken(
        org.bytedeco.pytorch.Tensor input, long[] window, long[] stride, long[] padding) {
      org.bytedeco.pytorch.Tensor image = input;
      if (padding[0] > 0 || padding[1] > 0) {
        long[] border = {padding[1], padding[1], padding[0], padding[0]};
        image = torch.constant_pad_nd(image, border);
      }
      long[] left = stride.clone();
      for (int i = 0; i < 2; i++) {
        if (window[i] == 1) {
          image = image.slice(HEIGHT + i, new LongOptional(), new LongOptional(), stride[i]);
          left[i] = 1;
        } else if (image.size(HEIGHT + i) - window[i] < stride[i]) { // it stands at one place only
          image = image.narrow(HEIGHT + i, 0, window[i]);
          left[i] = 1;
        }
      }
      return new Form(image.contiguous(input.suggest_memory_format()), left, NO_PADDING);
    }
  }

  private static boolean hasOnePixel(Tensor weight) {
    return weight.dim() == 4 && weight.size(2) == 1 && weight.size(3) == 1;
  }

  /**
   * As {@link Functional#convTranspose2d}. It is the gradient of a convolution with a step for its
   * input, and the gradient of its weights is that convolution's, with the same faults.
   */
  static Tensor transposed(
      Tensor input, Tensor weight, @Nullable Tensor bias, long stride, long padding) {
    if (hasOnePixel(weight) && stride > 1) {
      return spread(input, weight, bias, stride, padding);
    }
    long[] step = {stride, stride};
    if (input.dim() != 4 || weight.dim() != 4) {
      return transposed(input, weight, bias, step, padding);
    }
    long height = transposedSize(input, weight, 0, stride, padding);
    long width = transposedSize(input, weight, 1, stride, padding);
    if (Math.min(height, width) >= stride || Math.min(height, width) < 1) {
      return transposed(input, weight, bias, step, padding);
    }
    for (int i = 0; i < 2; i++) {
      step[i] = input.size(HEIGHT + i) == 1 ? 1 : stride; // from one pixel no step is taken
    }
    return transposed(input, weight, bias, step, 0)
        .narrow(HEIGHT, padding, height)
        .narrow(HEIGHT + 1, padding, width);
  }

  private static long transposedSize(
      Tensor input, Tensor weight, int direction, long stride, long padding) {
    return (input.size(HEIGHT + direction) - 1) * stride
        - 2 * padding
        + weight.size(HEIGHT + direction);
  }

  private static Tensor transposed(
      Tensor input, Tensor weight, @Nullable Tensor bias, long[] stride, long padding) {
    return Native.tensor(
        "conv_transpose2d",
        () ->
            torch.conv_transpose2d(
                input.handle(),
                weight.handle(),
                Native.optional(bias),
                stride,
                new long[] {padding, padding},
                NO_PADDING,
                1,
                EVERY_PIXEL));
  }

  /** The kernel on every pixel, and zeros between its outputs. */
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
          String.format(
              Locale.ROOT,
              "conv_transpose2d: padding %d leaves nothing of %d x %d pixels",
              padding,
              height,
              width));
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
