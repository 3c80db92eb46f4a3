package io.ranbiki.evaluate;

import io.ranbiki.RanbikiException;
import io.ranbiki.nn.Graph;
import io.ranbiki.nn.Network;
import io.ranbiki.nn.Operation;
import io.ranbiki.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What a network computes and keeps for one sample, by the shapes of its layers.
 *
 * @param multiplyAdds multiplications that are added up, in convolutions and linear layers; what
 *     else is computed is left out, as is usual
 * @param largestActivation values of the largest tensor that a layer gives
 */
record NetworkCost(long multiplyAdds, long largestActivation) {

  /**
   * Counts; empty for a network that does not say what it computes.
   *
   * @param input shape of one sample
   */
  static Optional<NetworkCost> of(Network network, List<Integer> input) {
    if (network.inputs().size() > 1 || network.inputs().get(0).varies()) {
      return Optional.empty(); // the cost of a text is that of its length
    }
    List<Graph.Step> steps;
    try {
      steps = Graph.of(network);
    } catch (RanbikiException e) {
      return Optional.empty(); // it can be trained and measured all the same
    }
    Map<String, long[]> shapes = new HashMap<>();
    shapes.put(Graph.INPUT, input.stream().mapToLong(Integer::longValue).toArray());
    long multiplyAdds = 0;
    long largest = 0;
    for (Graph.Step step : steps) {
      long[] in = Objects.requireNonNull(shapes.get(step.inputs().get(0)));
      long[] out = shape(step.operation(), in);
      shapes.put(step.name(), out);
      multiplyAdds += multiplyAdds(step.operation(), in, out);
      largest = Math.max(largest, count(out));
    }
    return Optional.of(new NetworkCost(multiplyAdds, largest));
  }

  private static long multiplyAdds(Operation operation, long[] in, long[] out) {
    if (operation instanceof Operation.Convolution c) {
      return c.weight().count() * out[1] * out[2];
    }
    if (operation instanceof Operation.TransposedConvolution c) {
      return c.weight().count() * in[1] * in[2];
    }
    return operation instanceof Operation.Affine a ? a.weight().count() : 0;
  }

  /** The shape of one sample behind an operation. */
  private static long[] shape(Operation operation, long[] in) {
    if (operation instanceof Operation.Convolution c) {
      long[] out = {c.weight().size(0), 0, 0};
      for (int i = 1; i < 3; i++) {
        long window = c.dilation() * (c.weight().size(i + 1) - 1) + 1;
        out[i] = (in[i] + 2 * c.padding() - window) / c.stride() + 1;
      }
      return out;
    }
    if (operation instanceof Operation.TransposedConvolution c) {
      Tensor weight = c.weight();
      long[] out = {weight.size(1), 0, 0};
      for (int i = 1; i < 3; i++) {
        out[i] = (in[i] - 1) * c.stride() - 2 * c.padding() + weight.size(i + 1);
      }
      return out;
    }
    if (operation instanceof Operation.Affine a) {
      return new long[] {a.weight().size(0)};
    }
    if (operation instanceof Operation.LargestOf pool) {
      return new long[] {in[0], pooled(in[1], pool), pooled(in[2], pool)};
    }
    if (operation instanceof Operation.MeanOf pool) {
      return new long[] {in[0], in[1] / pool.kernel(), in[2] / pool.kernel()};
    }
    if (operation instanceof Operation.MeanOfFrames) {
      return new long[] {in[0], in[2]};
    }
    if (operation instanceof Operation.GlobalMean) {
      return new long[] {in[0], 1, 1};
    }
    return operation instanceof Operation.Flatten ? new long[] {count(in)} : in;
  }

  private static long pooled(long length, Operation.LargestOf pool) {
    return (length + 2 * pool.padding() - pool.kernel()) / pool.stride() + 1;
  }

  private static long count(long[] shape) {
    return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
  }
}
