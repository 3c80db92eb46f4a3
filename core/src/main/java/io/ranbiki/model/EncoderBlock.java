package io.ranbiki.model;

import io.ranbiki.nn.Attention;
import io.ranbiki.nn.Graph;
import io.ranbiki.nn.Module;
import io.ranbiki.tensor.Tensor;

/** One of an encoder's blocks: attention, and two linear layers for each token. */
abstract class EncoderBlock extends Module {

  /**
   * Computes the next hidden state.
   *
   * @param tokens {@code [batch, tokens, width]}
   * @param readable as {@link Attention#readable} gives it
   */
  abstract Tensor apply(Tensor tokens, Tensor readable);

  abstract String describe(Graph graph, String tokens, String mask);

  /** What can be tapped of its attention. */
  abstract Attention.Points points();
}
