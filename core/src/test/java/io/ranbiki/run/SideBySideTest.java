package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.result.EpochRecord;
import io.ranbiki.result.Result;
import io.ranbiki.tensor.Engine;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.train.Interrupted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SideBySideTest {

  private static final List<String> ARMS =
      List.of("scratch-1", "decisions-1", "student-1", "scratch-2", "decisions-2", "student-2");

  @TempDir private Path folder;
  private Path rows;
  private Path teacher;
  private int threads;

  @BeforeEach
  void teacher() throws IOException {
    threads = Engine.threads();
    rows = TinyRuns.rows(folder.resolve("rows"));
    teacher = TinyRuns.teacher(rows, folder);
  }

  @AfterEach
  void threadsAsBefore() {
    Engine.setThreads(threads);
  }

  /** Hears what is said, in order. */
  private static final class Heard implements RunListener {
    private final List<String> words = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger samples = new AtomicInteger();

    @Override
    public void stageStarted(String stage, long seed, long fromStep, long steps, int batch) {
      words.add(stage + "-" + seed + " from " + fromStep);
    }

    @Override
    public void stepDone(long step, int samples) {
      this.samples.addAndGet(samples);
    }

    @Override
    public void epochDone(String stage, long seed, EpochRecord epoch) {
      words.add(stage + "-" + seed + " epoch " + epoch.epoch());
    }
  }

  private RunConfig config(String... overrides) {
    return TinyRuns.distillation(
        rows, "teacher: {model: \"%s\"}\nseed: [1, 2]\n".formatted(teacher), overrides);
  }

  private Result run(String name, RunListener listener, BooleanSupplier stop, String... overrides) {
    Path run = folder.resolve(name).resolve("run");
    RunFolder into = Files.exists(run) ? RunFolder.open(run) : RunFolder.create(run);
    return new Experiment(config(overrides), into, List.of(), listener, stop).run();
  }

  private List<String> metrics(String name) {
    return MetricsLog.read(folder.resolve(name).resolve("run/metrics.jsonl")).stream()
        .map(line -> line.get("stage") + "-" + line.get("seed") + " " + line.get("terms"))
        .toList();
  }

  private byte[] student(String name) throws IOException {
    return Files.readAllBytes(folder.resolve(name).resolve("run/model/model.safetensors"));
  }

  @Test
  void armsAndSeeds_haveTheBitsTheyHaveOneAfterTheOther() throws IOException {
    Heard one = new Heard();
    Result alone = run("alone", one, () -> false, "train.side-by-side=1");
    Heard several = new Heard();
    long before = Tensor.live();
    Result beside = run("beside", several, () -> false, "train.side-by-side=4", "train.threads=4");

    assertThat(beside.models()).isEqualTo(alone.models());
    assertThat(student("beside")).isEqualTo(student("alone"));
    assertThat(metrics("beside")).isEqualTo(metrics("alone"));
    assertThat(several.words).isEqualTo(one.words);
    assertThat(several.samples.get()).isEqualTo(one.samples.get());
    assertThat(Tensor.live()).isEqualTo(before);
    assertThat(folder.resolve("beside/run/checkpoints"))
        .isDirectoryNotContaining("glob:**/metrics.jsonl");
  }

  /** Runs a distillation twice, with trainings one after the other and side by side. */
  private void sameBits(String more, String... overrides) throws IOException {
    Heard one = new Heard();
    Result alone = distil("alone", more, one, () -> false, with(overrides, 1));
    Heard several = new Heard();
    long before = Tensor.live();
    Result beside = distil("beside", more, several, () -> false, with(overrides, 3));
    assertThat(Tensor.live()).isEqualTo(before);
    assertThat(beside.models()).isEqualTo(alone.models());
    assertThat(student("beside")).isEqualTo(student("alone"));
    assertThat(metrics("beside")).isEqualTo(metrics("alone"));
    assertThat(several.words).isEqualTo(one.words);
    assertThat(several.samples.get()).isEqualTo(one.samples.get());
    assertThat(folder.resolve("beside/run/checkpoints"))
        .isDirectoryNotContaining("glob:**/metrics.jsonl");
    AtomicInteger steps = new AtomicInteger();
    BooleanSupplier later = () -> steps.incrementAndGet() > 25;
    assertThatThrownBy(() -> distil("stopped", more, RunListener.NONE, later, with(overrides, 3)))
        .isInstanceOfAny(Interrupted.class, RanbikiException.class); // it may label just then
    distil("stopped", more, RunListener.NONE, () -> false, with(overrides, 3));
    assertThat(student("stopped")).isEqualTo(student("alone"));
    assertThat(metrics("stopped")).isEqualTo(metrics("alone"));
  }

  private static String[] with(String[] overrides, int sideBySide) {
    List<String> all = new ArrayList<>(List.of(overrides));
    all.add("train.side-by-side=" + sideBySide);
    all.add("train.threads=" + sideBySide);
    return all.toArray(String[]::new);
  }

  private Result distil(
      String name, String more, RunListener listener, BooleanSupplier stop, String... overrides) {
    Path run = folder.resolve(name).resolve("run");
    RunFolder into = Files.exists(run) ? RunFolder.open(run) : RunFolder.create(run);
    RunConfig config = TinyRuns.distillation(rows, more, overrides);
    return new Experiment(config, into, List.of(), listener, stop).run();
  }

  @Test
  void teachersOfACrossFit_haveTheBitsTheyHaveOneAfterTheOther() throws IOException {
    String crossFit =
        """
        teacher:
          cross-fit: 4
          model: {architecture: mlp, hidden: 8, layers: 1}
          train: {epochs: 2, optimizer: {adam: {learning-rate: 0.02}}}
        """;
    sameBits(crossFit, "data.augment=[]", "data.labelled=60", "compare.decisions=false");
    for (int fold = 1; fold <= 4; fold++) {
      String file = "run/stages/cross-fit-" + fold + "-1/model.safetensors";
      assertThat(folder.resolve("beside").resolve(file))
          .hasSameBinaryContentAs(folder.resolve("alone").resolve(file));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "strategy: {self: {every: 1}}",
        "strategy: mutual",
        "strategy: {born-again: {generations: 3}}",
        "strategy: {progressive: {assistants: [{architecture: mlp, hidden: 8, layers: 1}]}}"
      })
  void seedsOfAStrategy_haveTheBitsTheyHaveOneAfterTheOther(String strategy) throws IOException {
    String taught =
        strategy.contains("progressive") ? "teacher: {model: \"%s\"}\n".formatted(teacher) : "";
    sameBits(taught + strategy + "\nseed: [1, 2]\n", "train.epochs=2");
  }

  @Test
  void aTeacherThatAnswersLive_isAskedByOneTrainingAtATime() throws IOException {
    sameBits(
        "teacher: {model: \"%s\"}\nseed: [1, 2]\n".formatted(teacher),
        "objective=[hard-labels, {hint: {weight: 0.01, pairs: [{teacher: layers.0, student: layers.0}]}}]",
        "compare.decisions=false");
  }

  @Test
  void auto_leavesALiveTeacherTheThreads_andCountsTheTeachersOfACrossFit() {
    String live = "teacher: {model: \"%s\", answers: live}\n".formatted(teacher);
    assertThat(chosen(live)).isEqualTo(1);
    assertThat(chosen("strategy: {self: {every: 1}}\nseed: [1, 2, 3]\n")).isEqualTo(3);
    String crossFit =
        "teacher: {cross-fit: 5, model: {architecture: mlp, hidden: 8, layers: 1}}\n"
            + "compare: {scratch: false, decisions: false}\n";
    assertThat(chosen(crossFit)).isEqualTo(2);
  }

  private int chosen(String more) {
    RunConfig config = TinyRuns.distillation(rows, more, "train.threads=2");
    try (RunData data = RunData.open(config)) {
      return Trainings.worthwhile(List.of(config), data);
    }
  }

  @Test
  void theNumberThatAutoChose_standsInTheResolvedFile() throws IOException {
    run(
        "auto",
        RunListener.NONE,
        () -> false,
        "train.side-by-side=auto",
        "train.threads=3",
        "train.epochs=1");
    assertThat(Files.readString(folder.resolve("auto/run/config.yaml")))
        .contains("side-by-side: 3");
    assertThat(SideBySide.worthwhile(3, 2)).isEqualTo(3);
    assertThat(SideBySide.worthwhile(4, 2)).isEqualTo(2);
    assertThat(SideBySide.worthwhile(9, 1)).isEqualTo(1);
  }

  @Test
  void stoppedAndGoneOn_givesTheSameBitsAndMetrics() throws IOException {
    run("alone", RunListener.NONE, () -> false, "train.side-by-side=1");
    AtomicInteger steps = new AtomicInteger();
    BooleanSupplier afterSome = () -> steps.incrementAndGet() > 12;
    assertThatThrownBy(() -> run("beside", RunListener.NONE, afterSome, "train.side-by-side=3"))
        .isInstanceOf(Interrupted.class);
    run("beside", RunListener.NONE, () -> false, "train.side-by-side=3");
    assertThat(student("beside")).isEqualTo(student("alone"));
    assertThat(metrics("beside")).isEqualTo(metrics("alone"));
  }

  @Test
  void metricsOfAKilledProcess_areTakenUp() throws IOException {
    run("alone", RunListener.NONE, () -> false, "train.side-by-side=1");
    AtomicInteger steps = new AtomicInteger();
    assertThatThrownBy(
            () ->
                run(
                    "beside",
                    RunListener.NONE,
                    () -> steps.incrementAndGet() > 30,
                    "train.side-by-side=3"))
        .isInstanceOf(Interrupted.class);
    // A process that is killed has not taken its trainings' lines into the run's file.
    Path run = folder.resolve("beside/run");
    for (String arm : ARMS) {
      int dash = arm.indexOf('-');
      Path aside = run.resolve("checkpoints").resolve(arm).resolve("metrics.jsonl");
      if (Files.isDirectory(aside.getParent())) {
        MetricsLog.setAside(
            run.resolve("metrics.jsonl"),
            aside,
            arm.substring(0, dash)::equals,
            Long.parseLong(arm.substring(dash + 1)));
      }
    }
    Files.delete(run.resolve("metrics.jsonl"));
    run("beside", RunListener.NONE, () -> false, "train.side-by-side=3");
    assertThat(student("beside")).isEqualTo(student("alone"));
    assertThat(metrics("beside")).isEqualTo(metrics("alone"));
  }

  @Test
  void aFailure_stopsTheOthersAndIsTheRuns() {
    List<Integer> ended = Collections.synchronizedList(new ArrayList<>());
    AtomicInteger begun = new AtomicInteger();
    List<SideBySide.Training> trainings = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      int number = i;
      trainings.add(
          (listener, stop) -> {
            begun.incrementAndGet();
            while (number == 1 ? begun.get() < 2 : !stop.getAsBoolean()) {
              Thread.onSpinWait();
            }
            ended.add(number);
            if (number == 1) {
              throw RanbikiException.configuration("The second failed.");
            }
          });
    }
    assertThatThrownBy(() -> new SideBySide(trainings, RunListener.NONE, () -> false).run(2, 2))
        .hasMessage("The second failed.");
    assertThat(ended).contains(0, 1);
  }

  @Test
  void wordsOfATraining_waitForTheOnesBefore() {
    Heard heard = new Heard();
    List<SideBySide.Training> trainings = new ArrayList<>();
    AtomicInteger second = new AtomicInteger();
    trainings.add(
        (listener, stop) -> {
          while (second.get() == 0) {
            Thread.onSpinWait();
          }
          listener.stageStarted("first", 1, 0, 2, 1);
        });
    trainings.add(
        (listener, stop) -> {
          listener.stageStarted("second", 1, 0, 2, 1);
          listener.stepDone(1, 5);
          listener.stepDone(2, 6);
          second.set(1);
        });
    new SideBySide(trainings, heard, () -> false).run(2, 2);
    assertThat(heard.words).containsExactly("first-1 from 0", "second-1 from 0");
    assertThat(heard.samples.get()).isEqualTo(11);
  }
}
