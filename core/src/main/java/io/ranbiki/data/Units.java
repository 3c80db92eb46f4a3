package io.ranbiki.data;

import io.ranbiki.prepare.Normalization;
import io.ranbiki.prepare.Values;

/** How large and how spread the truth of numbers is. */
public final class Units {

  private Units() {}

  /**
   * The mean and the standard deviation of each number of a task of numbers, over the samples of
   * which it is known, as scikit-learn's {@code StandardScaler} has them; 1 for the deviation of a
   * number that is always the same, and 0 and 1 for one that is never known.
   */
  public static Normalization of(Dataset samples) {
    int width = samples.task().width();
    long[] known = new long[width];
    double[] mean = new double[width];
    double[] squares = new double[width]; // of the distances from the mean, after Welford
    for (int index = 0; index < samples.size(); index++) {
      if (samples.isLabelled(index)
          && samples.read(index).get(Batch.TRUTH) instanceof Values.Floats truth) {
        for (int i = 0; i < width; i++) {
          double number = truth.data()[i];
          if (!Double.isNaN(number)) {
            known[i]++;
            double before = number - mean[i];
            mean[i] += before / known[i];
            squares[i] += before * (number - mean[i]);
          }
        }
      }
    }
    float[] means = new float[width];
    float[] deviations = new float[width];
    for (int i = 0; i < width; i++) {
      float deviation = (float) Math.sqrt(squares[i] / Math.max(1, known[i]));
      means[i] = (float) mean[i];
      deviations[i] = deviation > 0 ? deviation : 1;
    }
    return new Normalization(means, deviations);
  }
}
