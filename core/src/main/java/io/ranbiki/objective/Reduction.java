package io.ranbiki.objective;

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

  /**
   * Reduces values {@code [batch, ...]}.
   *
   * @param counted 1 where a position counts, else 0; null if all do
   */
  Tensor of(Tensor values, @Nullable Tensor counted) {
    Tensor sum = counted == null ? values.sum() : values.mul(counted).sum();
    return switch (this) {
      case MEAN -> counted == null ? values.mean() : sum.div(counted.sum().clampMin(1));
      case BATCH_MEAN -> sum.div(values.size(0));
      case SUM -> sum;
    };
  }
}
