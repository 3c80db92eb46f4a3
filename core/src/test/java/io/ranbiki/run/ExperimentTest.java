package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.data.Dataset;
import io.ranbiki.evaluate.ConfidenceInterval;
import io.ranbiki.evaluate.Evaluation;
import io.ranbiki.model.Model;
import io.ranbiki.result.Figure;
import io.ranbiki.result.Gain;
import io.ranbiki.result.Result;
import io.ranbiki.result.SeedFigures;
import io.ranbiki.result.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The figures of a run, held against the same computed by hand. */
class ExperimentTest {

  @TempDir Path folder;

  private static double accuracy(Model model, RunData data, Dataset samples) {
    return Evaluation.of(model, data.evaluationLoader(samples)).accuracy();
  }

  @Test
  void figuresOverSeeds_areThoseOfStudentsTrainedByHand() throws IOException {
    Path rows = TinyRuns.rows(folder.resolve("rows"));
    Path teacher = TinyRuns.teacher(rows, folder.resolve("runs"));
    RunConfig config =
        TinyRuns.distillation(
            rows,
            "seed: [3, 4, 5, 6]\nteacher: {model: \"%s\"}\n".formatted(teacher),
            "data.validation=0.25",
            "train.keep=last");
    RunFolder run = RunFolder.create(folder.resolve("runs/tiny"));
    Result result =
        new Experiment(config, run, List.of("test"), RunListener.NONE, () -> false).run();

    List<Double> gains = new ArrayList<>();
    List<Double> kept = new ArrayList<>();
    List<Double> alone = new ArrayList<>();
    List<Double> distilled = new ArrayList<>();
    double taught;
    try (RunData data = RunData.open(config);
        Model teaching = TinyRuns.open(teacher)) {
      taught = accuracy(teaching, data, data.test());
      for (long seed : config.seeds()) {
        try (Model scratch = Networks.initial(config.student(), data, seed);
            Model student = Networks.initial(config.student(), data, seed)) {
          TinyRuns.fit(config, data, scratch, null, seed);
          try (var live = new io.ranbiki.teacher.ModelTeacher(teaching, List.of())) {
            TinyRuns.fit(config, data, student, live, seed);
          }
          alone.add(accuracy(scratch, data, data.test()));
          distilled.add(accuracy(student, data, data.test()));
          if (seed == 3) {
            Dataset held = data.split(seed).validation().orElseThrow();
            Double validation = result.history().get(2).validationAccuracy();
            assertThat(validation).isEqualTo(accuracy(student, data, held));
          }
        }
        gains.add(distilled.get(distilled.size() - 1) - alone.get(alone.size() - 1));
        kept.add(distilled.get(distilled.size() - 1) / taught);
      }
      try (ModelFolder.Loaded model = ModelFolder.read(run.model())) {
        assertThat(accuracy(model.model(), data, data.test()))
            .as("the model of the first seed")
            .isEqualTo(distilled.get(0));
        assertThat(model.config().names()).containsExactlyElementsOf(data.classNames());
      }
    }
    assertThat(ConfidenceInterval.of(gains).mean()).as("so that signs show").isNotZero();
    assertThat(ConfidenceInterval.of(kept).mean()).as("so that turning shows").isNotEqualTo(1);

    SeedFigures seeds = Objects.requireNonNull(result.seeds());
    assertThat(seeds.accuracy().get(Result.SCRATCH).values()).isEqualTo(alone);
    assertThat(seeds.accuracy().get(Result.STUDENT).values()).isEqualTo(distilled);
    assertFigure(seeds.gain(), gains);
    assertFigure(seeds.retention(), kept);
    assertThat(seeds.accuracy()).containsKey(Result.DECISIONS);
    Gain gain = Objects.requireNonNull(result.evidence()).gains().get(2);
    assertFigure(gain.seeds(), gains);
    assertThat(result.verdict()).isEqualTo(Verdict.sentence(gain, "labels alone"));
    assertThat(result.retention()).isEqualTo(kept.get(0));
    assertThat(result.models().get(Result.TEACHER).accuracy()).isEqualTo(taught);
    assertThat(result.models().get(Result.SCRATCH).accuracy()).isEqualTo(alone.get(0));
    assertThat(result.models().get(Result.STUDENT).accuracy()).isEqualTo(distilled.get(0));
    // 4 * 32 + 32 + 32 * 3 + 3 = 259 by 4 * 4 + 4 + 4 * 3 + 3 = 35
    assertThat(result.compression()).isEqualTo(259 / 35.0);
    assertThat(ResultJson.read(run.result())).isEqualTo(result);
  }

  private static void assertFigure(Figure figure, List<Double> values) {
    ConfidenceInterval interval = ConfidenceInterval.of(values);
    assertThat(figure.values()).isEqualTo(values);
    assertThat(figure.mean()).isCloseTo(interval.mean(), within(1e-12));
    assertThat(figure.low()).isCloseTo(interval.low(), within(1e-12));
    assertThat(figure.high()).isCloseTo(interval.high(), within(1e-12));
  }
}
