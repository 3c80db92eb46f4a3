package io.ranbiki.nn;

import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Tensor;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Pooling without parameters: {@code [batch, channels, height, width]}, smaller. */
public final class Pool extends Layer {

  private final UnaryOperator<Tensor> function;
  private final @Nullable Operation operation;

  private Pool(UnaryOperator<Tensor> function, @Nullable Operation operation) {
    this.function = function;
    this.operation = operation;
  }

  /** Largest value of windows that do not overlap. */
  public static Pool max(long kernel) {
    return max(kernel, kernel, 0);
  }

  /**
   * Largest value of windows.
   *
   * @param stride step of the window
   * @param padding places around the image that windows may reach into, at most half of the kernel
   */
  public static Pool max(long kernel, long stride, long padding) {
    return new Pool(
        input -> Functional.maxPool2d(input, kernel, stride, padding),
        new Operation.LargestOf(kernel, stride, padding));
  }

  /** Mean of windows that do not overlap. */
  public static Pool average(long kernel) {
    return new Pool(
        input -> Functional.avgPool2d(input, kernel, kernel, 0, true),
        new Operation.MeanOf(kernel));
  }

  /**
   * Means over windows chosen so that {@code size * size} values are left of each channel. Only
   * size 1 can be exported: the windows of others follow from the input.
   */
  public static Pool adaptiveAverage(long size) {
    return new Pool(
        input -> Functional.adaptiveAvgPool2d(input, size, size),
        size == 1 ? new Operation.GlobalMean() : null);
  }

  /** Whether it takes the largest value of each window. */
  boolean takesLargest() {
    return operation instanceof Operation.LargestOf;
  }

  @Override
  protected String describe(Graph graph, String input) {
    return operation == null ? super.describe(graph, input) : graph.add(operation, input);
  }

  @Override
  protected Tensor forward(Tensor input) {
    return function.apply(input);
  }
}
