package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.LabelsSeen;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.evaluate.Gains;
import io.ranbiki.evaluate.Predictions;
import io.ranbiki.evaluate.PredictionsFile;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.result.Judgement;
import io.ranbiki.result.MethodComparison;
import io.ranbiki.result.MethodComparison.Method;
import io.ranbiki.result.ModelFigures;
import io.ranbiki.result.Result;
import io.ranbiki.result.SeedFigures;
import io.ranbiki.result.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunComparisonTest {

  private static final int SAMPLES = 1000;

  @TempDir Path folder;

  /** Answers that are right on the first samples. */
  private static Predictions right(int count, long firstId) {
    float[] logits = new float[2 * SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
      logits[2 * i + (i < count ? 0 : 1)] = 1;
    }
    long[] ids = LongStream.range(firstId, firstId + SAMPLES).toArray();
    return Predictions.ofLogits(ids, new long[SAMPLES], 2, logits);
  }

  private Path run(String name, List<String> classes, Map<Long, Predictions> students)
      throws IOException {
    RunFolder run = new RunFolder(folder.resolve(name));
    Files.createDirectories(run.evaluation());
    students.forEach(
        (seed, answers) -> PredictionsFile.write(run.predictions("student", seed), answers));
    ModelSpec spec = ModelSpec.of("mlp", List.of(2), 2);
    try (Model model = Model.create(spec, 1)) {
      ModelFolder.write(
          run.model(),
          model,
          new ModelConfig(spec, Normalization.none(), classes),
          LabelsSeen.NONE,
          "card");
    }
    List<Long> seeds = students.keySet().stream().sorted().toList();
    List<Double> accuracy = seeds.stream().map(seed -> students.get(seed).accuracy()).toList();
    SeedFigures figures =
        new SeedFigures(seeds, Map.of("student", Gains.figure(accuracy)), null, null);
    ResultJson.write(
        run.result(),
        Result.of(
            name,
            "distill",
            1,
            Map.of("student", new ModelFigures(accuracy.get(0), 6L, 24, null)),
            List.of(),
            seeds.size() > 1 ? figures : null,
            null));
    return run.path();
  }

  private Path fiveSeeds(String name, int right) throws IOException {
    return run(
        name,
        List.of("a", "b"),
        Map.of(
            1L, right(right, 0),
            2L, right(right + 2, 0),
            3L, right(right + 1, 0),
            4L, right(right - 1, 0),
            5L, right(right - 2, 0)));
  }

  @Test
  void methods_areHeldAgainstTheFirstSeedBySeed() throws IOException {
    MethodComparison comparison =
        RunComparison.of(
            List.of(fiveSeeds("plain", 800), fiveSeeds("better", 830), fiveSeeds("same", 800)),
            null);

    List<Method> methods = comparison.methods();
    assertThat(methods.get(0).score().mean()).isCloseTo(0.8, within(1e-12));
    assertThat(methods.get(0).difference()).isNull();
    assertThat(methods.get(0).goodEnough()).isNull();
    assertThat(Objects.requireNonNull(methods.get(1).difference()).seeds().mean())
        .isCloseTo(0.03, within(1e-12));
    assertThat(methods.get(1).difference().verdict()).isEqualTo(Verdict.GAINED);
    assertThat(Objects.requireNonNull(methods.get(2).difference()).verdict())
        .isEqualTo(Verdict.NO_DIFFERENCE);
    assertThat(methods.get(1).seeds()).containsExactly(1L, 2L, 3L, 4L, 5L);
  }

  @Test
  void firstStudent_isJudgedBesideItsTeacher() throws IOException {
    Path run = run("run", List.of("a", "b"), Map.of(7L, right(800, 0)));
    PredictionsFile.write(new RunFolder(run).predictions("teacher", 7), right(806, 0));

    Method wide = RunComparison.of(List.of(run), 0.02).methods().get(0);
    assertThat(Objects.requireNonNull(wide.goodEnough()).judgement()).isEqualTo(Judgement.MET);
    assertThat(wide.goodEnough().sentence())
        .matches(
            "Good enough: -0\\.60 points against its teacher \\(95 % interval for new data -1\\.\\d\\d"
                + " to -0\\.\\d\\d\\), the margin is 2\\.00\\.");
    Method narrow = RunComparison.of(List.of(run), 0.008).methods().get(0);
    assertThat(narrow.goodEnough().judgement()).isEqualTo(Judgement.OPEN);
    assertThat(narrow.goodEnough().sentence())
        .startsWith("Cannot be shown with these data: -0.60 points")
        .endsWith(" test samples would settle it.");
    Method none = RunComparison.of(List.of(run), 0.0005).methods().get(0);
    assertThat(none.goodEnough().judgement()).isEqualTo(Judgement.FAILED);
    assertThat(none.goodEnough().sentence()).startsWith("Not good enough: -0.60 points");
  }

  @Test
  void runsThatDoNotFit_areRefused() throws IOException {
    Path first = run("first", List.of("a", "b"), Map.of(1L, right(800, 0)));
    Path classes = run("classes", List.of("a", "c"), Map.of(1L, right(800, 0)));
    Path samples = run("samples", List.of("a", "b"), Map.of(1L, right(800, 5)));
    Path seeds = run("seeds", List.of("a", "b"), Map.of(2L, right(800, 0)));
    Path empty = Files.createDirectories(folder.resolve("empty/evaluation")).getParent();

    refused(
        "Run %s has the classes [a, b] and run %s has [a, c]; compare runs of the same classes."
            .formatted(first, classes),
        first,
        classes);
    refused(
        "Runs %s and %s were measured on different test sets; measure both on the same one by"
                .formatted(first, samples)
            + " 'ranbiki compare' with --data.",
        first,
        samples);
    refused(
        "Run %s has the seeds [1] and run %s has [2]; differences are taken seed by seed, so train"
                .formatted(first, seeds)
            + " both with the same.",
        first,
        seeds);
    refused(
        "Run %s has not finished; wait until it has, go on with it by 'ranbiki resume', or ask its"
                .formatted(empty)
            + " model by 'ranbiki compare' with --data.",
        empty);
    refused("Run %s is named twice; name every run once.".formatted(first), first, seeds, first);
    Path early = run("early", List.of("a", "b"), Map.of(1L, right(900, 0)));
    Files.delete(new RunFolder(early).predictions("student", 1));
    refused(
        "Run %s keeps no answers, as those of early versions; ask its model by 'ranbiki compare' with"
                .formatted(early)
            + " --data.",
        first,
        early);
  }

  @Test
  void answersOfALongerRunThatHasNotFinished_areNotMixedWithOlderOnes() throws IOException {
    Path run = fiveSeeds("run", 800);
    String message =
        "The answers in run %s are not those of its result, as while it is made longer; wait until"
                .formatted(run)
            + " it has finished, or go on with it by 'ranbiki resume'.";
    PredictionsFile.write(new RunFolder(run).predictions("student", 4), right(900, 0));
    refused(message, run);
    Files.delete(new RunFolder(run).predictions("student", 4));
    refused(message, run);
    PredictionsFile.write(new RunFolder(run).predictions("student", 4), right(799, 0));
    assertThat(RunComparison.of(List.of(run), null).methods()).hasSize(1);
    Files.delete(new RunFolder(run).result());
    refused(
        "Run %s has not finished; wait until it has, go on with it by 'ranbiki resume', or ask its"
                .formatted(run)
            + " model by 'ranbiki compare' with --data.",
        run);
  }

  private static void refused(String message, Path... runs) {
    assertThatThrownBy(() -> RunComparison.of(List.of(runs), null))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(message);
  }
}
