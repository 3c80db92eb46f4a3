package io.ranbiki.cli;

import io.ranbiki.result.Gain;
import io.ranbiki.result.MethodComparison;
import io.ranbiki.result.Verdict;
import java.io.PrintWriter;
import java.util.Locale;

/** Finished runs held against the first one. */
final class MethodTable {

  /** Instead of a verdict. */
  private static final String FEW_SEEDS = "few seeds";

  private MethodTable() {}

  static void print(MethodComparison comparison, Table.Format format, PrintWriter out) {
    Table table =
        new Table(
            "run", "seeds", "accuracy", "difference", "over seeds", "for new data", "verdict");
    for (MethodComparison.Method method : comparison.methods()) {
      Gain gain = method.difference();
      table.add(
          method.name(),
          Integer.toString(method.seeds().size()),
          Shown.percent(method.accuracy()),
          gain == null ? Shown.UNKNOWN : Shown.points(gain.seeds().mean()),
          gain == null ? Shown.UNKNOWN : Shown.points(gain.seeds().low(), gain.seeds().high()),
          gain == null || gain.newData() == null
              ? Shown.UNKNOWN
              : Shown.points(gain.newData().low(), gain.newData().high()),
          gain == null ? Shown.UNKNOWN : words(gain));
    }
    table.print(format, out);
    if (format == Table.Format.TEXT) {
      remarks(comparison, out);
    }
    out.flush();
  }

  private static String words(Gain gain) {
    return switch (gain.verdict()) {
      case GAINED -> "better";
      case LOST -> "worse";
      case NO_DIFFERENCE -> "not shown";
      case OPEN -> FEW_SEEDS;
    };
  }

  private static boolean isOpen(MethodComparison.Method method) {
    Gain gain = method.difference();
    return gain != null && gain.verdict() == Verdict.OPEN;
  }

  private static void remarks(MethodComparison comparison, PrintWriter out) {
    int compared = comparison.methods().size() - 1;
    if (compared > 0) {
      out.printf(
          Locale.ROOT,
          "%nDifferences are to the first run, in points, with 95 %% intervals; verdicts are Holm's"
              + " over %d comparison%s.%n",
          compared,
          compared == 1 ? "" : "s");
    }
    if (comparison.methods().stream().anyMatch(MethodTable::isOpen)) {
      out.println(FEW_SEEDS + ": fewer than " + Verdict.FEWEST_SEEDS + ", so no verdict");
    }
    if (comparison.methods().stream().anyMatch(method -> method.seeds().size() > 1)) {
      out.println("±: half of the 95 % interval over the seeds of a run");
    }
    for (MethodComparison.Method method : comparison.methods()) {
      if (method.goodEnough() != null) {
        out.println(method.name() + ", its first seed: " + method.goodEnough().sentence());
      }
    }
  }
}
