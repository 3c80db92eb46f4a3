package io.ranbiki.evaluate;

import io.ranbiki.data.Batch;
import io.ranbiki.nn.Signal;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import java.util.Optional;

/**
 * Whether a teacher's answer to a sample depends on what else it is asked: then stored answers are
 * not what it would say live, or in other batches.
 */
final class CompanyCheck {

  private static final String CHECK = "other company";
  private static final int ASKED_ALONE = 8;

  /** Beyond what other orders of summation change, of the size of the largest answer. */
  private static final double SAME = 1e-2;

  private CompanyCheck() {}

  /**
   * Asks about samples alone and in company.
   *
   * @return nothing where that makes no difference
   */
  static Optional<Finding> of(Teacher teacher, Batch batch) {
    if (teacher.isLookedUp() || batch.size() < 2) {
      return Optional.empty();
    }
    int company = batch.size();
    Optional<Teacher> together = teacher.inCompany();
    if (together.isPresent()) {
      Difference seen = difference(teacher, together.get().signal(batch), batch);
      return Optional.of(
          Finding.ok(
              CHECK,
              "%s rounds a whole batch by one scale (DynamicQuantizeLinear): asked in a batch of %d, its"
                  + " answers to %d samples differed from those alone by up to %.3g (cosine %.3f at worst)."
                  + " So it is asked about each sample alone, live as for the store.",
              teacher.title(),
              company,
              seen.samples,
              seen.largest,
              seen.worstCosine));
    }
    Difference seen = difference(teacher, teacher.signal(batch), batch);
    return seen.largest <= SAME * seen.size
        ? Optional.empty()
        : Optional.of(
            Finding.warning(
                CHECK,
                "The teacher answers %d samples differently alone than in a batch of %d, by up to"
                    + " %.3g (cosine %.3f at worst), so that stored answers depend on the batch. Export it"
                    + " with a mask of the padding and in evaluation mode.",
                seen.samples,
                company,
                seen.largest,
                seen.worstCosine));
  }

  private record Difference(int samples, double largest, double worstCosine, double size) {}

  private static Difference difference(Teacher teacher, Signal inCompany, Batch batch) {
    int samples = Math.min(ASKED_ALONE, batch.size());
    double largest = 0;
    double worst = 1;
    double size = 1;
    for (int row = 0; row < samples; row++) {
      try (TensorScope scope = TensorScope.open("alone")) {
        Tensor alone = teacher.signal(batch.alone(row)).logits().flatten(0);
        Tensor other = inCompany.logits().narrow(0, row, 1).flatten(0);
        if (alone.count() != other.count() || !alone.isAllFinite() || !other.isAllFinite()) {
          continue; // an answer for each token, or one that masks classes
        }
        largest = Math.max(largest, alone.sub(other).abs().amax(0, false).item());
        size = Math.max(size, alone.abs().amax(0, false).item());
        double norms = alone.norm().item() * other.norm().item();
        worst = norms == 0 ? worst : Math.min(worst, alone.mul(other).sum().item() / norms);
      }
    }
    return new Difference(samples, largest, worst, size);
  }
}
