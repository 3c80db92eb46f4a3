package io.ranbiki.nn;

import io.ranbiki.tensor.Tensor;
import java.util.function.Supplier;

/**
 * A name inside a network under which a tensor can be tapped that no module gives by itself, or
 * that kinds of networks keep at different places. It has no parameters, and what it shows is
 * computed only while somebody taps it.
 */
public final class TapPoint extends Module {

  /** Makes a point; it is tapped by the path under which it is a child. */
  public TapPoint() {}

  /** Shows a tensor, which is there already. */
  public void show(Tensor tensor) {
    shown(tensor);
  }

  /** Shows a tensor that is computed for this alone. */
  public void show(Supplier<Tensor> tensor) {
    if (isTapped()) {
      shown(tensor.get());
    }
  }
}
