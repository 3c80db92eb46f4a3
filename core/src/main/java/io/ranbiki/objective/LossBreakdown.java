package io.ranbiki.objective;

import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The value of an objective, which explains itself.
 *
 * @param terms each term's own value, a single number before its weight, with gradients, by name
 * @param weights each term's weight at this step, by the same names
 */
public record LossBreakdown(Map<String, Tensor> terms, Map<String, Double> weights) {

  /** Reads the numbers, which outlive the tensors. */
  public LossValues values() {
    Map<String, Double> values = new LinkedHashMap<>();
    terms.forEach((name, value) -> values.put(name, value.item()));
    return new LossValues(values, weights);
  }

  /** Adds the gradient of the weighted sum to every leaf that led to it. */
  public void backward() {
    backward(Map.of());
  }

  /**
   * As {@link #backward()}, for a part of a batch. The sum itself is not computed: the way back
   * starts at every term, with its weight.
   *
   * @param shares how much each term counts for the whole, by name; 1 where none is given
   */
  public void backward(Map<String, Double> shares) {
    List<Tensor> from = new ArrayList<>();
    List<Double> factors = new ArrayList<>();
    terms.forEach(
        (name, value) -> {
          if (value.requiresGrad()) {
            from.add(value);
            factors.add(shares.getOrDefault(name, 1.0) * Objects.requireNonNull(weights.get(name)));
          }
        });
    Tensors.backward(from, factors);
  }
}
