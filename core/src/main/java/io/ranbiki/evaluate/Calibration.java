package io.ranbiki.evaluate;

import io.ranbiki.result.ConfidenceBin;
import java.util.ArrayList;
import java.util.List;

/**
 * How far a model's probabilities can be trusted, and how soft they are. Samples without a label
 * count for the entropy only; without any label the other figures are NaN.
 *
 * <p>Source of the calibration errors: Guo et al. 2017, "On Calibration of Modern Neural Networks",
 * arXiv:1706.04599, section 2, with {@value #BINS} bins of equal width; a bin holds its upper end.
 *
 * @param expectedError mean over samples of the gap between mean confidence and accuracy of their
 *     bin, 0 to 1; confidence is the largest probability
 * @param largestError the largest such gap
 * @param negativeLogLikelihood mean of {@code -ln p[label]}, in nats
 * @param brier mean over samples of the sum over classes of {@code (p_c - [c = label])^2}, 0 to 2
 * @param entropy mean of {@code -sum p_c ln p_c}, in nats; {@code ln(classes)} at most
 */
public record Calibration(
    double expectedError,
    double largestError,
    double negativeLogLikelihood,
    double brier,
    double entropy) {

  /** Number of bins of confidence. */
  public static final int BINS = 15;

  /**
   * Judges the probabilities {@code softmax(logits / temperature)}.
   *
   * @param temperature finite, above 0
   */
  public static Calibration of(Predictions predictions, double temperature) {
    int classes = predictions.classes();
    double[] confidence = new double[BINS];
    int[] right = new int[BINS];
    int[] held = new int[BINS];
    int labelled = 0;
    double likelihood = 0;
    double brier = 0;
    double entropy = 0;
    double[] logP = new double[classes];
    for (int sample = 0; sample < predictions.size(); sample++) {
      predictions.logProbabilities(sample, temperature, logP);
      int best = 0;
      for (int c = 0; c < classes; c++) {
        entropy -= logP[c] == Double.NEGATIVE_INFINITY ? 0 : Math.exp(logP[c]) * logP[c];
        best = logP[c] > logP[best] ? c : best;
      }
      if (!predictions.isLabelled(sample)) {
        continue;
      }
      labelled++;
      likelihood -= logP[predictions.label(sample)];
      for (int c = 0; c < classes; c++) {
        double gap = Math.exp(logP[c]) - (c == predictions.label(sample) ? 1 : 0);
        brier += gap * gap;
      }
      double sure = Math.exp(logP[best]);
      int bin = bin(sure);
      held[bin]++;
      confidence[bin] += sure;
      right[bin] += best == predictions.label(sample) ? 1 : 0;
    }
    double expected = 0;
    double largest = 0;
    for (int bin = 0; bin < BINS; bin++) {
      double gap = Math.abs(confidence[bin] - right[bin]); // times the number of samples in it
      expected += gap / labelled;
      largest = held[bin] == 0 ? largest : Math.max(largest, gap / held[bin]);
    }
    return new Calibration(
        labelled == 0 ? Double.NaN : expected,
        labelled == 0 ? Double.NaN : largest,
        likelihood / labelled,
        brier / labelled,
        entropy / predictions.size());
  }

  /**
   * The samples by how sure a model is of its answer, the least sure first; bins without a sample
   * are left out, and so are samples without a label.
   */
  public static List<ConfidenceBin> bins(Predictions predictions) {
    double[] confidence = new double[BINS];
    int[] right = new int[BINS];
    int[] held = new int[BINS];
    double[] logP = new double[predictions.classes()];
    for (int sample = 0; sample < predictions.size(); sample++) {
      if (predictions.isLabelled(sample)) {
        predictions.logProbabilities(sample, 1, logP);
        double sure = Math.min(1, Math.exp(logP[predictions.prediction(sample)]));
        int bin = bin(sure);
        held[bin]++;
        confidence[bin] += sure;
        right[bin] += predictions.isRight(sample) ? 1 : 0;
      }
    }
    List<ConfidenceBin> bins = new ArrayList<>();
    for (int bin = 0; bin < BINS; bin++) {
      if (held[bin] > 0) {
        bins.add(
            new ConfidenceBin(
                held[bin],
                Math.min(1, confidence[bin] / held[bin]),
                (double) right[bin] / held[bin]));
      }
    }
    return bins;
  }

  private static int bin(double confidence) {
    return Math.max(1, Math.min(BINS, (int) Math.ceil(confidence * BINS))) - 1;
  }
}
