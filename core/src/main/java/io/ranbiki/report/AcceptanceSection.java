package io.ranbiki.report;

import io.ranbiki.report.Part.Cell;
import io.ranbiki.report.Part.Column;
import io.ranbiki.report.Part.Tone;
import io.ranbiki.result.Acceptance;
import io.ranbiki.result.Judgement;
import io.ranbiki.result.Result;
import java.util.List;

/** Whether the student is good enough. */
final class AcceptanceSection {

  static final String ID = "acceptance";
  private static final String TITLE = "Is it good enough?";

  private AcceptanceSection() {}

  static Section of(Result result, Roles roles) {
    Acceptance acceptance = result.acceptance();
    if (acceptance == null) {
      return new Section(
          ID,
          TITLE,
          "Whether " + roles.student() + " keeps limits that were set before.",
          List.of(
              new Part.Paragraph(
                  "No limits were set, so nothing was judged. They are written into the configuration"
                      + " like this, and judged when it is run:",
                  false),
              new Part.Code("", "accept: {accuracy-loss: 1.5}", false)));
    }
    List<List<Cell>> rows =
        acceptance.limits().stream()
            .map(
                limit ->
                    List.of(
                        Cell.of(words(limit.judgement()), tone(limit.judgement())),
                        Cell.of(limit.name(), limit.sentence())))
            .toList();
    return new Section(
        ID,
        TITLE,
        "Whether "
            + roles.student()
            + " keeps the limits that were set. A limit is met only where the whole 95 % interval"
            + " lies inside of it.",
        List.of(
            new Part.Table(
                "Limits",
                List.of(new Column("Verdict", false), new Column("Limit", false)),
                rows)));
  }

  /** The whole in a sentence. */
  static String sentence(Acceptance acceptance) {
    long count = acceptance.limits().size();
    long failed = count(acceptance, Judgement.FAILED);
    long open = count(acceptance, Judgement.OPEN);
    return switch (acceptance.overall()) {
      case MET ->
          count == 1 ? "It keeps the limit that was set." : "It keeps all " + count + " limits.";
      case FAILED -> "It fails " + failed + " of " + count + (count == 1 ? " limit." : " limits.");
      case OPEN ->
          "Whether it keeps "
              + open
              + " of "
              + count
              + (count == 1 ? " limit" : " limits")
              + " cannot be shown with these data.";
    };
  }

  private static long count(Acceptance acceptance, Judgement judgement) {
    return acceptance.limits().stream().filter(limit -> limit.judgement() == judgement).count();
  }

  private static String words(Judgement judgement) {
    return switch (judgement) {
      case MET -> "✓ Met";
      case FAILED -> "✗ Failed";
      case OPEN -> "? Cannot be shown";
    };
  }

  private static Tone tone(Judgement judgement) {
    return switch (judgement) {
      case MET -> Tone.GOOD;
      case FAILED -> Tone.BAD;
      case OPEN -> Tone.OPEN;
    };
  }
}
