package io.ranbiki.nn;

import io.ranbiki.tensor.Tensor;

/**
 * A module that is a function of one tensor. To write one, implement {@link #forward}; call
 * children through {@link #apply}, so that taps see them.
 */
public abstract class Layer extends Module {

  /** Computes the output; called by {@link #apply} only. */
  protected abstract Tensor forward(Tensor input);

  /**
   * Says by operations what {@link #forward} computes in evaluation mode, for {@link Graph}; call
   * children through {@link Graph#apply}. A network without it can be trained, but not exported.
   *
   * @param input name of the value that goes in
   * @return name of the value that comes out
   */
  protected String describe(Graph graph, String input) {
    throw graph.unknown(this);
  }

  /** Computes the output and shows it to the tap on this layer, if there is one. */
  public final Tensor apply(Tensor input) {
    return shown(forward(input));
  }
}
