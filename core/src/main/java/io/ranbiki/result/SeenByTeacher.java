package io.ranbiki.result;

import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which samples of a distillation the teacher was trained on the labels of, itself or through its
 * own teachers, although the comparison takes them for unlabelled or for new.
 *
 * @param unlabelled of the samples that the student is taught on without their label; {@code null}
 *     if there are none
 * @param test of the test samples
 * @param crossFit how many teachers there are of which each answers the labelled samples that it
 *     was not trained on; {@code null} where one teacher answers all of them
 */
public record SeenByTeacher(@Nullable Part unlabelled, Part test, @Nullable Integer crossFit) {

  /** Checks. */
  public SeenByTeacher {
    Check.present("test", test);
  }

  /**
   * Of some samples.
   *
   * @param samples how many they are, 1 or more
   * @param seen how many of their labels the teacher was trained on
   * @param complete whether all labels are known that the teacher was trained on; otherwise {@code
   *     seen} may be too few
   * @param seed the seed that these counts are of, the one with the most seen; {@code null} if they
   *     are those of every seed
   */
  public record Part(int samples, int seen, boolean complete, @Nullable Long seed) {

    /** Checks the ranges. */
    public Part {
      if (samples < 1 || seen < 0 || seen > samples) {
        throw new IllegalArgumentException(
            "seen must lie between 0 and samples, 1 or more, but is " + seen + " of " + samples);
      }
    }

    /** Whether nothing can be said. */
    public boolean unknown() {
      return seen == 0 && !complete;
    }

    private String of(String which) {
      String least = complete ? "" : "at least ";
      String with = seed == null ? "" : " with seed " + seed;
      return String.format(Locale.ROOT, "%s%,d of the %,d %s%s", least, seen, samples, which, with);
    }
  }

  /** What a reader of the figures must know first, in one or two sentences; empty if nothing. */
  public Optional<String> sentence() {
    String said =
        crossFit == null
            ? ""
            : "The answers are cross-fitted: each labelled training sample is answered by the one of "
                + crossFit
                + " teachers that was not trained on it, all other samples by the mean of the "
                + crossFit
                + ".";
    if (unlabelled != null && unlabelled.seen() > 0) {
      boolean most = 2L * unlabelled.seen() >= unlabelled.samples();
      said +=
          (said.isEmpty() ? "" : " ")
              + "The teacher was trained on the labels of "
              + unlabelled.of("samples that count as unlabelled here")
              + (most
                  ? ": the gain shows compression, not learning from few labels."
                  : ": a part of the gain comes from these labels.");
    }
    if (test.seen() > 0) {
      said +=
          (said.isEmpty() ? "" : " ")
              + "The teacher was trained on the labels of "
              + test.of("test samples")
              + ": it, and a student that it taught, may be worse on new samples than here.";
    }
    return said.isEmpty() ? Optional.empty() : Optional.of(said);
  }
}
