package io.ranbiki.objective;

import io.ranbiki.config.Options;
import io.ranbiki.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** How the values of many positions (samples, tokens, labels) become one. */
public enum Reduction {
  /** Sum over the positions that count, divided by their number; 0 if none counts. */
  MEAN,
  /** Sum over the positions that count, divided by the size of the batch. */
  BATCH_MEAN,
  /** Sum over the positions that count. */
  SUM;

  /** What a mean is over, for {@link Term#meanOver}; null where none is taken. */
  @Nullable MeanOver over(MeanOver positions) {
    return switch (this) {
      case MEAN -> positions;
      case BATCH_MEAN -> MeanOver.SAMPLES;
      case SUM -> null;
    };
  }

  static Reduction read(Options options) {
    return options.word("reduction", MEAN, "How samples and labels become one number");
  }

  /**
   * Reduces values {@code [rows, ...]}.
   *
   * @param counted true where a value counts; null if all do
   * @param batch how many samples the rows are of
   */
  Tensor of(Tensor values, @Nullable Tensor counted, int batch) {
    Tensor sum = counted == null ? values.sum() : values.mul(counted).sum();
    return switch (this) {
      case MEAN -> counted == null ? values.mean() : sum.div(counted.sum().clampMin(1));
      case BATCH_MEAN -> sum.div(batch);
      case SUM -> sum;
    };
  }
}
