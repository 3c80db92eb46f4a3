package io.ranbiki.evaluate;

import io.ranbiki.data.Task;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * How surprising hidden pieces are to a model: the mean of {@code -log p(piece)}, in nats, or its
 * exponential, the perplexity: among how many pieces it might as well choose by lot.
 *
 * @param exponential whether the figure is the perplexity
 */
record CrossEntropy(boolean exponential) implements Metric {

  @Override
  public String name() {
    return exponential ? "perplexity" : "cross-entropy";
  }

  @Override
  public boolean serves(Task task) {
    return task instanceof Task.MaskedLanguage;
  }

  @Override
  public boolean isLargerBetter() {
    return false;
  }

  @Override
  public boolean isShare() {
    return false;
  }

  @Override
  public OptionalDouble of(Predictions model, @Nullable Predictions teacher) {
    if (!model.isAnyLabelled()) {
      return OptionalDouble.empty();
    }
    double sum = 0;
    int known = 0;
    double[] all = new double[model.classes()];
    for (int sample = 0; sample < model.size(); sample++) {
      if (model.isLabelled(sample)) {
        sum -= logProbability(model, sample, all);
        known++;
      }
    }
    double mean = sum / known;
    return OptionalDouble.of(exponential ? Math.exp(mean) : mean);
  }

  /** Of the truth, which is among the classes that are kept. */
  private static double logProbability(Predictions model, int sample, double[] all) {
    if (model.answers() instanceof Predictions.Top top) {
      for (int i = sample * top.kept(); i < (sample + 1) * top.kept(); i++) {
        if (top.top()[i] == model.label(sample)) {
          return top.logProbabilities()[i];
        }
      }
    }
    model.logProbabilities(sample, 1, all);
    return all[model.label(sample)];
  }
}
