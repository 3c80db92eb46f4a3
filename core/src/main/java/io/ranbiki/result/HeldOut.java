package io.ranbiki.result;

import java.util.Locale;

/**
 * The training samples that no network of a run was trained on, and by what they judged its epochs.
 *
 * @param samples how many they are, 1 or more; those of another seed are others, and as many
 * @param of how many training samples they were taken from: of those with a label, or, for {@link
 *     #AGREEMENT}, of those without
 * @param score the metric that was measured on them after every epoch
 */
public record HeldOut(int samples, int of, String score) {

  /** The share of the samples that are answered rightly. */
  public static final String ACCURACY = "accuracy";

  /** The share of the samples that are answered as the teacher does; they have no label. */
  public static final String AGREEMENT = "agreement";

  /** The mean cosine of vectors to the teacher's; whether samples have a label does not count. */
  public static final String COSINE = "cosine";

  /** How surprising hidden pieces of texts are; no label counts. */
  public static final String CROSS_ENTROPY = "cross-entropy";

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
    if (score.equals(COSINE)) {
      return String.format(
          Locale.ROOT,
          "%,d of %,d training samples are held out, and epochs are judged by the mean cosine to"
              + " the teacher's vectors on them",
          samples,
          of);
    }
    if (score.equals(CROSS_ENTROPY)) {
      return String.format(
          Locale.ROOT,
          "%,d of %,d training texts are held out, and epochs are judged by the cross-entropy of"
              + " the pieces that are hidden of them",
          samples,
          of);
    }
    return score.equals(AGREEMENT)
        ? String.format(
            Locale.ROOT,
            "%,d of %,d samples without label are held out, and epochs are judged by the agreement"
                + " with the teacher on them",
            samples,
            of)
        : String.format(
            Locale.ROOT,
            "%,d of %,d labelled training samples are held out, and epochs are judged by the %s on"
                + " them",
            samples,
            of,
            score);
  }
}
