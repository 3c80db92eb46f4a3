package io.ranbiki.train;

import io.ranbiki.data.Batch;
import io.ranbiki.model.Model;
import io.ranbiki.nn.Signal;
import io.ranbiki.objective.LossBreakdown;
import io.ranbiki.tensor.Autocast;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Tensor;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * A network with the gradients of its weights: a student, or a twin of it for another thread.
 *
 * @param network borrowed, but for a twin's
 * @param tapped the outputs of tapped layers in the last answer
 * @param parameters the network's, and behind them those that terms train
 */
record Replica(
    Model network,
    Supplier<Map<String, Tensor>> tapped,
    FlatParameters parameters,
    TrainOptions.Precision precision) {

  /** A network of its own with these weights and other gradients; to be closed before this. */
  Replica twin() {
    Model twin = network.copy(0);
    twin.module().train();
    return new Replica(
        twin, Map::of, parameters.twin(twin.module().parameters().values()), precision);
  }

  /** What the network answers, with the outputs of its tapped layers. */
  static Signal answer(
      Model network,
      Supplier<Map<String, Tensor>> tapped,
      Batch batch,
      TrainOptions.Precision precision) {
    if (precision == TrainOptions.Precision.FLOAT32) {
      return network.answer(batch).with(tapped.get());
    }
    try (Autocast autocast = new Autocast()) {
      return network.answer(batch).with(tapped.get()).map(tensor -> tensor.to(DType.FLOAT32));
    }
  }

  Signal answer(Batch batch) {
    return answer(network, tapped, batch, precision);
  }

  /** The gradients of one term for the network's weights alone, before its weight. */
  Tensor gradients(Tensor term) {
    parameters.gradients().fill(0);
    if (term.requiresGrad()) {
      term.backwardKeepingGraph();
    }
    return parameters.gradients().narrow(0, 0, network.module().parameterCount());
  }

  /**
   * Adds the gradients of the terms of a loss each to its sum, by name, and leaves those that are
   * in place as they are.
   */
  void measure(LossBreakdown loss, Map<String, Double> shares, Map<String, Tensor> sums) {
    Tensor inPlace = parameters.gradients().copy();
    loss.terms()
        .forEach(
            (name, value) -> {
              double factor =
                  Objects.requireNonNull(loss.weights().get(name)) * shares.getOrDefault(name, 1.0);
              Tensor weighted = gradients(value).mul(factor);
              Tensor sum = sums.get(name);
              if (sum == null) {
                sums.put(name, weighted.keep());
              } else {
                sum.addInPlace(weighted, 1);
              }
            });
    parameters.gradients().copyFrom(inPlace);
  }

  /** Closes the network of a twin and its gradients. */
  void closeTwin() {
    parameters.close();
    network.close();
  }
}
