package io.ranbiki.nn;

import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Tensor;

/** A layer without parameters: each row of {@code [batch, width]} is brought to length 1. */
public final class UnitLength extends Layer {

  /** Makes a layer. */
  public UnitLength() {}

  @Override
  protected String describe(Graph graph, String input) {
    return graph.add(new Operation.ToUnitLength(), input);
  }

  @Override
  protected Tensor forward(Tensor input) {
    return Functional.normalize(input, 1);
  }
}
