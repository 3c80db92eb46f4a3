package io.ranbiki.train;

import io.ranbiki.tensor.NoGrad;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.Map;

/** An optimiser at work on a vector of weights: what it remembers, and how many steps it took. */
final class OptimizerState implements AutoCloseable {

  /** Below this a float is on its way to where it loses digits, at 1e-38. */
  private static final double TINY = 1e-30;

  /** So often that no mean gets from {@link #TINY} to 1e-38 in between if a step leaves 0.75. */
  private static final int STEPS_BETWEEN_SWEEPS = 64;

  private final Optimizer optimizer;
  private final Map<String, Tensor> buffers = new LinkedHashMap<>();
  private final Optimizer.Step step;
  private long steps;

  OptimizerState(Optimizer optimizer, FlatParameters parameters) {
    this.optimizer = optimizer;
    try (TensorScope scope = TensorScope.open("optimiser state")) {
      for (String name : optimizer.memories()) {
        buffers.put(name, Tensors.zeros(parameters.values().count()).keep());
      }
    }
    step = optimizer.begin(parameters.values(), parameters.gradients(), buffers);
  }

  /** Changes the weights by their gradients. */
  void step(double learningRate) {
    steps++;
    try (TensorScope scope = TensorScope.open("optimiser step");
        NoGrad noGrad = new NoGrad()) {
      step.take(learningRate, steps);
    }
    if (steps % STEPS_BETWEEN_SWEEPS == 0 && optimizer.forgetsTinyNumbers()) {
      sweepTiny();
    }
  }

  private void sweepTiny() {
    try (TensorScope scope = TensorScope.open("tiny means")) {
      for (Tensor buffer : buffers.values()) {
        buffer.copyFrom(buffer.maskedFill(buffer.abs().lt(TINY), 0));
      }
    }
  }

  /** What the optimiser remembers, by name; each as long as the weights. */
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
    step.close();
    buffers.values().forEach(Tensor::close);
  }
}
