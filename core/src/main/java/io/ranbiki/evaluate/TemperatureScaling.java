package io.ranbiki.evaluate;

import org.apache.commons.numbers.rootfinder.BrentSolver;

/**
 * The temperature at which a model's probabilities fit the labels of held-out samples best. It
 * changes no decision, only how sure the model is.
 *
 * <p>Source: Guo et al. 2017, arXiv:1706.04599, section 4.2: the negative log-likelihood is least.
 * It is convex in the inverse temperature, so its derivative has one root.
 */
final class TemperatureScaling {

  private static final double COLDEST = 0.02;
  private static final double HOTTEST = 50;
  private static final double EXACT = 1e-9;

  private TemperatureScaling() {}

  /**
   * Fits the temperature.
   *
   * @param heldOut answers to samples that were neither trained on nor are tested on, with labels
   * @return between 0.02 and 50: an end where every held-out sample is right, or none
   */
  static double fit(Predictions heldOut) {
    if (slope(heldOut, 1 / HOTTEST) >= 0) {
      return HOTTEST;
    }
    if (slope(heldOut, 1 / COLDEST) <= 0) {
      return COLDEST;
    }
    return 1
        / new BrentSolver(EXACT, EXACT, EXACT)
            .findRoot(inverse -> slope(heldOut, inverse), 1 / HOTTEST, 1 / COLDEST);
  }

  /** Derivative of the summed negative log-likelihood by the inverse temperature. */
  private static double slope(Predictions heldOut, double inverse) {
    double[] logP = new double[heldOut.classes()];
    double[] logits = new double[heldOut.classes()];
    double slope = 0;
    for (int i = 0; i < heldOut.size(); i++) {
      if (!heldOut.isLabelled(i)) {
        continue;
      }
      heldOut.logProbabilities(i, 1 / inverse, logP);
      heldOut.answers().read(i, logits);
      for (int c = 0; c < logits.length; c++) {
        slope += logP[c] == Double.NEGATIVE_INFINITY ? 0 : Math.exp(logP[c]) * logits[c];
      }
      slope -= logits[heldOut.label(i)];
    }
    return slope;
  }
}
