package io.ranbiki.nn;

import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Tensor;
import java.util.function.UnaryOperator;

/** A layer without parameters that changes each element by itself. Any shape. */
public final class Activation extends Layer {

  /** The functions. */
  public enum Kind {
    /** {@code max(x, 0)}. */
    RELU(Tensor::relu),
    /** {@code min(max(x, 0), 6)}. */
    RELU6(input -> input.clamp(0, 6)),
    /** Hyperbolic tangent. */
    TANH(Tensor::tanh),
    /** {@code 1 / (1 + e^-x)}. */
    SIGMOID(Tensor::sigmoid),
    /** Gaussian error linear unit, exact. */
    GELU(Functional::gelu),
    /** {@code x * sigmoid(x)}. */
    SILU(Functional::silu);

    private final UnaryOperator<Tensor> function;

    Kind(UnaryOperator<Tensor> function) {
      this.function = function;
    }
  }

  private final Kind kind;

  /** Makes a layer. */
  public Activation(Kind kind) {
    this.kind = kind;
  }

  /** {@code max(x, 0)}. */
  public static Activation relu() {
    return new Activation(Kind.RELU);
  }

  /** Whether it is {@code max(x, 0)}. */
  boolean isRelu() {
    return kind == Kind.RELU;
  }

  @Override
  protected String describe(Graph graph, String input) {
    return graph.add(new Operation.Elementwise(kind), input);
  }

  @Override
  protected Tensor forward(Tensor input) {
    return kind.function.apply(input);
  }
}
