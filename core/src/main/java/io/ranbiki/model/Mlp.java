package io.ranbiki.model;

import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.nn.Activation;
import io.ranbiki.nn.Graph;
import io.ranbiki.nn.Layer;
import io.ranbiki.nn.Linear;
import io.ranbiki.nn.Network;
import io.ranbiki.nn.Sequential;
import io.ranbiki.prepare.Field;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Linear layers with ReLU between them, for rows of numbers. Paths: {@code layers.0}, {@code
 * layers.2}, ...
 *
 * @param hidden the width
 * @param layers how many hidden layers
 */
record Mlp(int hidden, int layers) implements Architecture {

  static Mlp read(Options options) {
    return new Mlp(
        options.integer("hidden", 64, "Features of a hidden layer", Rule.atLeast(1)),
        options.integer("layers", 2, "Hidden layers; none: one linear layer", Rule.between(0, 20)));
  }

  @Override
  public List<Field> inputs(List<Field> offered) {
    return Samples.rows("mlp", offered);
  }

  @Override
  public Network build(List<Field> inputs, int classes, Generator generator) {
    List<Layer> row = new ArrayList<>();
    int width = inputs.get(0).shape().get(0);
    for (int i = 0; i < layers; i++) {
      row.add(new Linear(width, hidden, generator));
      row.add(Activation.relu());
      width = hidden;
    }
    row.add(new Linear(width, classes, generator));
    return Network.of(inputs.get(0), new Layers(new Sequential(row.toArray(Layer[]::new))));
  }

  @Override
  public NetworkSize size(List<Field> inputs, int classes) {
    NetworkSize size = NetworkSize.NONE;
    int width = inputs.get(0).shape().get(0);
    for (int i = 0; i < layers; i++) {
      size = size.linear(width, hidden);
      width = hidden;
    }
    return size.linear(width, classes);
  }

  private static final class Layers extends Layer {

    private final Layer layers;

    Layers(Layer layers) {
      this.layers = child("layers", layers);
    }

    @Override
    protected String describe(Graph graph, String rows) {
      return graph.apply(layers, rows);
    }

    @Override
    protected Tensor forward(Tensor rows) {
      return layers.apply(rows);
    }
  }
}
