package io.ranbiki.nn;

import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Tensor;
import java.util.function.UnaryOperator;

/** Pooling without parameters: {@code [batch, channels, height, width]}, smaller. */
public final class Pool extends Module {

  private final UnaryOperator<Tensor> function;
  private final boolean largest;

  private Pool(UnaryOperator<Tensor> function) {
    this(function, false);
  }

  private Pool(UnaryOperator<Tensor> function, boolean largest) {
    this.function = function;
    this.largest = largest;
  }

  /** Largest value of windows that do not overlap. */
  public static Pool max(long kernel) {
    return new Pool(input -> Functional.maxPool2d(input, kernel, kernel, 0), true);
  }

  /** Mean of windows that do not overlap. */
  public static Pool average(long kernel) {
    return new Pool(input -> Functional.avgPool2d(input, kernel, kernel, 0, true));
  }

  /** Means over windows chosen so that {@code size * size} values are left of each channel. */
  public static Pool adaptiveAverage(long size) {
    return new Pool(input -> Functional.adaptiveAvgPool2d(input, size, size));
  }

  /** Whether it takes the largest value of each window. */
  boolean takesLargest() {
    return largest;
  }

  @Override
  protected boolean isSampleWise() {
    return true;
  }

  @Override
  protected Tensor forward(Tensor input) {
    return function.apply(input);
  }
}
