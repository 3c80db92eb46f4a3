package io.ranbiki.nn;

import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;

/**
 * Convolution along one direction, with zeros beyond both ends, so that the length stays: {@code
 * [batch, in, length]} to {@code [batch, out, length]}. Parameters: {@code weight} {@code [out, in,
 * window]}, {@code bias} {@code [out]}, as of PyTorch's {@code Conv1d(in, out, window, padding =
 * window // 2)}.
 */
public final class Conv1d extends Layer {

  private final Tensor weight;
  private final Tensor bias;
  private final long padding;

  /**
   * Makes a layer with PyTorch's default initial values.
   *
   * @param window an odd number
   */
  public Conv1d(long in, long out, long window, Generator generator) {
    if (window < 1 || window % 2 == 0) {
      throw new IllegalArgumentException("the window is " + window + ", but must be odd");
    }
    weight = parameter("weight", Init.kaimingUniform(generator, in * window, out, in, window));
    bias = parameter("bias", Init.uniformBias(generator, in * window, out));
    padding = window / 2;
  }

  @Override
  protected String describe(Graph graph, String input) {
    return graph.add(new Operation.Convolution(weight, bias, 1, padding, 1, 1), input);
  }

  @Override
  protected Tensor forward(Tensor input) {
    long[] one = {1, 1};
    return Functional.conv2d(
            input.unsqueeze(3), weight.unsqueeze(3), bias, one, new long[] {padding, 0}, one, 1)
        .squeeze(3);
  }
}
