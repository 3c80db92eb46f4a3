package io.ranbiki.run;

import io.ranbiki.data.Augmentations;
import io.ranbiki.objective.Objective;
import io.ranbiki.train.TrainOptions;
import java.util.Optional;

/**
 * Which arms a distillation has beside its student; each has the same initial weights, batches and
 * number of steps.
 *
 * @param scratch whether a student learns from labels alone
 * @param own how labels alone are trained a second time, at their best
 * @param decisions whether a student learns from the teacher's bare decisions, in place of its soft
 *     answers to the same samples
 */
public record CompareConfig(boolean scratch, Optional<OwnRecipe> own, boolean decisions) {

  /** A model that is compared with nothing. */
  static final CompareConfig NONE = new CompareConfig(false, Optional.empty(), false);

  /**
   * How somebody would train who has the labels alone, such as for fewer epochs, or with label
   * smoothing (arXiv:1909.11723). An epoch is once through the labelled samples.
   *
   * @param options epochs, optimiser, schedule, clipping and precision
   * @param batch samples of a step
   * @param augmentations what views do to a sample
   * @param objective that needs no teacher
   */
  public record OwnRecipe(
      TrainOptions options, int batch, Augmentations augmentations, Objective objective) {}
}
