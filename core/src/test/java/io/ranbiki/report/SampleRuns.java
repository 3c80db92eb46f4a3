package io.ranbiki.report;

import io.ranbiki.result.Acceptance;
import io.ranbiki.result.Changes;
import io.ranbiki.result.ConfidenceBin;
import io.ranbiki.result.Cost;
import io.ranbiki.result.Cost.Engine;
import io.ranbiki.result.Disagreement;
import io.ranbiki.result.EpochRecord;
import io.ranbiki.result.Evidence;
import io.ranbiki.result.Figure;
import io.ranbiki.result.FinishedRun;
import io.ranbiki.result.Gain;
import io.ranbiki.result.Interval;
import io.ranbiki.result.Judgement;
import io.ranbiki.result.ModelFigures;
import io.ranbiki.result.Origin;
import io.ranbiki.result.Quality;
import io.ranbiki.result.Result;
import io.ranbiki.result.SeedFigures;
import io.ranbiki.result.SeenByTeacher;
import io.ranbiki.result.Verdict;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;

/** Runs with figures that are invented. */
final class SampleRuns {

  static final int EPOCHS = 4;
  private static final List<String> ROLES =
      List.of(Result.TEACHER, Result.SCRATCH, Result.DECISIONS, Result.STUDENT);

  private SampleRuns() {}

  /** With everything that a run can have, and names that are harmless. */
  static FinishedRun whole(int classes, int pictures) {
    List<String> names = IntStream.range(0, classes).mapToObj(i -> "class " + i).toList();
    return run("fashion-basic", names, "image ", "soft-targets", pictures);
  }

  /** The same name wherever somebody else chooses one. */
  static FinishedRun named(String name) {
    return run(name, List.of(name, name + "2", name + "3"), name, name, 3);
  }

  private static FinishedRun run(
      String name, List<String> classes, String sample, String term, int pictures) {
    List<Changes.Confusion> moved = moved(classes);
    Map<String, List<EpochRecord>> epochs = new LinkedHashMap<>();
    Map<String, List<ConfidenceBin>> confidence = new LinkedHashMap<>();
    for (String role : ROLES) {
      confidence.put(
          role, List.of(new ConfidenceBin(40, 0.55, 0.5), new ConfidenceBin(960, 0.97, 0.96)));
      if (!role.equals(Result.TEACHER)) {
        epochs.put(role, history(term));
      }
    }
    return new FinishedRun(
        "runs/" + name,
        result(name, classes, sample, term, pictures),
        new Origin(
            List.of("ranbiki", "distill", name),
            Map.of("Ranbiki", name),
            Map.of("data", name),
            "name: " + name + "\n"),
        classes,
        epochs,
        confidence,
        Map.of(Result.TEACHER, moved),
        pictures(pictures));
  }

  private static Result result(
      String name, List<String> classes, String sample, String term, int pictures) {
    Map<String, ModelFigures> models = new LinkedHashMap<>();
    Map<String, Quality> quality = new LinkedHashMap<>();
    Map<String, Figure> accuracy = new LinkedHashMap<>();
    for (int i = 0; i < ROLES.size(); i++) {
      String role = ROLES.get(i);
      boolean teacher = role.equals(Result.TEACHER);
      double right = teacher ? 0.94 : 0.88 + 0.01 * i;
      models.put(role, new ModelFigures(right, teacher ? 1_000_000L : 20_000L, 80_000, 0.1));
      quality.put(role, quality(right, teacher ? null : 0.93));
      if (!teacher) {
        accuracy.put(role, new Figure(right, right - 0.01, right + 0.01, values(right)));
      }
    }
    Evidence evidence =
        new Evidence(
            quality,
            gains(),
            gains(),
            List.of(changes(Result.TEACHER, classes), changes(Result.SCRATCH, classes)),
            disagreements(classes, sample, pictures),
            new SeenByTeacher(null, new SeenByTeacher.Part(1000, 10, true, null), null),
            null);
    return Result.of(
            name,
            "distill",
            71,
            models,
            history(term),
            new SeedFigures(List.of(1L, 2L, 3L, 4L, 5L), accuracy, null, null),
            evidence)
        .with(cost(), acceptance(name));
  }

  private static List<Double> values(double middle) {
    return List.of(middle, middle, middle, middle, middle);
  }

  private static Quality quality(double right, Double agreement) {
    return new Quality(
        1000,
        new Interval(right, right - 0.02, right + 0.02),
        null,
        right,
        0.25,
        0.12,
        0.02,
        new Interval(0.015, 0, 0.03),
        new Quality.Scaled(1.2, 0.24, 0.01),
        agreement,
        agreement == null ? null : 0.1,
        false);
  }

  private static List<Gain> gains() {
    List<Gain> gains = new ArrayList<>();
    String[][] steps = {
      {Result.SCRATCH, Result.DECISIONS},
      {Result.DECISIONS, Result.STUDENT},
      {Result.SCRATCH, Result.STUDENT}
    };
    for (String[] step : steps) {
      gains.add(
          new Gain(
              step[0],
              step[1],
              new Figure(0.01, 0.005, 0.015, values(0.01)),
              new Interval(0.01, -0.002, 0.022),
              Verdict.GAINED,
              0.001));
    }
    return gains;
  }

  private static Changes changes(String from, List<String> classes) {
    return new Changes(
        from,
        Result.STUDENT,
        20,
        40,
        new Interval(-0.02, -0.03, -0.01),
        classes.stream()
            .map(c -> new Changes.ClassChange(c, 10, 0.9, new Interval(-0.02, -0.1, 0.05)))
            .toList(),
        List.of(new Changes.Confusion(classes.get(0), classes.get(1), 1, 5)),
        List.of(new Changes.Confusion(classes.get(1), classes.get(0), 6, 2)));
  }

  /** Every class is answered as itself less often, and as each of its next three more or less. */
  private static List<Changes.Confusion> moved(List<String> classes) {
    List<Changes.Confusion> moved = new ArrayList<>();
    for (int i = 0; i < classes.size(); i++) {
      for (int next = 0; next < Math.min(4, classes.size()); next++) {
        String predicted = classes.get((i + next) % classes.size());
        int before = next == 0 ? 90 : 5;
        int after = next == 0 ? 88 : next == 2 ? 4 : 6 + i % 5;
        moved.add(new Changes.Confusion(classes.get(i), predicted, before, after));
      }
    }
    return moved;
  }

  private static List<Disagreement> disagreements(
      List<String> classes, String sample, int pictures) {
    return IntStream.range(0, pictures)
        .mapToObj(
            i ->
                new Disagreement(
                    sample + i,
                    classes.get(0),
                    classes.get(0),
                    classes.get(1),
                    3.5,
                    i == 2 ? null : i + ".png",
                    i == 2 ? "Where is <my> card?" : null))
        .toList();
  }

  private static Map<String, Cost> cost() {
    Map<String, Cost> cost = new LinkedHashMap<>();
    for (String role : List.of(Result.TEACHER, Result.STUDENT)) {
      double time = role.equals(Result.TEACHER) ? 0.4 : 0.024;
      cost.put(
          role,
          new Cost(
              20_000L,
              80_000,
              81_000L,
              1_092_000L,
              12_544L,
              List.of(
                  new Cost.Latency(
                      Engine.ONNXRUNTIME,
                      1,
                      1,
                      20_000,
                      time,
                      time,
                      2 * time,
                      3 * time,
                      2 * time,
                      2 * time,
                      role.equals(Result.STUDENT)),
                  new Cost.Latency(
                      Engine.LIBTORCH,
                      1,
                      1,
                      20_000,
                      time,
                      4 * time,
                      5 * time,
                      6 * time,
                      5 * time,
                      5 * time,
                      false))));
    }
    return cost;
  }

  private static Acceptance acceptance(String name) {
    return new Acceptance(
        Result.STUDENT,
        1L,
        List.of(
            new Acceptance.Limit(
                "accuracy-loss",
                1.5,
                new Interval(1.7, 1.3, 2.1),
                Judgement.OPEN,
                41_000L,
                "Cannot be shown with these data: accuracy-loss is 1.70 of " + name),
            new Acceptance.Limit(
                "bytes",
                500_000,
                new Interval(81_000, 81_000, 81_000),
                Judgement.MET,
                null,
                "Met: bytes is 81,000.")));
  }

  private static List<EpochRecord> history(String term) {
    return IntStream.rangeClosed(1, EPOCHS)
        .mapToObj(
            epoch ->
                new EpochRecord(
                    epoch,
                    Map.of(term, 1.0 / epoch),
                    1.0 / epoch,
                    0.8 + 0.02 * epoch,
                    null,
                    1,
                    10_000,
                    0.001))
        .toList();
  }

  /** Pictures of noise, which no format makes smaller than those of samples. */
  private static Map<String, byte[]> pictures(int count) {
    Random random = new Random(1);
    Map<String, byte[]> pictures = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      BufferedImage image = new BufferedImage(28, 28, BufferedImage.TYPE_INT_RGB);
      for (int pixel = 0; pixel < 28 * 28; pixel++) {
        image.setRGB(pixel % 28, pixel / 28, 0x010101 * random.nextInt(256));
      }
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try {
        ImageIO.write(image, "png", bytes);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      pictures.put(i + ".png", bytes.toByteArray());
    }
    return pictures;
  }

  /** As a run that an early version made: schema 1, and no more files than the result. */
  static FinishedRun early() {
    Map<String, ModelFigures> models = new LinkedHashMap<>();
    models.put(Result.TEACHER, new ModelFigures(0.93, 3_600_000L, 14_400_000, 2.1));
    models.put(Result.STUDENT, new ModelFigures(0.91, 105_866L, 424_504, 0.11));
    Result result =
        new Result(
            1,
            "early",
            "distill",
            60,
            models,
            0.978,
            34.0,
            history("soft-targets"),
            null,
            null,
            null,
            null,
            null,
            null,
            null);
    return new FinishedRun(
        "runs/early", result, null, List.of(), Map.of(), Map.of(), Map.of(), Map.of());
  }

  /** Of {@code train}: one model without a teacher. */
  static FinishedRun trained() {
    Result result =
        Result.of(
            "teacher",
            "train",
            60,
            Map.of(Result.STUDENT, new ModelFigures(0.93, 3_600_000L, 14_400_000, 2.1)),
            history("hard-labels"),
            null,
            new Evidence(
                Map.of(Result.STUDENT, quality(0.93, null)),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                null,
                null));
    return new FinishedRun(
        "runs/teacher",
        result,
        null,
        List.of("a", "b"),
        Map.of("model", history("hard-labels")),
        Map.of(),
        Map.of(),
        Map.of());
  }
}
