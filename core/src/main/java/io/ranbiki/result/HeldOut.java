package io.ranbiki.result;

import java.util.Locale;

/**
 * The training samples that no network of a run was trained on, and by what they judged its epochs.
 *
 * @param samples how many they are, 1 or more; those of another seed are others, and as many
 * @param of how many training samples they were taken from: of those with a label, or, for {@link
 *     Score#AGREEMENT}, of those without
 * @param score what was measured on them after every epoch
 */
public record HeldOut(int samples, int of, Score score) {

  /** What is measured. */
  public enum Score {
    /** The share of them that are answered rightly. */
    ACCURACY,
    /** The share of them that are answered as the teacher does; they have no label. */
    AGREEMENT;

    /** The word in files: {@code accuracy}, {@code agreement}. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Checks the ranges. */
  public HeldOut {
    if (samples < 1 || samples > of) {
      throw new IllegalArgumentException(
          "samples must lie between 1 and of, but is " + samples + " of " + of);
    }
    Check.present("score", score);
  }

  /** What was held out and what it is for, without a full stop. */
  public String sentence() {
    return String.format(
        Locale.ROOT,
        score == Score.ACCURACY
            ? "%,d of %,d labelled training samples are held out, and epochs are judged by the accuracy on them"
            : "%,d of %,d samples without label are held out, and epochs are judged by the agreement with the teacher on them",
        samples,
        of);
  }
}
