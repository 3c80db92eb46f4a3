package io.ranbiki.evaluate;

import io.ranbiki.data.Task;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Whether a model doubts samples that belong to none of its classes: the area under the ROC curve
 * of 1 - its largest probability, equal to the share of pairs of a sample out of scope and one in
 * scope of which it doubts the former more, ties counting half; 0.5 is chance. Hendrycks and
 * Gimpel, arXiv:1610.02136, section 3. Empty where no sample is {@linkplain
 * io.ranbiki.data.OutOfScope out of scope}.
 */
public record OutOfScopeAuc() implements Metric {

  /** The name. */
  public static final String NAME = "out-of-scope-auc";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean serves(Task task) {
    return task instanceof Task.Classes;
  }

  @Override
  public OptionalDouble of(Predictions model, @Nullable Predictions teacher) {
    int[] told =
        IntStream.range(0, model.size())
            .filter(i -> model.isLabelled(i) || model.isOutOfScope(i))
            .toArray();
    boolean[] out = new boolean[told.length];
    double[] doubt = new double[told.length];
    double[] logP = new double[model.classes()];
    for (int i = 0; i < told.length; i++) {
      model.logProbabilities(told[i], 1, logP);
      out[i] = model.isOutOfScope(told[i]);
      // In the order of 1 - probability, and exact where the probability is near 1.
      doubt[i] = -logP[model.prediction(told[i])];
    }
    return Auc.area(doubt, out);
  }
}
