package io.ranbiki.cli;

import io.ranbiki.result.Acceptance;
import io.ranbiki.result.Judgement;
import io.ranbiki.result.Result;
import java.io.PrintWriter;
import java.util.Collection;
import java.util.Locale;

/** Limits and what became of them, as a list. */
final class AcceptanceList {

  /** A limit failed. */
  static final int FAILED = 7;

  /** No limit failed, but one cannot be shown with these data. */
  static final int OPEN = 8;

  private AcceptanceList() {}

  static void print(Acceptance acceptance, PrintWriter out) {
    out.println();
    boolean role = acceptance.model().equals(Result.STUDENT);
    out.printf(
        Locale.ROOT,
        "Is %s%s%s good enough?%n",
        role ? "the " : "",
        acceptance.model(),
        acceptance.seed() == null ? "" : ", seed " + acceptance.seed() + ",");
    acceptance.limits().forEach(limit -> out.println("- " + limit.sentence()));
  }

  /** The exit code of a command that did all else that it should. */
  static int exitCode(Collection<Acceptance> acceptances) {
    return acceptances.stream()
        .map(Acceptance::overall)
        .mapToInt(AcceptanceList::exitCode)
        .reduce(0, (one, other) -> one == 0 || other == 0 ? one + other : Math.min(one, other));
  }

  private static int exitCode(Judgement judgement) {
    return switch (judgement) {
      case MET -> 0;
      case FAILED -> FAILED;
      case OPEN -> OPEN;
    };
  }
}
