package io.ranbiki.examples;

import io.ranbiki.data.Digits;
import io.ranbiki.data.Loader;
import io.ranbiki.data.Views;
import io.ranbiki.evaluate.Evaluation;
import io.ranbiki.model.Model;
import io.ranbiki.prepare.Normalization;

/** The data of the examples: digits that are drawn here, so that nothing need be downloaded. */
final class DrawnDigits {

  private static final long TRAINING = 1;
  private static final long TEST = 2;
  private static final int TEST_SIZE = 1_000;

  private DrawnDigits() {}

  /** Shuffled batches of 32. */
  static Loader training(int samples) {
    return loader(samples, TRAINING);
  }

  /** Share of 1,000 digits that nobody was trained on which a model names correctly. */
  static double accuracy(Model model) {
    return Evaluation.of(model, loader(TEST_SIZE, TEST)).accuracy();
  }

  private static Loader loader(int samples, long seed) {
    return new Loader(
        Digits.dataset(samples, seed),
        Loader.Options.shuffled(32, seed),
        new Normalization(new float[] {0.108f}, new float[] {0.220f}),
        Views.none());
  }
}
