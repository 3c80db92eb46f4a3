package io.ranbiki.train;

import io.ranbiki.tensor.FusedSteps;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An optimiser at work on a vector of weights: its running means and how many steps it took. */
final class OptimizerState implements AutoCloseable {

  private final Optimizer optimizer;
  private final FlatParameters parameters;
  private final Map<String, Tensor> buffers = new LinkedHashMap<>();
  private long steps;

  OptimizerState(Optimizer optimizer, FlatParameters parameters) {
    this.optimizer = optimizer;
    this.parameters = parameters;
    if (optimizer instanceof Optimizer.Sgd sgd) {
      if (sgd.momentum() > 0) {
        addBuffer("momentum");
      }
    } else {
      addBuffer("mean");
      addBuffer("square");
      if (optimizer instanceof Optimizer.Adam adam && adam.amsgrad()) {
        addBuffer("max-square");
      }
    }
  }

  private void addBuffer(String name) {
    try (TensorScope scope = TensorScope.open("optimiser state")) {
      buffers.put(name, Tensors.zeros(parameters.values().count()).keep());
    }
  }

  /** Changes the weights by their gradients. */
  void step(double learningRate) {
    steps++;
    if (optimizer instanceof Optimizer.Sgd sgd) {
      FusedSteps.sgd(
          parameters.values(),
          parameters.gradients(),
          buffer("momentum"),
          new FusedSteps.SgdSettings(
              learningRate, sgd.weightDecay(), sgd.momentum(), sgd.dampening(), sgd.nesterov()),
          steps == 1);
    } else if (optimizer instanceof Optimizer.Adam adam) {
      adam(
          new FusedSteps.AdamSettings(
              learningRate,
              adam.meanDecay(),
              adam.squareDecay(),
              adam.weightDecay(),
              adam.epsilon(),
              adam.amsgrad()),
          false);
    } else if (optimizer instanceof Optimizer.AdamW adamW) {
      adam(
          new FusedSteps.AdamSettings(
              learningRate,
              adamW.meanDecay(),
              adamW.squareDecay(),
              adamW.weightDecay(),
              adamW.epsilon(),
              false),
          true);
    }
  }

  private void adam(FusedSteps.AdamSettings settings, boolean decoupled) {
    try (TensorScope scope = TensorScope.open("adam")) {
      FusedSteps.adam(
          parameters.values(),
          parameters.gradients(),
          buffers.get("mean"),
          buffers.get("square"),
          buffer("max-square"),
          Tensors.scalar(steps),
          settings,
          decoupled);
    }
  }

  private @Nullable Tensor buffer(String name) {
    return buffers.get(name);
  }

  /** Running means by name; each as long as the weights. */
  Map<String, Tensor> buffers() {
    return buffers;
  }

  /** How many steps were taken. */
  long steps() {
    return steps;
  }

  /** Continues after a number of steps; the buffers have to be restored beside it. */
  void restoreSteps(long taken) {
    steps = taken;
  }

  @Override
  public void close() {
    buffers.values().forEach(Tensor::close);
  }
}
