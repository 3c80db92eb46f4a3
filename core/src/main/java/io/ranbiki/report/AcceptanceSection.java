package io.ranbiki.report;

import io.ranbiki.report.Part.Cell;
import io.ranbiki.report.Part.Column;
import io.ranbiki.report.Part.Tone;
import io.ranbiki.result.Acceptance;
import io.ranbiki.result.Judgement;
import io.ranbiki.result.Result;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Whether the student is good enough. */
final class AcceptanceSection {

  static final String ID = "acceptance";
  private static final String TITLE = "Is it good enough?";

  private static final Map<String, String> TITLES =
      Map.of(
          "accuracy-loss", "Loss of right answers",
          "agreement", "Same answers as the teacher",
          "ece", "Trust in its probabilities",
          "latency-p95-ms", "Time of 95 in 100 answers",
          "bytes", "Size of the file",
          "worst-class-loss", "Loss in the class that lost most");

  /** The verdict, which stands beside the sentence already. */
  private static final Pattern JUDGED =
      Pattern.compile("^(Met|Failed|Cannot be shown( with these data)?): ");

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
              new Part.Code(
                  "",
                  Measure.of(result).isAccuracy()
                      ? "accept: {accuracy-loss: 1.5}"
                      : "accept: {bytes: 500kB, latency-p95-ms: 2}",
                  false)));
    }
    List<List<Cell>> rows =
        acceptance.limits().stream()
            .map(
                limit ->
                    List.of(
                        Cell.of(words(limit.judgement()), tone(limit.judgement())),
                        Cell.of(
                            TITLES.getOrDefault(limit.name(), limit.name()),
                            JUDGED.matcher(limit.sentence()).replaceFirst(""))))
            .toList();
    return new Section(
        ID,
        TITLE,
        "Whether "
            + roles.student()
            + " keeps the limits that were set. A limit is met only where the whole 95\u00a0% interval"
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
          count == open
              ? "Whether it keeps the limits that were set cannot be shown with these data."
              : Words.format(
                  "It keeps %d of %d limits; whether it keeps the other%s cannot be shown with these"
                      + " data.",
                  count - open, count, open == 1 ? "" : "s");
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
