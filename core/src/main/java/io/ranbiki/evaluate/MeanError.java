package io.ranbiki.evaluate;

import io.ranbiki.data.Task;
import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How far predicted numbers are from the true ones, in the unit of the data; the mean over
 * quantities.
 *
 * @param name in configurations
 * @param ofError what is made of every difference
 * @param ofMean what is made of the mean of these over the samples
 */
record MeanError(String name, DoubleUnaryOperator ofError, DoubleUnaryOperator ofMean)
    implements Metric {

  /** Root of the mean squared error. */
  static final Metric RMSE = new MeanError("rmse", error -> error * error, Math::sqrt);

  /** Mean absolute error. */
  static final Metric MAE = new MeanError("mae", Math::abs, mean -> mean);

  @Override
  public boolean serves(Task task) {
    return task instanceof Task.Numbers;
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
    float[] truth = model.truth();
    if (truth == null) {
      return OptionalDouble.empty();
    }
    double[][] answers = model.byOutput();
    IntToDoubleFunction one =
        output ->
            ofMean.applyAsDouble(
                IntStream.range(0, model.size())
                    .filter(i -> !Float.isNaN(truth[i * model.classes() + output]))
                    .mapToDouble(
                        i ->
                            ofError.applyAsDouble(
                                answers[output][i] - truth[i * model.classes() + output]))
                    .average()
                    .orElse(Double.NaN));
    return IntStream.range(0, model.classes()).mapToDouble(one).filter(Double::isFinite).average();
  }
}
