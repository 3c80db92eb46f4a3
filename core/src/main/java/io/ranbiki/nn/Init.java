package io.ranbiki.nn;

import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;

/**
 * Initial values. The defaults are PyTorch's, drawn in PyTorch's order: the same seed gives the
 * same network there.
 */
final class Init {

  private Init() {}

  /**
   * Uniform weights as PyTorch's layers choose them (He et al. 2015, arXiv:1502.01852, with
   * negative slope sqrt(5)): the bound works out as one over the root of the fan-in.
   *
   * @param fanIn inputs of one output value
   */
  static Tensor kaimingUniform(Generator generator, long fanIn, long... shape) {
    double gain = Math.sqrt(2.0 / (1 + 5));
    double bound = Math.sqrt(3) * (gain / Math.sqrt(fanIn));
    return generator.uniform(-bound, bound, shape);
  }

  /** Uniform biases as PyTorch's layers choose them. */
  static Tensor uniformBias(Generator generator, long fanIn, long length) {
    double bound = 1 / Math.sqrt(fanIn);
    return generator.uniform(-bound, bound, length);
  }

  /**
   * Normal weights for a convolution before a ReLU (He et al. 2015), counting outputs, as residual
   * networks are usually begun.
   */
  static Tensor kaimingNormalFanOut(Generator generator, long fanOut, long... shape) {
    return generator.normal(0, Math.sqrt(2.0) / Math.sqrt(fanOut), shape);
  }
}
