package io.ranbiki.teacher;

import io.ranbiki.RanbikiException;
import io.ranbiki.data.Batch;
import io.ranbiki.data.Epoch;
import io.ranbiki.tensor.DType;
import io.ranbiki.tensor.Functional;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.util.Locale;

/**
 * How true a teacher stays in another precision, and what that costs or saves.
 *
 * @param samples that were asked about in both
 * @param divergence mean KL divergence from the teacher's own answers, in nats
 * @param time of a question against the teacher's own; NaN if one batch is all that was asked
 */
record Fidelity(int samples, double divergence, double time) {

  private static final double LARGEST_DIVERGENCE = 0.01;
  private static final int COMPARED_SAMPLES = 512;

  /** Asks both about the first samples. */
  static Fidelity of(Teacher own, Teacher other, Epoch epoch) {
    double sum = 0;
    int samples = 0;
    long ownNanos = 0;
    long otherNanos = 0;
    while (epoch.hasNext() && samples < COMPARED_SAMPLES) {
      try (TensorScope scope = TensorScope.open("fidelity")) {
        Batch batch = Batch.of(epoch.next());
        long start = System.nanoTime();
        Tensor full = own.signal(batch).logits().to(DType.FLOAT32);
        long between = System.nanoTime();
        Tensor half = other.signal(batch).logits().to(DType.FLOAT32);
        if (samples > 0) { // the first question takes longer: kernels are made for its shapes
          ownNanos += between - start;
          otherNanos += System.nanoTime() - between;
        }
        sum += batch.size() * Functional.softTargetLoss(half, full, 1).item();
        samples += batch.size();
      }
    }
    return new Fidelity(samples, sum / samples, (double) otherNanos / ownNanos);
  }

  /**
   * What was seen, in a sentence.
   *
   * @throws RanbikiException if the answers differ too much
   */
  String require(Precision precision) {
    String said =
        String.format(
            Locale.ROOT,
            "In %s the teacher's answers to %d samples differ from its own by a mean KL divergence"
                + " of %.2g nats",
            precision,
            samples,
            divergence);
    if (!(divergence <= LARGEST_DIVERGENCE)) { // NaN too
      throw RanbikiException.configuration(
          "%s, but at most %s is accepted. Label with precision float32.",
          said, LARGEST_DIVERGENCE);
    }
    return said + timeInWords() + ".";
  }

  private String timeInWords() {
    if (!Double.isFinite(time)) {
      return "";
    }
    String factor = String.format(Locale.ROOT, "%.1f", time);
    if (factor.equals("1.0")) {
      return ", and take as long";
    }
    return time < 1
        ? ", and take " + factor + " of the time"
        : ", and take " + factor + " times as long: float32 is faster on this processor";
  }
}
