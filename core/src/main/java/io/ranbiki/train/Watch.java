package io.ranbiki.train;

import io.ranbiki.model.Model;
import java.util.function.BooleanSupplier;
import java.util.function.IntPredicate;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Who looks on while a training runs, and keeps what it reaches.
 *
 * @param validation how well a model does on held-out samples, 0 to 1, such as its accuracy;
 *     returns NaN if there are none
 * @param checkpoints where a state is saved after every epoch, and found again; null for none
 * @param stop asked after every step: whether to save and stop
 * @param enough asked before every epoch with the number of epochs done: whether the training is
 *     good enough to end before its last epoch
 * @param listener hears of steps and epochs
 */
public record Watch(
    ToDoubleFunction<Model> validation,
    @Nullable Checkpoints checkpoints,
    BooleanSupplier stop,
    IntPredicate enough,
    TrainingListener listener) {

  /** Nobody: no validation, no checkpoints, no end before the end. */
  public static final Watch NONE =
      new Watch(model -> Double.NaN, null, () -> false, done -> false, TrainingListener.NONE);

  /** One that lets every training go on to its last epoch. */
  public Watch(
      ToDoubleFunction<Model> validation,
      @Nullable Checkpoints checkpoints,
      BooleanSupplier stop,
      TrainingListener listener) {
    this(validation, checkpoints, stop, done -> false, listener);
  }
}
