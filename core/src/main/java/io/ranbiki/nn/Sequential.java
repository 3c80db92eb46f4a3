package io.ranbiki.nn;

import io.ranbiki.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Layers in a row, each fed with the output of the one before; named {@code 0}, {@code 1}, ...
 * Where no gradient is recorded and no tap is inside, an output is freed as soon as the next layer
 * has read it: a network that only answers needs the memory of two layers. Where no tap is inside,
 * a ReLU waits until the largest values of windows have been taken: outputs and gradients are the
 * same bits, and fewer elements go through it.
 */
public final class Sequential extends Layer {

  private final List<Layer> layers;
  private final List<Layer> reluLast;

  /** Makes a row of layers, which it then owns. */
  public Sequential(Layer... layers) {
    this.layers = List.of(layers);
    for (int i = 0; i < layers.length; i++) {
      child(Integer.toString(i), layers[i]);
    }
    reluLast = reluLast(this.layers);
  }

  private static List<Layer> reluLast(List<Layer> layers) {
    List<Layer> order = new ArrayList<>(layers);
    for (int i = 1; i < order.size(); i++) {
      if (order.get(i) instanceof Pool pool
          && pool.takesLargest()
          && order.get(i - 1) instanceof Activation activation
          && activation.isRelu()) {
        Collections.swap(order, i - 1, i);
      }
    }
    return order;
  }

  @Override
  protected String describe(Graph graph, String input) {
    String output = input;
    for (Layer layer : layers) {
      output = graph.apply(layer, output);
    }
    return output;
  }

  @Override
  protected Tensor forward(Tensor input) {
    boolean watched = isTappedInside();
    Tensor output = input;
    for (Layer layer : watched ? layers : reluLast) {
      Tensor before = output;
      output = layer.apply(before);
      boolean handedOn = before == input || before == output; // as dropout does when it is off
      if (!watched && !handedOn && !output.requiresGrad()) {
        before.close();
      }
    }
    return output;
  }
}
