package io.ranbiki.evaluate;

/**
 * How far the answers of an exported file are from those of the model that it was made of.
 *
 * @param samples that both were asked about
 * @param largestDifference of two logits
 * @param largestLogit of the model, without sign
 * @param others samples for which both name another class, or one of them alone says a label; of no
 *     meaning for numbers
 */
public record Parity(int samples, double largestDifference, double largestLogit, int others) {

  /** Compares answers to the same samples. */
  public static Parity of(Predictions model, Predictions file) {
    model.requireSameSamples(file);
    double[] expected = new double[model.classes()];
    double[] actual = new double[model.classes()];
    double difference = 0;
    double largest = 0;
    int others = 0;
    for (int sample = 0; sample < model.size(); sample++) {
      model.answers().read(sample, expected);
      file.answers().read(sample, actual);
      boolean other = model.truth() == null && model.prediction(sample) != file.prediction(sample);
      for (int c = 0; c < expected.length; c++) {
        other |= model.truth() != null && expected[c] > 0 != actual[c] > 0;
        difference = Math.max(difference, Math.abs(actual[c] - expected[c]));
        largest = Math.max(largest, Math.abs(expected[c]));
      }
      others += other ? 1 : 0;
    }
    return new Parity(model.size(), difference, largest, others);
  }

  /** Whether no two logits differ by more than this share of the largest logit and one. */
  public boolean isWithin(double share) {
    return largestDifference <= share * (1 + largestLogit);
  }
}
