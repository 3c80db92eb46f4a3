package io.ranbiki.cli;

import io.ranbiki.result.Gain;
import io.ranbiki.result.MethodComparison;
import io.ranbiki.result.Verdict;
import java.io.PrintWriter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finished runs held against the first one. */
final class MethodTable {

  /** Instead of a verdict. */
  private static final String FEW_SEEDS = "few seeds";

  private MethodTable() {}

  static void print(MethodComparison comparison, Table.Format format, PrintWriter out) {
    boolean shares = comparison.isByAccuracy();
    Table table =
        new Table(
            "run",
            "seeds",
            comparison.metric(),
            "difference",
            "over seeds",
            "for new data",
            "verdict");
    for (MethodComparison.Method method : comparison.methods()) {
      Gain gain = method.difference();
      table.add(
          method.name(),
          Integer.toString(method.seeds().size()),
          shares ? Shown.percent(method.score()) : Shown.figure(method.score()),
          gain == null ? Shown.UNKNOWN : difference(gain.seeds().mean(), shares),
          gain == null
              ? Shown.UNKNOWN
              : difference(gain.seeds().low(), gain.seeds().high(), shares),
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

  private static String difference(double difference, boolean shares) {
    return shares ? Shown.points(difference) : Shown.difference(difference);
  }

  private static String difference(@Nullable Double low, @Nullable Double high, boolean shares) {
    return low == null || high == null
        ? Shown.UNKNOWN
        : difference(low, shares) + " to " + difference(high, shares);
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
          "%nDifferences are to the first run, %s, with 95 %% intervals; verdicts are Holm's"
              + " over %d comparison%s.%n",
          comparison.isByAccuracy() ? "in points" : "above 0 where a run is better",
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
