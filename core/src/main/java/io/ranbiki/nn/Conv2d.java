package io.ranbiki.nn;

import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Convolution: {@code [batch, in, height, width]} to {@code [batch, out, height', width']}.
 * Parameters: {@code weight} {@code [out, in / groups, kernel, kernel]}, {@code bias} {@code
 * [out]}.
 */
public final class Conv2d extends Layer {

  /**
   * What a convolution looks like.
   *
   * @param in channels of the input
   * @param out channels of the output
   * @param kernel height and width of the window
   * @param stride step of the window
   * @param padding zeros put around the input
   * @param dilation distance between the window's elements
   * @param groups blocks of channels that are convolved apart
   * @param bias whether a number is added to each output channel
   */
  public record Options(
      long in,
      long out,
      long kernel,
      long stride,
      long padding,
      long dilation,
      long groups,
      boolean bias) {

    /** Checks the ranges. */
    public Options {
      if (in < 1 || out < 1 || kernel < 1 || stride < 1 || padding < 0 || dilation < 1) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "convolution in=%d out=%d kernel=%d stride=%d padding=%d dilation=%d: all must be 1"
                    + " or more, padding 0 or more",
                in,
                out,
                kernel,
                stride,
                padding,
                dilation));
      }
      if (groups < 1 || in % groups != 0 || out % groups != 0) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "convolution groups=%d must divide in=%d and out=%d",
                groups,
                in,
                out));
      }
    }

    /** A convolution with stride 1, no padding and a bias. */
    public static Options of(long in, long out, long kernel) {
      return new Options(in, out, kernel, 1, 0, 1, 1, true);
    }

    /** The same with another padding. */
    public Options padding(long newPadding) {
      return new Options(in, out, kernel, stride, newPadding, dilation, groups, bias);
    }

    /** The same with another stride. */
    public Options stride(long newStride) {
      return new Options(in, out, kernel, newStride, padding, dilation, groups, bias);
    }

    /** The same with other groups. */
    public Options groups(long newGroups) {
      return new Options(in, out, kernel, stride, padding, dilation, newGroups, bias);
    }

    /** The same without a bias. */
    public Options noBias() {
      return new Options(in, out, kernel, stride, padding, dilation, groups, false);
    }
  }

  private final Tensor weight;
  private final @Nullable Tensor bias;
  private final Options options;

  /** Makes a layer with PyTorch's default initial values. */
  public Conv2d(Options options, Generator generator) {
    this(options, Init.kaimingUniform(generator, fanIn(options), shape(options)), generator);
  }

  private Conv2d(Options options, Tensor initialWeight, Generator generator) {
    this.options = options;
    weight = parameter("weight", initialWeight);
    bias =
        options.bias()
            ? parameter("bias", Init.uniformBias(generator, fanIn(options), options.out()))
            : null;
  }

  /** Makes a layer with initial values for a ReLU behind it, as residual networks are begun. */
  public static Conv2d forRelu(Options options, Generator generator) {
    long fanOut = options.out() * options.kernel() * options.kernel();
    Tensor weight = Init.kaimingNormalFanOut(generator, fanOut, shape(options));
    return new Conv2d(options, weight, generator);
  }

  private static long[] shape(Options options) {
    long in = options.in() / options.groups();
    return new long[] {options.out(), in, options.kernel(), options.kernel()};
  }

  private static long fanIn(Options options) {
    return options.in() / options.groups() * options.kernel() * options.kernel();
  }

  @Override
  protected String describe(Graph graph, String input) {
    return graph.add(
        new Operation.Convolution(
            weight,
            bias,
            options.stride(),
            options.padding(),
            options.dilation(),
            options.groups()),
        input);
  }

  @Override
  protected Tensor forward(Tensor input) {
    return Functional.conv2d(
        input,
        weight,
        bias,
        pair(options.stride()),
        pair(options.padding()),
        pair(options.dilation()),
        options.groups());
  }

  private static long[] pair(long value) {
    return new long[] {value, value};
  }
}
