package io.ranbiki.teacher;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Dataset;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.util.Locale;
import java.util.Optional;

/**
 * Finds answers from which nobody can learn, and names their samples: a logit that is NaN or
 * infinite, or a sample for which every class is masked. Some classes may be masked with -infinity.
 */
public final class FiniteAnswers {

  private FiniteAnswers() {}

  /**
   * Refuses answers from which nobody can learn.
   *
   * @param who answers, such as {@code the teacher X}
   * @param logits {@code [batch, ..., classes]}
   * @param samples that the batch is of, for their names
   * @throws RanbikiException of kind model, with the first such sample
   */
  public static void require(String who, Tensor logits, Batch batch, Dataset samples) {
    fault(logits, batch, samples)
        .ifPresent(
            what -> {
              throw RanbikiException.model(
                  "%s %s. Check its weights, that sample, and data.normalize.", who, what);
            });
  }

  /** What is wrong with answers, such as {@code answers sample 17 with NaN for class 3}. */
  public static Optional<String> fault(Tensor logits, Batch batch, Dataset samples) {
    try (TensorScope scope = TensorScope.open("finite answers")) {
      if (Double.isFinite(logits.sum().item())) {
        return Optional.empty(); // one pass for nearly all answers
      }
    }
    float[] values = logits.toFloats();
    int classes = Math.toIntExact(logits.size(-1));
    int perSample = values.length / batch.size();
    String first = "";
    int sample = -1;
    int others = 0;
    for (int i = 0; i < batch.size(); i++) {
      String what = fault(values, i * perSample, (i + 1) * perSample, classes);
      if (!what.isEmpty() && sample < 0) {
        first = what;
        sample = i;
      } else if (!what.isEmpty()) {
        others++;
      }
    }
    if (sample < 0) {
      return Optional.empty();
    }
    String view = batch.view() == 0 ? "" : " in view " + batch.view();
    String more =
        others == 0
            ? ""
            : String.format(Locale.ROOT, ", and %d more of this batch of %d", others, batch.size());
    return Optional.of(
        String.format(
            Locale.ROOT,
            "answers %s%s with %s%s",
            samples.nameOf(batch.ids()[sample]),
            view,
            first,
            more));
  }

  private static String fault(float[] values, int from, int to, int classes) {
    for (int row = from; row < to; row += classes) {
      boolean isMasked = true;
      for (int i = row; i < row + classes; i++) {
        if (Float.isNaN(values[i]) || values[i] == Float.POSITIVE_INFINITY) {
          return String.format(Locale.ROOT, "%s for class %d", values[i], i - row);
        }
        isMasked &= values[i] == Float.NEGATIVE_INFINITY;
      }
      if (isMasked) {
        return "-Infinity for every class";
      }
    }
    return "";
  }
}
