package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.LabelsSeen;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.evaluate.ConfidenceInterval;
import io.ranbiki.evaluate.Metrics;
import io.ranbiki.evaluate.Predictions;
import io.ranbiki.evaluate.PredictionsFile;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.result.Figure;
import io.ranbiki.result.Gain;
import io.ranbiki.result.Result;
import io.ranbiki.result.SeedFigures;
import io.ranbiki.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExperimentIT {

  private static final String DISTILL =
      """
      name: two-seeds
      latency: false
      seed: %s
      doctor: false
      data: {format: digits, size: 120, validation: 0}
      teacher: {model: %s}
      student: {architecture: student-cnn}
      objective: [{hard-labels: {weight: 0.5}}, {soft-targets: {weight: 0.5}}]
      train: {epochs: 1, batch: 16, threads: 1}
      """;

  @TempDir Path folder;

  private Path teacher() {
    ModelSpec spec = ModelSpec.of("intermediate-cnn", List.of(1, 28, 28), 10, Map.of("hidden", 16));
    Path model = folder.resolve("teacher");
    try (Model untrained = Model.create(spec, 1)) {
      ModelConfig config = new ModelConfig(spec, Normalization.none(), List.of());
      ModelFolder.write(model, untrained, config, LabelsSeen.NONE, "");
    }
    return model;
  }

  private Result run(String seeds, String name, RunListener listener, String... overrides) {
    String text = DISTILL.formatted(seeds, teacher());
    RunConfig config =
        RunConfigReader.distillation(
            ConfigDocument.parse("a.yaml", text, List.of(overrides), Map.of()));
    RunFolder run = RunFolder.create(folder.resolve("runs").resolve(name));
    return new Experiment(config, run, List.of("test"), listener, () -> false).run();
  }

  @Test
  void twoSeeds_giveMeansAndIntervals() {
    long before = Tensor.live();
    List<String> stages = new ArrayList<>();
    Result result =
        run(
            "[3, 4]",
            "both",
            new RunListener() {
              @Override
              public void stageStarted(
                  String stage, long seed, long fromStep, long steps, int batch) {
                stages.add(stage + " " + seed + " " + steps);
              }
            });
    assertThat(Tensor.live()).isEqualTo(before);
    assertThat(stages)
        .containsExactly(
            "scratch 3 8",
            "decisions 3 8",
            "student 3 8",
            "scratch 4 8",
            "decisions 4 8",
            "student 4 8");

    SeedFigures seeds = result.seeds();
    assertThat(seeds).isNotNull();
    assertThat(seeds.seeds()).containsExactly(3L, 4L);
    assertThat(seeds.accuracy().keySet())
        .containsExactly(Result.SCRATCH, Result.DECISIONS, Result.STUDENT);
    Figure student = seeds.accuracy().get(Result.STUDENT);
    ConfidenceInterval interval = ConfidenceInterval.of(student.values());
    assertThat(student.values()).hasSize(2);
    assertThat(student.mean())
        .isCloseTo((student.values().get(0) + student.values().get(1)) / 2, within(1e-12));
    assertThat(student.low()).isEqualTo(interval.low());
    assertThat(student.high()).isEqualTo(interval.high());
    Figure gain = seeds.gain();
    assertThat(gain).isNotNull();
    for (int i = 0; i < 2; i++) {
      double scratch = seeds.accuracy().get(Result.SCRATCH).values().get(i);
      assertThat(gain.values().get(i)).isEqualTo(student.values().get(i) - scratch);
    }
    assertThat(result.verdict()).endsWith("fewer than 5 seeds, so no verdict.");
    requireThatGainsAddUp(result);
    assertThat(ResultJson.read(folder.resolve("runs/both/result.json"))).isEqualTo(result);
  }

  private void requireThatGainsAddUp(Result result) {
    List<Gain> gains = result.evidence().gains();
    assertThat(gains)
        .extracting(gain -> gain.from() + " to " + gain.to())
        .containsExactly("scratch to decisions", "decisions to student", "scratch to student");
    assertThat(gains.get(0).seeds().mean() + gains.get(1).seeds().mean())
        .isCloseTo(gains.get(2).seeds().mean(), within(1e-12));
    for (String role : List.of("teacher", "scratch", "decisions", "student")) {
      Predictions kept =
          PredictionsFile.read(folder.resolve("runs/both/evaluation/" + role + "-3.safetensors"));
      assertThat(kept.accuracy()).isEqualTo(result.models().get(role).accuracy());
      assertThat(Metrics.of(kept, null, null).accuracy())
          .isEqualTo(result.evidence().models().get(role).accuracy());
    }
    assertThat(folder.resolve("runs/both/stages/student-4/model.safetensors")).exists();
  }

  @Test
  void aSeedAmongSeveral_findsWhatItFindsAlone() {
    Result both = run("[3, 4]", "both", RunListener.NONE);
    Result alone = run("[4]", "alone", RunListener.NONE);
    assertThat(both.seeds().accuracy().get(Result.STUDENT).values().get(1))
        .isEqualTo(alone.models().get(Result.STUDENT).accuracy());
    assertThat(both.seeds().accuracy().get(Result.SCRATCH).values().get(1))
        .isEqualTo(alone.models().get(Result.SCRATCH).accuracy());
  }

  @Test
  void teacher_isAskedAboutTheTestSetOnceForAllRuns() {
    List<String> notes = new ArrayList<>();
    RunListener listener =
        new RunListener() {
          @Override
          public void note(String note) {
            notes.add(note);
          }
        };
    Result first = run("[1]", "first", listener);
    assertThat(notes).filteredOn(note -> note.contains("answers to the test set")).hasSize(1);
    notes.clear();
    Result second = run("[2]", "second", listener);
    assertThat(notes).isEmpty();
    assertThat(second.models().get(Result.TEACHER).accuracy())
        .isEqualTo(first.models().get(Result.TEACHER).accuracy());
  }

  @Test
  void aStoreThatCannotBeUsed_isRefusedBeforeAnythingIsWrittenOrTrained() throws IOException {
    run("[1]", "first", RunListener.NONE);
    List<Path> stores;
    try (Stream<Path> files = Files.list(folder.resolve("runs/answers"))) {
      stores = files.filter(file -> file.toString().endsWith(".store")).toList();
    }
    assertThat(stores).as("answers to the training and the test set").hasSize(2);
    for (Path folderOfOne : stores) {
      Path store = folderOfOne.resolve("part-00000.store");
      byte[] sound = Files.readAllBytes(store);
      byte[] damaged = sound.clone();
      damaged[300] ^= 1;
      Files.write(store, damaged);
      String name = "after-" + stores.indexOf(folderOfOne);
      assertThatThrownBy(() -> run("[1]", name, RunListener.NONE, "doctor=false"))
          .isInstanceOf(RanbikiException.class)
          .hasMessageContaining(store.toString());
      assertThat(folder.resolve("runs").resolve(name)).doesNotExist();
      Files.write(store, sound);
    }
  }

  @Test
  void answersThatTheDiskCannotTake_areRefusedBeforeAnythingIsWrittenOrTrained() {
    assertThatThrownBy(
            () ->
                run(
                    "[1]",
                    "large",
                    RunListener.NONE,
                    "data.augment=[flip]",
                    "data.views=1000000000",
                    "train.epochs=1000000000"))
        .isInstanceOf(RanbikiException.class)
        .hasMessageMatching("\\d+ answers take \\d+ bytes in .* bytes are free there\\..*");
    assertThat(folder.resolve("runs/large")).doesNotExist();
    assertThat(folder.resolve("runs/answers")).doesNotExist();
  }

  @Test
  void teachersAccuracy_isTheSameStoredOrLive() {
    Result stored = run("[1]", "stored", RunListener.NONE);
    RunConfig live =
        RunConfigReader.distillation(
            ConfigDocument.parse(
                "a.yaml",
                DISTILL.formatted("1", teacher()),
                List.of("teacher.answers=live"),
                Map.of()));
    RunFolder run = RunFolder.create(folder.resolve("others").resolve("live"));
    Result asked = new Experiment(live, run, List.of(), RunListener.NONE, () -> false).run();
    assertThat(folder.resolve("others/answers")).doesNotExist();
    assertThat(asked.models().get(Result.TEACHER).accuracy())
        .isEqualTo(stored.models().get(Result.TEACHER).accuracy());
  }
}
