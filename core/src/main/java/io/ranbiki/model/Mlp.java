package io.ranbiki.model;

import io.ranbiki.nn.Activation;
import io.ranbiki.nn.Graph;
import io.ranbiki.nn.Layer;
import io.ranbiki.nn.Linear;
import io.ranbiki.nn.Sequential;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Linear layers with ReLU between them, for rows of numbers: options {@code hidden}, the width, and
 * {@code layers}, how many hidden layers. Paths: {@code layers.0}, {@code layers.2}, ...
 */
final class Mlp extends Layer {

  private final Layer layers;

  Mlp(ModelSpec spec, Generator generator) {
    List<Layer> row = new ArrayList<>();
    int width = spec.input().get(0);
    for (int i = 0; i < spec.option("layers"); i++) {
      row.add(new Linear(width, spec.option("hidden"), generator));
      row.add(Activation.relu());
      width = spec.option("hidden");
    }
    row.add(new Linear(width, spec.classes(), generator));
    layers = child("layers", new Sequential(row.toArray(Layer[]::new)));
  }

  static NetworkSize size(ModelSpec spec) {
    NetworkSize size = NetworkSize.NONE;
    int width = spec.input().get(0);
    for (int i = 0; i < spec.option("layers"); i++) {
      size = size.linear(width, spec.option("hidden"));
      width = spec.option("hidden");
    }
    return size.linear(width, spec.classes());
  }

  @Override
  protected boolean isSampleWise() {
    return true;
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
