package io.ranbiki.result;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Whether one file loses less accuracy against another than a margin. Samples are the unit, so the
 * answer is about these two files; what a way of training does, several seeds tell.
 *
 * @param reference name of the model that is compared with
 * @param margin largest loss that is good enough, a share of the samples, 0 or more
 * @param difference accuracy minus that of the reference, with Tango's paired interval
 * @param judgement whether the interval lies above {@code -margin}
 * @param samplesNeeded how many test samples would settle it, if the models go on to differ as
 *     here; {@code null} where it is settled, or where no number would
 */
public record GoodEnough(
    String reference,
    double margin,
    Interval difference,
    Judgement judgement,
    @Nullable Long samplesNeeded) {

  /** Checks the ranges. */
  public GoodEnough {
    Check.text("reference", reference);
    Check.notNegative("margin", margin);
    Check.present("difference", difference);
    Check.present("judgement", judgement);
  }

  /** The judgement as one sentence, in percentage points. */
  public String sentence() {
    String figures =
        String.format(
            Locale.ROOT,
            "%+.2f points against %s (95 %% interval for new data %+.2f to %+.2f), the margin is"
                + " %.2f",
            100 * difference.value(),
            reference,
            100 * difference.low(),
            100 * difference.high(),
            100 * margin);
    return switch (judgement) {
      case MET -> "Good enough: " + figures + ".";
      case FAILED -> "Not good enough: " + figures + ".";
      case OPEN ->
          "Cannot be shown with these data: "
              + figures
              + (samplesNeeded == null
                  ? "."
                  : String.format(
                      Locale.ROOT, "; about %,d test samples would settle it.", samplesNeeded));
    };
  }
}
