package io.ranbiki.result;

import org.jspecify.annotations.Nullable;

/**
 * What one way of training is worth over another: a difference of test accuracies, seed by seed,
 * from the same initial weights and batches.
 *
 * @param from role of the arm that is compared with
 * @param to role of the arm that is judged
 * @param seeds the difference of each seed, with the interval over seeds: what other seeds would
 *     give on the same test samples
 * @param newData the same with what other test samples would change; equal in its value; {@code
 *     null} for a single seed
 * @param verdict what the seeds show
 * @param chance how probable a difference as large as this is if there is none, corrected by Holm
 *     where several are in one table, 0 to 1; {@code null} for a single seed
 */
public record Gain(
    String from,
    String to,
    Figure seeds,
    @Nullable Interval newData,
    Verdict verdict,
    @Nullable Double chance) {

  /** Checks the ranges. */
  public Gain {
    Check.text("from", from);
    Check.text("to", to);
    Check.present("seeds", seeds);
    Check.present("verdict", verdict);
    Check.fraction("chance", chance);
  }
}
