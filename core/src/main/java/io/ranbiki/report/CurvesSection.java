package io.ranbiki.report;

import io.ranbiki.result.EpochRecord;
import io.ranbiki.result.FinishedRun;
import io.ranbiki.result.Result;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** How training went. */
final class CurvesSection {

  private CurvesSection() {}

  /** Empty where nothing can be drawn. */
  static Optional<Section> of(FinishedRun run, Roles roles) {
    List<Chart> figures = new ArrayList<>();
    heldOut(run, roles).ifPresent(figures::add);
    terms(run.result()).ifPresent(figures::add);
    return figures.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Section(
                "curves",
                "How training went",
                "What happened after every epoch, a pass over the training samples, with the first"
                    + " seed.",
                List.of(new Part.Charts(figures))));
  }

  /** By whichever of the two its epochs are judged. */
  private static Optional<Chart> heldOut(FinishedRun run, Roles roles) {
    return heldOut(run, roles, EpochRecord::validationAccuracy, "Right answers", "right answers")
        .or(
            () ->
                heldOut(
                    run,
                    roles,
                    EpochRecord::validationAgreement,
                    "Agreement with the teacher",
                    "same answers"));
  }

  private static Optional<Chart> heldOut(
      FinishedRun run,
      Roles roles,
      Function<EpochRecord, @Nullable Double> score,
      String title,
      String axis) {
    List<XyChart.Series> series = new ArrayList<>();
    trainings(run)
        .forEach(
            (stage, epochs) -> {
              List<XyChart.Point> points = new ArrayList<>();
              for (EpochRecord epoch : epochs) {
                Double reached = score.apply(epoch);
                if (reached != null) {
                  points.add(XyChart.Point.of(epoch.epoch(), reached));
                }
              }
              if (!points.isEmpty()) {
                series.add(new XyChart.Series(roles.title(stage), roles.colour(stage), points));
              }
            });
    return series.isEmpty()
        ? Optional.empty()
        : Optional.of(
            XyChart.lines(
                "figure-validation",
                title + " on samples held out",
                "The epoch that is kept is the best one here.",
                new XyChart.Axis("epoch", Svg::number),
                new XyChart.Axis(axis, Words::tickPercent),
                series));
  }

  /** The student's alone where a run kept no more. */
  static Map<String, List<EpochRecord>> trainings(FinishedRun run) {
    Map<String, List<EpochRecord>> trainings = new LinkedHashMap<>();
    for (String role : run.result().models().keySet()) {
      if (run.epochs().containsKey(role)) {
        trainings.put(role, run.epochs().get(role));
      }
    }
    trainings.putIfAbsent(Result.STUDENT, run.result().history());
    return trainings;
  }

  private static Optional<Chart> terms(Result result) {
    Map<String, List<XyChart.Point>> terms = new LinkedHashMap<>();
    for (EpochRecord epoch : result.history()) {
      epoch
          .terms()
          .forEach(
              (name, value) ->
                  terms
                      .computeIfAbsent(name, any -> new ArrayList<>())
                      .add(XyChart.Point.of(epoch.epoch(), value)));
    }
    List<XyChart.Series> series = new ArrayList<>();
    terms.forEach(
        (name, points) -> series.add(new XyChart.Series(name, 4 + series.size(), points)));
    return series.isEmpty()
        ? Optional.empty()
        : Optional.of(
            XyChart.lines(
                "figure-terms",
                "What was minimised",
                "Every term of the objective, before its weight, on the training samples.",
                new XyChart.Axis("epoch", Svg::number),
                new XyChart.Axis("mean of the epoch", Svg::number),
                series));
  }
}
