package io.ranbiki.nn;

import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import org.jspecify.annotations.Nullable;

/**
 * {@code y = x * weight^T + bias}: {@code [..., in]} to {@code [..., out]}. Parameters: {@code
 * weight} {@code [out, in]}, {@code bias} {@code [out]}.
 */
public final class Linear extends Layer {

  private final Tensor weight;
  private final @Nullable Tensor bias;

  /** Makes a layer with a bias. */
  public Linear(long in, long out, Generator generator) {
    this(in, out, true, generator);
  }

  /** Makes a layer. */
  public Linear(long in, long out, boolean hasBias, Generator generator) {
    weight = parameter("weight", Init.kaimingUniform(generator, in, out, in));
    bias = hasBias ? parameter("bias", Init.uniformBias(generator, in, out)) : null;
  }

  private Linear(Tensor weight, @Nullable Tensor bias) {
    this.weight = parameter("weight", weight);
    this.bias = bias == null ? null : parameter("bias", bias);
  }

  /** Makes a layer with a bias of 0 and normal weights, as transformers are begun. */
  public static Linear normal(long in, long out, double deviation, Generator generator) {
    return new Linear(generator.normal(0, deviation, out, in), Tensors.zeros(out));
  }

  /** Makes a layer without a bias and with normal weights. */
  public static Linear normalWithoutBias(long in, long out, double deviation, Generator generator) {
    return new Linear(generator.normal(0, deviation, out, in), null);
  }

  /** As {@link #describe}, for an input {@code [batch, tokens, in]}. */
  public String describeEach(Graph graph, String input) {
    return graph.within(this, () -> graph.add(new Operation.AffineEach(weight, bias), input));
  }

  @Override
  protected String describe(Graph graph, String input) {
    return graph.add(new Operation.Affine(weight, bias), input);
  }

  @Override
  protected Tensor forward(Tensor input) {
    return Functional.linear(input, weight, bias);
  }
}
