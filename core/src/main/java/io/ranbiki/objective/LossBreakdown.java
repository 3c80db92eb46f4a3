package io.ranbiki.objective;

import io.ranbiki.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The value of an objective, which explains itself.
 *
 * @param total weighted sum, with gradients
 * @param terms each term's own value, before its weight, by name
 * @param weights each term's weight at this step, by name
 */
public record LossBreakdown(Tensor total, Map<String, Tensor> terms, Map<String, Double> weights) {

  /** Each term's own value as a number, by name. */
  public Map<String, Double> values() {
    Map<String, Double> values = new LinkedHashMap<>();
    terms.forEach((name, value) -> values.put(name, value.item()));
    return values;
  }
}
