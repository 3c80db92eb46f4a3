package io.ranbiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ranbiki.result.Evidence;
import io.ranbiki.result.Figure;
import io.ranbiki.result.Gain;
import io.ranbiki.result.Interval;
import io.ranbiki.result.ModelFigures;
import io.ranbiki.result.Result;
import io.ranbiki.result.Scores;
import io.ranbiki.result.SeedFigures;
import io.ranbiki.result.SeenByTeacher;
import io.ranbiki.result.Verdict;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a run prints at its end, figure by figure. */
class ResultTableTest {

  private static Result result() {
    return result(null, null);
  }

  private static Result result(@Nullable SeedFigures seeds, @Nullable Evidence evidence) {
    Map<String, ModelFigures> models = new LinkedHashMap<>();
    models.put(Result.TEACHER, new ModelFigures(0.8, 4_000_000L, 16_000_000, 2.5));
    models.put(Result.SCRATCH, new ModelFigures(0.7, 100_000L, 400_000, 0.25));
    models.put(Result.STUDENT, new ModelFigures(0.76, 100_000L, 400_000, 0.25));
    return Result.of("t", "distill", 1, models, List.of(), seeds, evidence);
  }

  private static List<String> printed(Result result) {
    StringWriter text = new StringWriter();
    ResultTable.print(result, new PrintWriter(text, true));
    return text.toString().lines().map(line -> line.replaceAll(" {2,}", " | ")).toList();
  }

  @Test
  void table_fitsEightyColumns_withTheLargestFiguresThatAreLikely() {
    Map<String, ModelFigures> models = new LinkedHashMap<>();
    models.put(Result.TEACHER, new ModelFigures(1.0, 62_378_344L, 249_513_376, 123.45));
    models.put(Result.SCRATCH, new ModelFigures(1.0, 62_378_344L, 249_513_376, 123.45));
    Map<String, Figure> accuracy =
        Map.of(Result.SCRATCH, new Figure(0.9, 0.85, 0.95, List.of(0.896, 0.904)));
    SeedFigures seeds = new SeedFigures(List.of(1L, 2L), accuracy, null, null);
    StringWriter text = new StringWriter();
    ResultTable.print(
        Result.of("t", "distill", 1, models, List.of(), seeds, null), new PrintWriter(text, true));
    assertThat(text.toString().lines())
        .hasSize(5)
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
  }

  @Test
  void oneSeed_isHeldAgainstTheTeacher() {
    assertThat(printed(result()))
        .containsExactly(
            "",
            "model | accuracy | retention | parameters | smaller | file | ms",
            "teacher | 80.00 % | 100.0 % | 4,000,000 | 1.0x | 16.0 MB | 2.50",
            "labels alone | 70.00 % | 87.5 % | 100,000 | 40.0x | 400 kB | 0.25",
            "distilled | 76.00 % | 95.0 % | 100,000 | 40.0x | 400 kB | 0.25");
  }

  @Test
  void severalSeeds_giveTheirMeanAndSpread_andTheVerdictOnTheGain() {
    Map<String, Figure> accuracy = new LinkedHashMap<>();
    accuracy.put(Result.SCRATCH, new Figure(0.7, 0.68, 0.72, List.of(0.69, 0.71)));
    accuracy.put(Result.STUDENT, new Figure(0.72, 0.71, 0.73, List.of(0.715, 0.725)));
    Figure gain = new Figure(0.02, 0.01, 0.03, List.of(0.025, 0.015));
    SeedFigures seeds = new SeedFigures(List.of(1L, 2L), accuracy, null, gain);
    Interval newData = new Interval(0.02, -0.01, 0.05);
    Gain whole = new Gain("scratch", "student", gain, newData, Verdict.OPEN, 0.1);
    Figure answered = new Figure(0.03, 0.025, 0.035, List.of(0.03, 0.03));
    Gain more = new Gain("scratch", "decisions", answered, null, Verdict.OPEN, 0.1);
    Figure softness = new Figure(-0.01, -0.02, 0.0, List.of(-0.005, -0.015));
    Gain soft = new Gain("decisions", "student", softness, null, Verdict.OPEN, 0.1);
    List<Gain> gains = List.of(more, soft, whole);
    Result lastEpochs =
        result(seeds, new Evidence(Map.of(), gains, List.of(), List.of(), List.of(), null, null));
    assertThat(printed(lastEpochs).subList(2, printed(lastEpochs).size()))
        .containsExactly(
            "teacher | 80.00 % | 100.0 % | 4,000,000 | 1.0x | 16.0 MB | 2.50",
            "labels alone | 70.00 % ± 2.00 | 87.5 % | 100,000 | 40.0x | 400 kB | 0.25",
            "distilled | 72.00 % ± 1.00 | 90.0 % | 100,000 | 40.0x | 400 kB | 0.25",
            "±: half of the 95 % interval over 2 seeds",
            "",
            "+2.00 points against labels alone (95 % interval over 2 seeds +1.00 to +3.00; for new"
                + " data -1.00 to +5.00); fewer than 5 seeds, so no verdict.",
            "the gain at equal steps, with 95 % intervals:",
            " | more answered samples | +3.00 points (+2.50 to +3.50)",
            " | what is soft | -1.00 points (-2.00 to +0.00)",
            " | gain as a whole | +2.00 points (+1.00 to +3.00)");

    Result bestEpochs =
        result(null, new Evidence(Map.of(), gains, gains, List.of(), List.of(), null, null));
    assertThat(printed(bestEpochs))
        .containsSubsequence(
            "the gain, each arm at its best epoch, with 95 % intervals:",
            "the gain at equal steps, with 95 % intervals:");
  }

  @Test
  void whatTheTeacherHasSeen_isTheFirstLine() {
    SeenByTeacher seen =
        new SeenByTeacher(
            new SeenByTeacher.Part(54_000, 54_000, true, null),
            new SeenByTeacher.Part(10_000, 0, true, null),
            null);
    Result result =
        result(
            null, new Evidence(Map.of(), List.of(), List.of(), List.of(), List.of(), seen, null));
    assertThat(printed(result).subList(0, 4))
        .containsExactly(
            "",
            "The teacher was trained on the labels of 54,000 of the 54,000 samples that count as"
                + " unlabelled here: the gain shows compression, not learning from few labels.",
            "",
            "model | accuracy | retention | parameters | smaller | file | ms");
  }

  @Test
  void doubt_hasALineForEveryModel_whereTheTestHasSamplesOutOfScope() {
    Map<String, Map<String, Figure>> models = new LinkedHashMap<>();
    models.put(
        Result.TEACHER, Map.of("out-of-scope-auc", new Figure(0.94, null, null, List.of(0.94))));
    models.put(
        Result.STUDENT,
        Map.of("out-of-scope-auc", new Figure(0.9, 0.88, 0.92, List.of(0.89, 0.91))));
    Scores scores = new Scores("classes", "accuracy", true, models, List.of());
    Evidence evidence =
        new Evidence(Map.of(), List.of(), List.of(), List.of(), List.of(), null, null);
    assertThat(printed(result(null, evidence).with(scores)))
        .containsSubsequence(
            "",
            "doubt tells samples out of scope from the others (area under the ROC curve):",
            " | teacher | 0.9400",
            " | distilled | 0.9000 ± 0.0200");
    assertThat(printed(result())).noneMatch(line -> line.contains("doubt"));
  }
}
