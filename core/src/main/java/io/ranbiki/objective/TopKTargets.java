package io.ranbiki.objective;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import io.ranbiki.tensor.Generator;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.Tensors;
import java.util.Arrays;
import java.util.List;

/**
 * Soft targets from the teacher's k likeliest classes: all that is left of an answer when only
 * those are stored, as is done for large vocabularies.
 *
 * <p>{@code L = T^2 * KL(q_t || q_s)} over k classes and, by default, one bucket with the
 * probability of all others: summed over classes, averaged over positions, in nats. The student's
 * side is exact, {@code softmax(z_s / T)}. The teacher's side softens what is stored: the k
 * log-probabilities and the bucket's, {@code softmax([log p_1 ... log p_k, log r] / T)}. Logits are
 * {@code [batch, classes]} or {@code [batch, tokens, classes]}; with labels {@code [batch,
 * tokens]}, tokens labelled -100 do not count.
 *
 * <p>Source: the DistillKit library (no paper). As there, the teacher's bucket is softened as if it
 * were one class while the student's is not, so that at other temperatures than 1 equal answers do
 * not give 0. Deviation: the student's bucket is computed with log-probabilities, not clamped.
 *
 * @param weight weight in the objective, finite, 0 or more
 * @param temperature softening temperature T, finite, above 0
 * @param k how many classes of each answer are used, 1 or more and at most all
 * @param missing what becomes of the other classes
 */
public record TopKTargets(Ramp weight, Ramp temperature, int k, Missing missing) implements Term {

  private static final String NAME = "top-k";

  /** What becomes of the probability outside the k likeliest classes. */
  public enum Missing {
    /** It is matched as one more class. */
    BUCKET,
    /** It is forgotten: the teacher's k probabilities are divided by their sum. */
    FORGOTTEN
  }

  /** Checks the ranges. */
  public TopKTargets {
    weight.requireNonNegative("'weight' of " + NAME);
    temperature.requirePositive("'temperature' of " + NAME);
    if (k < 1) {
      throw RanbikiException.configuration("'k' of %s is %d, but must be 1 or more.", NAME, k);
    }
  }

  /** With a constant weight, temperature 1 and the bucket. */
  public TopKTargets(double weight, int k) {
    this(Ramp.constant(weight), Ramp.constant(1), k, Missing.BUCKET);
  }

  static TopKTargets read(Options options) {
    return new TopKTargets(
        Ramp.weight(options, 1),
        Ramp.temperature(options, 1),
        options.integer("k", 32, "How many classes of each answer are used", Rule.atLeast(1)),
        options.word(
            "missing",
            Missing.BUCKET,
            "Whether the rest is matched as one more class or forgotten"));
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public MeanOver meanOver() {
    return MeanOver.ROWS;
  }

  @Override
  public boolean matchesClasses() {
    return true;
  }

  @Override
  public TermLoss bind(LossInputs example, Generator generator) {
    Logits.requireSameShape(NAME, example);
    long[] shape = example.studentLogits().shape();
    long classes = shape[shape.length - 1];
    if (k > classes) {
      throw RanbikiException.configuration(
          "'k' of %s is %d, but logits %s have %d classes; use a smaller k, or soft-targets.",
          NAME, k, Arrays.toString(shape), classes);
    }
    boolean bucket = missing == Missing.BUCKET && k < classes;
    return inputs -> loss(inputs, bucket);
  }

  private Tensor loss(LossInputs inputs, boolean bucket) {
    double softening = temperature.at(inputs.progress());
    Tensor student = inputs.studentLogits().div(softening);
    Tensor teacher = inputs.teacherLogits();
    Tensor classes = teacher.topk(k).indices();
    Tensor target = parts(teacher, classes, bucket).div(softening).logSoftmax(-1);
    Tensor divergence = Logits.divergence(target, parts(student, classes, bucket));
    return divergence.mean().mul(softening * softening);
  }

  /** Log-probabilities of the classes and, behind them if asked, of all others together. */
  private static Tensor parts(Tensor logits, Tensor classes, boolean bucket) {
    Tensor all = logits.logsumexp(-1, true);
    Tensor chosen = logits.gather(-1, classes).sub(all);
    if (!bucket) {
      return chosen;
    }
    Tensor others = logits.scatter(-1, classes, Logits.EXCLUDED).logsumexp(-1, true).sub(all);
    return Tensors.cat(List.of(chosen, others), -1);
  }
}
