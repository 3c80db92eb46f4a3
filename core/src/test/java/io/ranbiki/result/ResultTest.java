package io.ranbiki.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ResultTest {

  private static final ModelFigures TEACHER = new ModelFigures(0.93, 3_604_042L, 14_416_744, 2.0);
  private static final ModelFigures STUDENT = new ModelFigures(0.914, 105_866L, 424_504, 0.1);

  private static EpochRecord epoch(int number) {
    return new EpochRecord(number, Map.of("hard-labels", 0.6), 0.6, 0.87, null, 6.9, 7826, 0.001);
  }

  @Test
  void teacherAndStudent_giveRetentionAndCompression() {
    Result result =
        Result.of(
            "basic",
            "distill",
            71.2,
            Map.of("teacher", TEACHER, "student", STUDENT),
            List.of(epoch(1), epoch(2)));

    assertThat(result.retention()).isCloseTo(0.914 / 0.93, within(1e-12));
    assertThat(result.compression()).isCloseTo(34.0434, within(1e-4));
    assertThat(result.verdict()).isNull();
  }

  @Test
  void studentAlone_hasNeitherRetentionNorCompression() {
    Result result = Result.of("t", "train", 1, Map.of("student", STUDENT), List.of());

    assertThat(result.retention()).isNull();
    assertThat(result.compression()).isNull();
  }

  @Test
  void termsAndModels_keepTheirOrderAndAreCopied() {
    Map<String, Double> terms = new LinkedHashMap<>();
    for (String name : List.of("soft-targets", "hint", "attention", "hard-labels")) {
      terms.put(name, 1.0);
    }
    EpochRecord record = new EpochRecord(1, terms, 4, null, null, 1, 1, 0.1);
    terms.clear();

    assertThat(new ArrayList<>(record.terms().keySet()))
        .containsExactly("soft-targets", "hint", "attention", "hard-labels");
  }

  @Test
  void impossibleMeasurements_areRefusedByName() {
    refused(
        () -> new ModelFigures(1.01, 1L, 1, null),
        "accuracy must lie between 0 and 1, but is 1.01");
    refused(
        () -> new ModelFigures(Double.NaN, 1L, 1, null),
        "accuracy must lie between 0 and 1, but is NaN");
    refused(() -> new ModelFigures(null, -1L, 1, null), "parameters must be 0 or more, but is -1");
    refused(() -> new ModelFigures(null, 1L, -1, null), "bytes must be 0 or more, but is -1");
    refused(
        () -> new ModelFigures(null, 1L, 1, 0.0),
        "milliseconds-per-image must be above 0, but is 0.0");
    refused(
        () -> new EpochRecord(0, Map.of(), 1, null, null, 1, 1, 1),
        "epoch must be 1 or more, but is 0");
    refused(
        () -> new EpochRecord(1, Map.of("hint", Double.NaN), 1, null, null, 1, 1, 1),
        "terms.hint must be finite, but is NaN");
    refused(
        () -> new EpochRecord(1, Map.of(), 1, null, null, -1, 1, 1),
        "seconds must be 0 or more, but is -1.0");
    refused(() -> Result.of(" ", "train", 1, Map.of(), List.of()), "name must not be empty");
    refused(
        () -> Result.of("a", "train", 1, Map.of(), List.of(epoch(2), epoch(2))),
        "history must be in the order of epochs, but epoch 2 follows 2");
    refused(
        () ->
            new Result(
                3, "a", "train", 1, Map.of(), null, null, List.of(), null, null, null, null, null,
                null, null),
        "schema must be 1 to 2, but is 3");
    refused(
        () -> new Interval(0.5, 0.6, 0.7),
        "value must lie between low and high, but 0.5 is not in 0.6 to 0.7");
  }

  @Test
  void figure_refusesWhatCannotBelongToItsValues() {
    refused(() -> new Figure(0, null, null, List.of()), "values must hold at least one value");
    refused(
        () -> new Figure(3, 1.0, 4.0, List.of(1.0, 2.0)),
        "mean must be the mean of values, but is 3.0 and not 1.5");
    refused(
        () -> new Figure(1.5, 1.6, 2.0, List.of(1.0, 2.0)),
        "mean must lie between low and high, but 1.5 is not in 1.6 to 2.0");
    refused(
        () -> new Figure(1.5, 1.0, null, List.of(1.0, 2.0)), "low and high must be given together");
    refused(
        () -> new Figure(1, 1.0, 1.0, List.of(1.0)),
        "low and high must be left out for a single value");
  }

  @Test
  void seeds_needOneValueEach() {
    Figure two = new Figure(0.5, 0.4, 0.6, List.of(0.4, 0.6));

    refused(
        () -> new SeedFigures(List.of(1L, 2L, 3L), Map.of("student", two), null, null),
        "accuracy.student must have one value for each of the 3 seeds, but has 2");
    refused(
        () -> new SeedFigures(List.of(1L, 1L), Map.of(), null, null),
        "seeds must be different and at least one: [1, 1]");
  }

  private static Gain gain(double mean, double half, double chance) {
    Figure figure =
        new Figure(
            mean, mean - half, mean + half, List.of(mean - half, mean, mean, mean, mean + half));
    Interval newData = new Interval(mean, mean - 2 * half, mean + 2 * half);
    return new Gain("scratch", "student", figure, newData, Verdict.of(figure, chance), chance);
  }

  @Test
  void verdict_saysWhatTheSeedsShow() {
    assertThat(Verdict.sentence(gain(0.01, 0.006, 0.02), "labels alone"))
        .isEqualTo(
            "Gained: +1.00 points against labels alone (95 % interval over 5 seeds +0.40 to +1.60;"
                + " for new data -0.20 to +2.20).");
    assertThat(Verdict.sentence(gain(-0.01, 0.006, 0.02), "labels alone"))
        .isEqualTo(
            "Lost: -1.00 points against labels alone (95 % interval over 5 seeds -1.60 to -0.40;"
                + " for new data -2.20 to +0.20).");
    assertThat(Verdict.sentence(gain(0.01, 0.06, 0.6), "labels alone"))
        .isEqualTo(
            "No difference that the seeds can show: +1.00 points against labels alone (95 %"
                + " interval over 5 seeds -5.00 to +7.00; for new data -11.00 to +13.00).");
  }

  @Test
  void fewerThanFiveSeeds_giveNoVerdict() {
    Figure single = new Figure(0.01, null, null, List.of(0.01));
    Figure two = new Figure(0.01, 0.004, 0.016, List.of(0.008, 0.012));

    assertThat(Verdict.of(two, 1e-9)).isEqualTo(Verdict.OPEN);
    assertThat(
            Verdict.sentence(
                new Gain("scratch", "student", two, null, Verdict.OPEN, 0.01), "labels alone"))
        .isEqualTo(
            "+1.00 points against labels alone (95 % interval over 2 seeds +0.40 to +1.60);"
                + " fewer than 5 seeds, so no verdict.");
    assertThat(
            Verdict.sentence(
                new Gain("scratch", "student", single, null, Verdict.OPEN, null), "labels alone"))
        .isEqualTo(
            "One seed: +1.00 points against labels alone; several seeds tell a gain from chance.");
  }

  @Test
  void verdictOfTheWholeGain_isThatOfTheResult() {
    Gain whole = gain(0.01, 0.006, 0.02);
    Gain part = new Gain("decisions", "student", whole.seeds(), null, Verdict.OPEN, null);
    Result result =
        Result.of(
            "a",
            "distill",
            1,
            Map.of("student", STUDENT),
            List.of(),
            null,
            new Evidence(
                Map.of(), List.of(part, whole), List.of(), List.of(), List.of(), null, null));

    assertThat(result.verdict()).startsWith("Gained: +1.00 points against labels alone");
  }

  @Test
  void onnxRuntimeWithOneThreadAndSample_isTheDeploymentFigure() {
    Cost.Latency wide = latency(Cost.Engine.ONNXRUNTIME, 2, 1);
    Cost.Latency torch = latency(Cost.Engine.LIBTORCH, 1, 1);
    Cost.Latency batch = latency(Cost.Engine.ONNXRUNTIME, 1, 32);
    Cost.Latency figure = latency(Cost.Engine.ONNXRUNTIME, 1, 1);

    assertThat(cost(wide, torch, batch, figure).deployment()).contains(figure);
    assertThat(cost(wide, torch, batch).deployment()).contains(torch);
    assertThat(cost().deployment()).isEmpty();
  }

  @Test
  void impossibleCosts_areRefusedByName() {
    refused(
        () -> new Cost(1L, 1, null, -1L, null, List.of()),
        "multiply-adds must be 0 or more, but is -1");
    refused(
        () -> new Cost.Latency(Cost.Engine.LIBTORCH, 0, 1, 1, 1, 1, 1, 1, 1, 1, false),
        "threads, batch and calls must be 1 or more, but are [0, 1, 1]");
    refused(
        () -> new Cost.Latency(Cost.Engine.LIBTORCH, 1, 1, 1, 1, 3, 2, 4, 2, 2, false),
        "minimum, p50, p95 and p99 must not fall, but are [1.0, 3.0, 2.0, 4.0]");
  }

  @Test
  void oneFailedLimit_weighsMoreThanAnOpenOne() {
    Acceptance.Limit met = limit(Judgement.MET);
    Acceptance.Limit open = limit(Judgement.OPEN);
    Acceptance.Limit failed = limit(Judgement.FAILED);

    assertThat(acceptance(open, failed, met).overall()).isEqualTo(Judgement.FAILED);
    assertThat(acceptance(met, open).overall()).isEqualTo(Judgement.OPEN);
    assertThat(acceptance(met, met).overall()).isEqualTo(Judgement.MET);
    refused(() -> acceptance(), "limits must hold at least one limit");
    refused(
        () -> new Acceptance.Limit("bytes", 1, null, Judgement.MET, null, "s"),
        "judgement must be open where nothing was measured, but is met");
  }

  private static Cost cost(Cost.Latency... latencies) {
    return new Cost(10L, 40, 50L, 8L, 4L, List.of(latencies));
  }

  private static Cost.Latency latency(Cost.Engine engine, int threads, int batch) {
    return new Cost.Latency(engine, threads, batch, 1_000, 0.1, 0.2, 0.3, 0.4, 0.3, 0.3, false);
  }

  private static Acceptance acceptance(Acceptance.Limit... limits) {
    return new Acceptance("student", 1L, List.of(limits));
  }

  private static Acceptance.Limit limit(Judgement judgement) {
    return new Acceptance.Limit("bytes", 1, new Interval(1, 1, 1), judgement, null, "s");
  }

  private static void refused(Runnable construction, String message) {
    assertThatIllegalArgumentException().isThrownBy(construction::run).withMessage(message);
  }
}
