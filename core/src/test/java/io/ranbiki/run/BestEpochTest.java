package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.evaluate.Evaluation;
import io.ranbiki.evaluate.Metrics;
import io.ranbiki.evaluate.Predictions;
import io.ranbiki.evaluate.PredictionsFile;
import io.ranbiki.model.Model;
import io.ranbiki.result.EpochRecord;
import io.ranbiki.result.Gain;
import io.ranbiki.result.Result;
import io.ranbiki.train.Interrupted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every arm keeps the network of the epoch that did best on the samples held out. */
class BestEpochTest {

  @TempDir Path folder;
  private Path rows = Path.of("");
  private Path teacher = Path.of("");

  @BeforeEach
  void teacher() throws IOException {
    rows = TinyRuns.rows(folder.resolve("rows"));
    teacher = TinyRuns.teacher(rows, folder.resolve("runs"));
  }

  private RunConfig config(String... overrides) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "data.validation=0.3", "train.epochs=8", "train.optimizer.sgd.learning-rate=2"));
    all.addAll(List.of(overrides));
    return TinyRuns.distillation(
        rows, "teacher: {model: \"%s\"}\n".formatted(teacher), all.toArray(String[]::new));
  }

  private Result run(String name, RunConfig config, RunListener listener, BooleanSupplier stop) {
    Path path = folder.resolve("runs").resolve(name);
    RunFolder run = Files.exists(path) ? RunFolder.open(path) : RunFolder.create(path);
    return new Experiment(config, run, List.of("test"), listener, stop).run();
  }

  private static EpochRecord best(Result result) {
    // Of equal ones the first: max keeps the last of them.
    return result.history().stream()
        .sorted(Comparator.comparing(EpochRecord::epoch).reversed())
        .max(Comparator.comparing(epoch -> Objects.requireNonNull(epoch.validationAccuracy())))
        .orElseThrow();
  }

  @Test
  void studentIsThatOfItsBestEpoch_andEqualStepsStandBesideIt() {
    RunConfig config = config();
    assertThat(config.train().keepsBest()).as("the default with a validation part").isTrue();
    Result result = run("best", config, RunListener.NONE, () -> false);
    EpochRecord best = best(result);
    assertThat(best.epoch()).as("so that best and last differ").isLessThan(8);

    RunFolder run = new RunFolder(folder.resolve("runs/best"));
    try (RunData data = RunData.open(config);
        ModelFolder.Loaded model = ModelFolder.read(run.model())) {
      Predictions held =
          Evaluation.of(
              model.model(), data.evaluationLoader(data.split(1).validation().orElseThrow()));
      assertThat(held.accuracy()).isEqualTo(best.validationAccuracy());
      assertThat(PredictionsFile.read(run.predictions("student-validation", 1)).accuracy())
          .isEqualTo(held.accuracy());
      assertThat(Objects.requireNonNull(result.evidence()).models().get("student"))
          .isEqualTo(
              Metrics.of(
                  Evaluation.of(model.model(), data.evaluationLoader(data.test())),
                  PredictionsFile.read(run.predictions("teacher", 1)),
                  held));
    }
    Predictions last = PredictionsFile.read(run.predictions("student-last", 1));
    Predictions scratch = PredictionsFile.read(run.predictions("scratch-last", 1));
    Gain equalSteps = result.evidence().equalSteps().get(2);
    assertThat(equalSteps.seeds().mean())
        .isCloseTo(last.accuracy() - scratch.accuracy(), within(1e-12));
    assertThat(result.evidence().gains().get(2).seeds().mean())
        .isCloseTo(
            result.models().get("student").accuracy() - result.models().get("scratch").accuracy(),
            within(1e-12));
  }

  @Test
  void lastEpoch_isKeptIfItIsAskedFor_andThenTheArmsAreAtEqualStepsAlone() {
    Result result = run("last", config("train.keep=last"), RunListener.NONE, () -> false);
    Result best = run("best", config(), RunListener.NONE, () -> false);
    assertThat(Objects.requireNonNull(result.evidence()).equalSteps()).isEmpty();
    assertThat(result.evidence().gains().get(2).seeds())
        .isEqualTo(Objects.requireNonNull(best.evidence()).equalSteps().get(2).seeds());
    assertThat(folder.resolve("runs/last/evaluation/student-last-1.safetensors")).doesNotExist();
  }

  @Test
  void patience_endsATrainingAfterEpochsThatWereNotBetter() {
    List<String> notes = new ArrayList<>();
    RunListener heard =
        new RunListener() {
          @Override
          public void note(String note) {
            notes.add(note);
          }
        };
    Result whole = run("whole", config(), RunListener.NONE, () -> false);
    Result early = run("early", config("train.patience=2"), heard, () -> false);

    int ended = early.history().size();
    assertThat(ended).isLessThan(8);
    assertThat(best(early).epoch()).isEqualTo(ended - 2);
    assertThat(early.history().get(ended - 1).total())
        .as("the epochs before are the same")
        .isEqualTo(whole.history().get(ended - 1).total());
    assertThat(notes)
        .contains(
            "The training of 'student' with seed 1 ends after epoch %d: none of the last 2 was better than epoch %d."
                .formatted(ended, ended - 2));
  }

  @Test
  void stoppedRun_keepsTheSameEpochs() {
    Result straight = run("straight", config("train.patience=2"), RunListener.NONE, () -> false);
    int[] steps = {0};
    for (int stop = 13; ; stop += 17) {
      int at = stop;
      RunListener counting =
          new RunListener() {
            @Override
            public void stepDone(long step, int samples) {
              steps[0]++;
            }
          };
      try {
        Result stopped = run("stopped", config("train.patience=2"), counting, () -> steps[0] >= at);
        assertThat(stopped.evidence()).isEqualTo(straight.evidence());
        assertThat(folder.resolve("runs/stopped/model/model.safetensors"))
            .hasSameBinaryContentAs(folder.resolve("runs/straight/model/model.safetensors"));
        return;
      } catch (Interrupted e) {
        // Goes on where it was stopped.
      }
    }
  }

  @Test
  void bestEpoch_needsSamplesHeldOut() {
    for (String key : List.of("keep=best", "patience=2")) {
      assertThatThrownBy(() -> config("data.validation=0", "train." + key))
          .isInstanceOf(RanbikiException.class)
          .hasMessageContaining(
              "but no samples are held out to judge an epoch by; say 'validation: 0.1' in 'data'");
    }
    assertThatThrownBy(() -> config("train.keep=last", "train.patience=2"))
        .isInstanceOf(RanbikiException.class)
        .hasMessageContaining(
            "asks for 'patience', which ends a training after its best epoch, and for 'keep: last';"
                + " leave one of them out.");
  }

  @Test
  void labelsAlone_mayHaveARecipeOfTheirOwn_andTheBetterOneCounts() {
    List<String> notes = new ArrayList<>();
    RunListener heard =
        new RunListener() {
          @Override
          public void note(String note) {
            notes.add(note);
          }
        };
    Result own =
        run(
            "own",
            config(
                "train.epochs=1",
                "train.optimizer.sgd.learning-rate=0.01",
                "compare.scratch.train.epochs=15",
                "compare.scratch.train.optimizer.sgd.learning-rate=0.5",
                "compare.scratch.objective=[{hard-labels: {label-smoothing: 0.1}}]"),
            heard,
            () -> false);
    assertThat(notes)
        .contains(
            "Labels alone of seed 1 did better by the recipe of their own on the samples held out.");
    Gain best = Objects.requireNonNull(own.evidence()).gains().get(2);
    Gain equalSteps = own.evidence().equalSteps().get(2);
    assertThat(best.seeds().mean()).isLessThan(equalSteps.seeds().mean());
    assertThat(folder.resolve("runs/own/checkpoints/scratch-own-1/best.safetensors")).exists();

    for (String unjudged : List.of("data.validation=0", "train.keep=last")) {
      assertThatThrownBy(() -> config(unjudged, "compare.scratch.train.epochs=2"))
          .isInstanceOf(RanbikiException.class)
          .hasMessageContaining(
              "gives labels alone a recipe of their own in 'scratch', but no epochs are judged, so"
                  + " that nothing tells which recipe is better; say 'validation: 0.1' in 'data',"
                  + " without 'keep: last' in 'train'.");
    }
    assertThatThrownBy(() -> config("compare.scratch.objective=[{soft-targets: {}}]"))
        .isInstanceOf(RanbikiException.class)
        .hasMessageContaining(
            "has a term that compares with a teacher, but it is the recipe of labels alone; leave"
                + " it out");
  }

  /** A training that was stopped repeats its last epoch, and must not take it for another. */
  @Test
  void ofEpochsThatDidEquallyWell_theFirstIsKept() throws IOException {
    Path checkpoints = folder.resolve("checkpoints");
    try (Model model = TinyRuns.open(teacher)) {
      BestEpoch best = new BestEpoch(checkpoints);
      best.offer(1, 0.5, model);
      best.offer(2, 0.5, model);
      assertThat(best.epoch()).isEqualTo(1);
      best.offer(3, 0.6, model);
      assertThat(new BestEpoch(checkpoints).epoch()).isEqualTo(3);
      assertThat(new BestEpoch(checkpoints).reached()).isEqualTo(0.6);
    }
  }

  @Test
  void damagedBestEpoch_isNamed() throws IOException {
    run("damaged", config(), RunListener.NONE, () -> false);
    Path file = folder.resolve("runs/damaged/checkpoints/student-1/best.safetensors");
    Files.writeString(file, "no weights");
    assertThatThrownBy(() -> run("damaged", config(), RunListener.NONE, () -> false))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(
            "%s is damaged, so that the best epoch is not known any more; begin the run anew in"
                    .formatted(file)
                + " another folder, or choose train.keep=last.");
  }
}
