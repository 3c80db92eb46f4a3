package io.ranbiki.evaluate;

import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;

/** Keeps of answers the likeliest classes and, in place of the last of these, the true one. */
final class Likeliest {

  private Likeliest() {}

  /**
   * Makes predictions whose likelihood of the truth is exact.
   *
   * @param ids {@code [rows]} of the samples
   * @param labels {@code [rows]} the true classes
   * @param logits {@code [rows, classes]}
   * @param kept classes of each row, 1 or more
   */
  static Predictions of(long[] ids, long[] labels, Tensor logits, int kept) {
    int classes = (int) logits.size(1);
    Tensor logP = logits.to(DType.FLOAT32).logSoftmax(1);
    Tensor.TopK best = logP.topk(kept);
    long[] which = best.indices().toLongs();
    float[] values = best.values().toFloats();
    float[] truth = logP.gather(1, Tensors.of(labels, labels.length, 1)).toFloats();
    int[] top = new int[which.length];
    float[] rest = new float[labels.length];
    for (int row = 0; row < labels.length; row++) {
      boolean found = false;
      for (int i = row * kept; i < (row + 1) * kept; i++) {
        top[i] = (int) which[i];
        found |= which[i] == labels[row];
      }
      if (!found && kept > 1) {
        top[(row + 1) * kept - 1] = (int) labels[row];
        values[(row + 1) * kept - 1] = truth[row];
      }
      double all = 1;
      for (int i = row * kept; i < (row + 1) * kept; i++) {
        all -= Math.exp(values[i]);
      }
      rest[row] = (float) Math.max(0, all);
    }
    return new Predictions(ids, labels, classes, new Predictions.Top(kept, top, values, rest));
  }
}
