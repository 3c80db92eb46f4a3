package io.ranbiki.teacher;

import io.ranbiki.RanbikiException;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;

/** How an ensemble makes one answer of several: {@code w_m} are weights that sum to 1. */
public sealed interface Combine {

  /** The weighted mean of the logits: {@code sum_m w_m z_m}. */
  record Logits() implements Combine {}

  /**
   * The weighted mean of the softened probabilities, {@code q = sum_m w_m softmax(z_m / T)}, given
   * as the logits {@code T ln(q)}: a softmax at this temperature finds exactly {@code q} again.
   *
   * @param temperature T, finite and above 0; the same as the objective's
   */
  record Probabilities(double temperature) implements Combine {
    /** Checks the temperature. */
    public Probabilities {
      if (!(temperature > 0) || Double.isInfinite(temperature)) {
        throw RanbikiException.configuration(
            "The ensemble's temperature is %s, but must be a finite number above 0.", temperature);
      }
    }
  }

  /**
   * The answer of the ensemble.
   *
   * @param logits of each member, {@code [batch, classes]}
   * @param weights of each member, 0 or more, sum 1; a member of weight 0 has no say, whatever it
   *     answers
   */
  default Tensor of(List<Tensor> logits, double[] weights) {
    List<Tensor> weighted = new ArrayList<>();
    for (int m = 0; m < weights.length; m++) {
      if (weights[m] > 0) {
        weighted.add(weigh(logits.get(m), weights[m]));
      }
    }
    Tensor stacked = Tensors.stack(weighted, 0);
    if (this instanceof Probabilities probabilities) {
      return stacked.logsumexp(0, false).mul(probabilities.temperature);
    }
    return stacked.sum(0);
  }

  private Tensor weigh(Tensor logits, double weight) {
    if (this instanceof Probabilities probabilities) {
      return logits.div(probabilities.temperature).logSoftmax(1).add(Math.log(weight));
    }
    return logits.mul(weight);
  }
}
