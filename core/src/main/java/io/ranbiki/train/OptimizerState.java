package io.ranbiki.train;

import io.ranbiki.tensor.FusedStep;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** An optimiser at work on a vector of weights: its running means and how many steps it took. */
final class OptimizerState implements AutoCloseable {

  /**
   * A mean below this moves no weight, but where the gradient stays zero it decays on to where
   * floats lose digits (1e-38), and there a processor needs ten times as long for every step.
   */
  private static final double TINY = 1e-30;

  /** So often that no mean gets from {@link #TINY} to 1e-38 in between if a step leaves 0.75. */
  private static final int STEPS_BETWEEN_SWEEPS = 64;

  /** A root of {@link #TINY} beside a smaller one could be what decides a step. */
  private static final double SMALLEST_EPSILON = 1e-10;

  private final Optimizer optimizer;
  private final FlatParameters parameters;
  private final Map<String, Tensor> buffers = new LinkedHashMap<>();
  private final FusedStep fused;
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
    fused = fused();
  }

  private void addBuffer(String name) {
    try (TensorScope scope = TensorScope.open("optimiser state")) {
      buffers.put(name, Tensors.zeros(parameters.values().count()).keep());
    }
  }

  private FusedStep fused() {
    if (optimizer instanceof Optimizer.Sgd sgd) {
      return FusedStep.sgd(
          parameters.values(),
          parameters.gradients(),
          buffers.get("momentum"),
          new FusedStep.SgdSettings(
              sgd.weightDecay(), sgd.momentum(), sgd.dampening(), sgd.nesterov()));
    }
    return FusedStep.adam(
        parameters.values(),
        parameters.gradients(),
        Objects.requireNonNull(buffers.get("mean")),
        Objects.requireNonNull(buffers.get("square")),
        buffers.get("max-square"),
        optimizer instanceof Optimizer.AdamW adamW
            ? settings(adamW)
            : settings((Optimizer.Adam) optimizer),
        optimizer instanceof Optimizer.AdamW);
  }

  private static FusedStep.AdamSettings settings(Optimizer.Adam adam) {
    return new FusedStep.AdamSettings(
        adam.meanDecay(), adam.squareDecay(), adam.weightDecay(), adam.epsilon(), adam.amsgrad());
  }

  private static FusedStep.AdamSettings settings(Optimizer.AdamW adam) {
    return new FusedStep.AdamSettings(
        adam.meanDecay(), adam.squareDecay(), adam.weightDecay(), adam.epsilon(), false);
  }

  /** Changes the weights by their gradients. */
  void step(double learningRate) {
    steps++;
    fused.take(learningRate, steps);
    if (steps % STEPS_BETWEEN_SWEEPS == 0 && epsilon() >= SMALLEST_EPSILON) {
      sweepTiny();
    }
  }

  private double epsilon() {
    if (optimizer instanceof Optimizer.Adam adam) {
      return adam.epsilon();
    }
    return optimizer instanceof Optimizer.AdamW adamW ? adamW.epsilon() : Double.POSITIVE_INFINITY;
  }

  private void sweepTiny() {
    try (TensorScope scope = TensorScope.open("tiny means")) {
      for (Tensor buffer : buffers.values()) {
        buffer.copyFrom(buffer.maskedFill(buffer.abs().lt(TINY), 0));
      }
    }
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
    fused.close();
    buffers.values().forEach(Tensor::close);
  }
}
