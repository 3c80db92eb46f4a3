package io.ranbiki.nn;

import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;

/**
 * Transposed convolution: {@code [batch, in, height, width]} to {@code [batch, out, height',
 * width']} with {@code height' = (height - 1) * stride - 2 * padding + kernel}. Parameters: {@code
 * weight} {@code [in, out, kernel, kernel]}, {@code bias} {@code [out]}.
 */
public final class ConvTranspose2d extends Layer {

  private final Tensor weight;
  private final Tensor bias;
  private final long stride;
  private final long padding;

  /** Makes a layer with PyTorch's default initial values. */
  public ConvTranspose2d(
      long in, long out, long kernel, long stride, long padding, Generator generator) {
    long fanIn = out * kernel * kernel; // as PyTorch counts it here
    this.stride = stride;
    this.padding = padding;
    weight = parameter("weight", Init.kaimingUniform(generator, fanIn, in, out, kernel, kernel));
    bias = parameter("bias", Init.uniformBias(generator, fanIn, out));
  }

  @Override
  protected String describe(Graph graph, String input) {
    return graph.add(new Operation.TransposedConvolution(weight, bias, stride, padding), input);
  }

  @Override
  protected Tensor forward(Tensor input) {
    return Functional.convTranspose2d(input, weight, bias, stride, padding);
  }
}
