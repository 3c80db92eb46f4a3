package io.ranbiki.cli;

import io.ranbiki.result.Cost;
import io.ranbiki.result.Curve;
import io.ranbiki.result.Interval;
import io.ranbiki.result.ModelFigures;
import io.ranbiki.result.Result;
import java.io.PrintWriter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Shows accuracy against size and time. */
final class CurveTable {

  private static final String BUSY = " busy";

  private CurveTable() {}

  static void print(Result result, Curve curve, PrintWriter out) {
    out.println();
    Table table =
        new Table("student", "accuracy", "against the teacher", "parameters", "smaller", "ms");
    ModelFigures teacher = result.models().get(Result.TEACHER);
    if (teacher != null) {
      table.add(
          "teacher",
          Shown.percent(teacher.accuracy(), 2),
          "",
          Shown.count(teacher.parameters()),
          "",
          Shown.milliseconds(teacher.millisecondsPerImage()));
    }
    for (Curve.Point point : curve.points()) {
      table.add(
          point.title(),
          Shown.percent(point.accuracy()),
          change(point.change()),
          Shown.count(point.parameters()),
          Shown.times(point.compression()),
          time(point.latency()));
    }
    table.print(Table.Format.TEXT, out);
    int seeds = curve.points().get(0).accuracy().values().size();
    if (seeds > 1) {
      out.printf(Locale.ROOT, "±: half of the 95 %% interval over %d seeds%n", seeds);
    }
    if (curve.points().stream().anyMatch(point -> point.change() != null)) {
      out.println(
          "Against the teacher: points of the first seed's student, with the 95 % interval"
              + System.lineSeparator()
              + "for other test samples.");
    }
  }

  private static String change(@Nullable Interval change) {
    return change == null
        ? Shown.UNKNOWN
        : Shown.points(change.value()) + " (" + Shown.points(change.low(), change.high()) + ")";
  }

  private static String time(Cost.@Nullable Latency latency) {
    return latency == null
        ? Shown.UNKNOWN
        : Shown.milliseconds(latency.p50()) + (latency.busy() ? BUSY : "");
  }
}
