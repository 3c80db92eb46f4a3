package io.ranbiki.objective;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Tensor;
import java.util.Arrays;

/** What the terms on logits share: checks before training, masks, divergences. */
final class Logits {

  /** A logit that no softmax sees, yet small enough that 0 times it is 0 and not NaN. */
  static final double EXCLUDED = -1e9;

  private Logits() {}

  /** Checks that both answers have one shape. */
  static void requireSameShape(String term, LossInputs example) {
    long[] student = example.student().logits().shape();
    long[] teacher = example.teacher().logits().shape();
    if (!Arrays.equals(student, teacher)) {
      throw RanbikiException.configuration(
          "%s: student logits %s and teacher logits %s must have the same shape; give a teacher with the classes of the data, or use a term on features.",
          term, Arrays.toString(student), Arrays.toString(teacher));
    }
  }

  /** Checks that there is one label per output. */
  static void requireLabelsLikeLogits(String term, LossInputs example) {
    long[] outputs = example.student().logits().shape();
    long[] labels = example.batch().labels().shape();
    if (!Arrays.equals(outputs, labels)) {
      throw RanbikiException.configuration(
          "%s: labels %s must have the shape of the student's outputs, %s; use hard-labels for one class per sample.",
          term, Arrays.toString(labels), Arrays.toString(outputs));
    }
  }

  /** Checks that there are classes to tell apart. */
  static void requireTwoClasses(String term, LossInputs example) {
    Tensor logits = example.studentLogits();
    if (logits.size(-1) < 2) {
      throw RanbikiException.configuration(
          "%s: logits %s must have 2 classes or more; use binary-targets for a single one.",
          term, Arrays.toString(logits.shape()));
    }
  }

  /** True where there is a class, or a number that is not NaN: -100 is one like others. */
  static Tensor known(Tensor labels) {
    return labels.dtype() == DType.INT64
        ? labels.ne(Functional.IGNORE)
        : labels.eq(labels); // NaN equals nothing
  }

  /** How many labels or numbers of a batch are known. */
  static double countKnown(Batch batch) {
    return known(batch.labels()).sum().item();
  }

  /**
   * Refuses a teacher that masks classes, for terms in which that has no meaning.
   *
   * @param why what the term would need, for the message
   */
  static void requireUnmasked(String term, LossInputs example, String why) {
    if (example.teacherLogits().eq(Double.NEGATIVE_INFINITY).sum().item() > 0) {
      throw RanbikiException.configuration(
          "%s: the teacher gives a class the logit -Infinity, %s; use soft-targets, for which that class has the probability 0.",
          term, why);
    }
  }

  /**
   * {@code KL(target || input)} over the last dimension of log-probabilities, in nats. A class that
   * the target finds impossible, with -infinity, adds nothing.
   */
  static Tensor divergence(Tensor logTarget, Tensor logInput) {
    Tensor finite = logTarget.clampMin(EXCLUDED);
    return finite.exp().mul(finite.sub(logInput)).sum(-1);
  }
}
