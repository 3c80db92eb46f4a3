package io.ranbiki.result;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether a model is good enough: what its figures show of limits that were set before. Samples are
 * the unit, so the answers are about this one file.
 *
 * @param model role or name of the model that is judged
 * @param seed the seed that it was trained with; {@code null} if that is not known
 * @param limits in the order in which they are shown, at least one
 */
public record Acceptance(String model, @Nullable Long seed, List<Limit> limits) {

  /** Copies the list. */
  public Acceptance {
    Check.text("model", model);
    limits = List.copyOf(Check.present("limits", limits));
    if (limits.isEmpty()) {
      throw new IllegalArgumentException("limits must hold at least one limit");
    }
  }

  /** Failed if one limit is, else open if one is, else met. */
  public Judgement overall() {
    return limits.stream().anyMatch(limit -> limit.judgement() == Judgement.FAILED)
        ? Judgement.FAILED
        : limits.stream().anyMatch(limit -> limit.judgement() == Judgement.OPEN)
            ? Judgement.OPEN
            : Judgement.MET;
  }

  /**
   * One limit.
   *
   * @param name its key, such as {@code accuracy-loss}
   * @param limit the largest value that is good enough, or for {@code agreement} the smallest;
   *     points for losses, a share for {@code agreement} and {@code ece}, milliseconds, bytes
   * @param measured the figure and where its true value lies with 95 % confidence, in the unit of
   *     the limit; {@code null} where it could not be measured, so that the judgement is open
   * @param judgement whether that whole interval is inside the limit, or outside
   * @param samplesNeeded how many test samples would settle it, if the model goes on as here;
   *     {@code null} where it is settled, where no number would, and where samples are not what is
   *     missing
   * @param sentence all of this in words
   */
  public record Limit(
      String name,
      double limit,
      @Nullable Interval measured,
      Judgement judgement,
      @Nullable Long samplesNeeded,
      String sentence) {

    /** Checks the ranges. */
    public Limit {
      Check.text("name", name);
      Check.notNegative("limit", limit);
      Check.present("judgement", judgement);
      if (measured == null && judgement != Judgement.OPEN) {
        throw new IllegalArgumentException(
            "judgement must be open where nothing was measured, but is " + judgement);
      }
      Check.text("sentence", sentence);
    }
  }
}
