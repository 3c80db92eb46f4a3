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
            arm.substring(0, dash),
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
    List<SideBySide.Training> trainings = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      int number = i;
      trainings.add(
          new SideBySide.Training(
              "t" + i,
              1,
              lane -> {
                while (number != 1 && !lane.stop().getAsBoolean()) {
                  Thread.onSpinWait();
                }
                ended.add(number);
                if (number == 1) {
                  throw RanbikiException.configuration("The second failed.");
                }
              }));
    }
    RunFolder run = RunFolder.create(folder.resolve("failing"));
    assertThatThrownBy(
            () -> new SideBySide(trainings, run, RunListener.NONE, () -> false).run(2, 2))
        .hasMessage("The second failed.");
    assertThat(ended).contains(0, 1);
  }

  @Test
  void wordsOfATraining_waitForTheOnesBefore() {
    Heard heard = new Heard();
    List<SideBySide.Training> trainings = new ArrayList<>();
    AtomicInteger second = new AtomicInteger();
    trainings.add(
        new SideBySide.Training(
            "first",
            1,
            lane -> {
              while (second.get() == 0) {
                Thread.onSpinWait();
              }
              lane.listener().stageStarted("first", 1, 0, 2, 1);
            }));
    trainings.add(
        new SideBySide.Training(
            "second",
            1,
            lane -> {
              lane.listener().stageStarted("second", 1, 0, 2, 1);
              lane.listener().stepDone(1, 5);
              lane.listener().stepDone(2, 6);
              second.set(1);
            }));
    RunFolder run = RunFolder.create(folder.resolve("words"));
    new SideBySide(trainings, run, heard, () -> false).run(2, 2);
    assertThat(heard.words).containsExactly("first-1 from 0", "second-1 from 0");
    assertThat(heard.samples.get()).isEqualTo(11);
  }
}
