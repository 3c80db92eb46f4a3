package io.ranbiki.report;

import io.ranbiki.result.EpochRecord;
import io.ranbiki.result.FinishedRun;
import io.ranbiki.result.HeldOut;
import io.ranbiki.result.Result;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** How training went. */
final class CurvesSection {

  private CurvesSection() {}

  /** Empty where nothing can be drawn. */
  static Optional<Section> of(FinishedRun run, Roles roles) {
    List<Chart> figures = new ArrayList<>();
    heldOut(trainings(run, roles), judged(run.result()), Measure.of(run.result()))
        .ifPresent(figures::add);
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

  /**
   * One line.
   *
   * @param name of the training
   */
  record Training(String name, int colour, List<EpochRecord> epochs) {}

  /** Trainings by what their epochs are judged; empty if by nothing. */
  static Optional<Chart> heldOut(List<Training> trainings, String caption, Measure measure) {
    return heldOut(
            trainings,
            measure.isAccuracy() ? EpochRecord::validationAccuracy : EpochRecord::validationScore,
            measure.title(),
            measure.axis(),
            measure::tick,
            caption)
        .or(
            () ->
                heldOut(
                    trainings,
                    EpochRecord::validationAgreement,
                    "Agreement with the teacher",
                    "same answers",
                    Words::tickPercent,
                    caption));
  }

  private static Optional<Chart> heldOut(
      List<Training> trainings,
      Function<EpochRecord, @Nullable Double> score,
      String title,
      String axis,
      DoubleFunction<String> ticks,
      String caption) {
    List<XyChart.Series> series = new ArrayList<>();
    for (Training training : trainings) {
      List<XyChart.Point> points = new ArrayList<>();
      for (EpochRecord epoch : training.epochs()) {
        Double reached = score.apply(epoch);
        if (reached != null) {
          points.add(XyChart.Point.of(epoch.epoch(), reached));
        }
      }
      if (!points.isEmpty()) {
        series.add(new XyChart.Series(training.name(), training.colour(), points));
      }
    }
    return series.isEmpty()
        ? Optional.empty()
        : Optional.of(
            XyChart.lines(
                "figure-validation",
                title + " on samples held out",
                caption,
                new XyChart.Axis("epoch", Svg::number),
                new XyChart.Axis(axis, ticks),
                series));
  }

  private static String judged(Result result) {
    HeldOut heldOut = result.evidence() == null ? null : result.evidence().heldOut();
    return heldOut == null ? "" : heldOut.sentence() + ". The best one is kept.";
  }

  /** The student's alone where a run kept no more. */
  private static List<Training> trainings(FinishedRun run, Roles roles) {
    List<Training> trainings = new ArrayList<>();
    for (String role : run.result().models().keySet()) {
      List<EpochRecord> epochs =
          role.equals(Result.STUDENT)
              ? run.result().history()
              : run.epochs().getOrDefault(role, List.of());
      trainings.add(new Training(roles.title(role), roles.colour(role), epochs));
    }
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
                new XyChart.Axis("mean of the epoch", Words::tickFigure),
                series));
  }
}
