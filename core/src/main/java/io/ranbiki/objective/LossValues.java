package io.ranbiki.objective;

import java.util.Map;
import java.util.Objects;

/**
 * What an objective came to, in numbers.
 *
 * @param terms each term's own value before its weight, by name
 * @param weights each term's weight at this step, by the same names
 */
public record LossValues(Map<String, Double> terms, Map<String, Double> weights) {

  /** The weighted sum. */
  public double total() {
    double total = 0;
    for (Map.Entry<String, Double> term : terms.entrySet()) {
      total += Objects.requireNonNull(weights.get(term.getKey())) * term.getValue();
    }
    return total;
  }
}
