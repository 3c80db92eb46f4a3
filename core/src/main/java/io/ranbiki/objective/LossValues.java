package io.ranbiki.objective;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What an objective came to, in numbers.
 *
 * @param terms each term's own value before its weight, by name
 * @param weights each term's weight at this step, by the same names
 */
public record LossValues(Map<String, Double> terms, Map<String, Double> weights) {

  /** The values times how much each counts for a whole, by name; 1 where none is given. */
  public LossValues times(Map<String, Double> shares) {
    Map<String, Double> some = new LinkedHashMap<>(terms);
    some.replaceAll((name, value) -> shares.getOrDefault(name, 1.0) * value);
    return new LossValues(some, weights);
  }

  /** The sum with the values of another part of the same batch. */
  public LossValues plus(LossValues other) {
    Map<String, Double> sums = new LinkedHashMap<>(terms);
    other.terms.forEach((name, value) -> sums.merge(name, value, Double::sum));
    return new LossValues(sums, weights);
  }

  /** The weighted sum. */
  public double total() {
    double total = 0;
    for (Map.Entry<String, Double> term : terms.entrySet()) {
      total += Objects.requireNonNull(weights.get(term.getKey())) * term.getValue();
    }
    return total;
  }
}
