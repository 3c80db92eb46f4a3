package io.ranbiki.artifact;

import io.ranbiki.nn.Graph.Step;
import io.ranbiki.nn.Operation;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Takes batch normalisation into the convolution or linear layer before it: in float64, since the
 * variance may be small. What stands by itself is kept.
 */
final class Folding {

  private Folding() {}

  /** The same network with fewer steps; new tensors belong to the innermost scope. */
  static List<Step> of(List<Step> steps) {
    Map<String, Integer> readers = new HashMap<>();
    steps.forEach(step -> step.inputs().forEach(input -> readers.merge(input, 1, Integer::sum)));
    List<Step> folded = new ArrayList<>();
    for (Step step : steps) {
      Step last = folded.isEmpty() ? null : folded.get(folded.size() - 1);
      if (step.operation() instanceof Operation.Normalisation norm
          && last != null
          && step.inputs().get(0).equals(last.name())
          && Objects.requireNonNull(readers.get(last.name())) == 1) {
        Operation both = both(last.operation(), norm);
        if (both != null) {
          folded.set(folded.size() - 1, new Step(step.name(), both, last.inputs()));
          continue;
        }
      }
      folded.add(step);
    }
    return folded;
  }

  private static @Nullable Operation both(Operation before, Operation.Normalisation norm) {
    if (before instanceof Operation.Convolution c) {
      return new Operation.Convolution(
          weight(c.weight(), norm),
          bias(c.bias(), norm),
          c.stride(),
          c.padding(),
          c.dilation(),
          c.groups());
    }
    if (before instanceof Operation.Affine a) {
      return new Operation.Affine(weight(a.weight(), norm), bias(a.bias(), norm));
    }
    return null;
  }

  private static double[] scales(Operation.Normalisation norm) {
    float[] scales = norm.weight().toFloats();
    float[] variances = norm.variance().toFloats();
    double[] factors = new double[scales.length];
    for (int i = 0; i < factors.length; i++) {
      factors[i] = scales[i] / Math.sqrt(variances[i] + norm.epsilon());
    }
    return factors;
  }

  private static Tensor weight(Tensor weight, Operation.Normalisation norm) {
    double[] scales = scales(norm);
    float[] values = weight.toFloats();
    int each = values.length / scales.length;
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (values[i] * scales[i / each]);
    }
    return Tensors.of(values, weight.shape());
  }

  private static Tensor bias(@Nullable Tensor bias, Operation.Normalisation norm) {
    double[] scales = scales(norm);
    float[] means = norm.mean().toFloats();
    float[] shifts = norm.bias().toFloats();
    float[] values = bias == null ? new float[scales.length] : bias.toFloats();
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (((double) values[i] - means[i]) * scales[i] + shifts[i]);
    }
    return Tensors.of(values, values.length);
  }
}
