package io.ranbiki.nn;

import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import org.jspecify.annotations.Nullable;

/**
 * Normalises each vector by itself (Ba et al. 2016, arXiv:1607.06450): {@code [..., width]}.
 * Parameters {@code weight} and, mostly, {@code bias}, {@code [width]}, 1 and 0 at first.
 */
public final class LayerNorm extends Layer {

  private final Tensor weight;
  private final @Nullable Tensor bias;
  private final double epsilon;

  /**
   * Makes a layer.
   *
   * @param epsilon added to the variance; PyTorch's default is 1e-5
   */
  public LayerNorm(long width, double epsilon) {
    this(width, true, epsilon);
  }

  private LayerNorm(long width, boolean hasBias, double epsilon) {
    weight = parameter("weight", Tensors.ones(width));
    bias = hasBias ? parameter("bias", Tensors.zeros(width)) : null;
    this.epsilon = epsilon;
  }

  /** Makes a layer that adds nothing. */
  public static LayerNorm withoutBias(long width, double epsilon) {
    return new LayerNorm(width, false, epsilon);
  }

  @Override
  protected String describe(Graph graph, String input) {
    return graph.add(new Operation.NormalisationEach(weight, bias, epsilon), input);
  }

  @Override
  protected Tensor forward(Tensor input) {
    return Functional.layerNorm(input, weight.shape(), weight, bias, epsilon);
  }
}
