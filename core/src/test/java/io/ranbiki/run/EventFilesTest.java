package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.artifact.EventFile;
import io.ranbiki.artifact.EventReader;
import io.ranbiki.train.Interrupted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What TensorBoard shows of a run is what metrics.jsonl says. */
class EventFilesTest {

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  @TempDir Path folder;

  private RunConfig config(String more, String... overrides) throws IOException {
    Path rows = TinyRuns.rows(folder.resolve("rows"));
    return TinyRuns.distillation(
        rows,
        more + "seed: 3\n",
        Stream.concat(
                Stream.of("latency=false", "train.log-gradients=4", "data.validation=0.25"),
                Stream.of(overrides))
            .toArray(String[]::new));
  }

  private String teacher() throws IOException {
    Path rows = TinyRuns.rows(folder.resolve("rows"));
    return "teacher: {model: \"%s\"}\n".formatted(TinyRuns.teacher(rows, folder.resolve("runs")));
  }

  /** Hears of the time that it is given, and of the steps of one training. */
  private static final class Watching implements RunListener {
    private final AtomicLong studentSteps = new AtomicLong();
    private boolean student;

    @Override
    public Optional<InstantSource> clock() {
      return Optional.of(InstantSource.fixed(NOW));
    }

    @Override
    public void stageStarted(String stage, long seed, long fromStep, long steps, int batch) {
      student = stage.equals(Stage.STUDENT);
    }

    @Override
    public void stepDone(long step, int samples) {
      if (student) {
        studentSteps.set(step);
      }
    }
  }

  private RunFolder run(String name, RunConfig config) {
    RunFolder run = RunFolder.create(folder.resolve("runs").resolve(name));
    new Experiment(config, run, List.of(), new Watching(), () -> false).run();
    return run;
  }

  /** The scalars of every training by their folder: first of epochs, then of gradients. */
  private static Map<String, List<List<Object>>> drawn(RunFolder run, boolean times)
      throws IOException {
    Map<String, List<List<Object>>> drawn = new TreeMap<>();
    try (Stream<Path> files = Files.walk(run.path().resolve("tensorboard"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(file.getFileName().toString()).startsWith("events.out.tfevents.");
        List<List<Object>> scalars = new ArrayList<>();
        for (EventReader.Event event : EventReader.read(file)) {
          assertThat(event.time()).isEqualTo(NOW.getEpochSecond());
          event
              .scalars()
              .forEach(
                  (tag, value) -> {
                    if (times || !tag.equals("seconds") && !tag.equals("samples-per-second")) {
                      scalars.add(List.of(tag, event.step(), value));
                    }
                  });
        }
        drawn.put(file.getParent().getFileName().toString(), scalars);
      }
    }
    return drawn;
  }

  /** The same, from metrics.jsonl. */
  private static Map<String, List<List<Object>>> logged(RunFolder run, long stepsOfEpoch) {
    Map<String, List<List<Object>>> logged = new TreeMap<>();
    for (Map<String, Object> line : MetricsLog.read(run.metrics())) {
      List<List<Object>> scalars =
          logged.computeIfAbsent(
              line.get("stage") + "-" + line.get("seed"), name -> new ArrayList<>());
      boolean epoch = line.get("type").equals("epoch");
      long step =
          epoch
              ? ((Number) line.get("epoch")).longValue() * stepsOfEpoch
              : ((Number) line.get("step")).longValue();
      line.forEach(
          (key, value) -> {
            if (value instanceof Map<?, ?> inner && (epoch || key.equals("gradient-norms"))) {
              inner.forEach((name, figure) -> scalars.add(scalar(key + "/" + name, step, figure)));
            } else if (epoch && value instanceof Number && !key.equals("seed")) {
              scalars.add(scalar(key, step, value));
            }
          });
    }
    return logged;
  }

  private static List<Object> scalar(String tag, long step, Object figure) {
    return List.of(tag, step, ((Number) figure).floatValue());
  }

  @Test
  void peers_haveCurvesOfTheirOwn() throws IOException {
    RunConfig config =
        config(
            "strategy: {mutual: {others: [{architecture: mlp, hidden: 5, layers: 1}]}}\n",
            "train.log-gradients=0");
    RunFolder run = run("mutual", config);
    assertThat(drawn(run, true)).containsKey("peer-2-3").isEqualTo(logged(run, 4));
  }

  @Test
  void everyTraining_isDrawnAsItWasLogged_andOnceWhereItWasInterrupted() throws IOException {
    RunConfig config = config(teacher());
    RunFolder straight = run("straight", config);
    assertThat(drawn(straight, true))
        .containsOnlyKeys("scratch-3", "decisions-3", "student-3")
        .isEqualTo(logged(straight, 4));
    assertThat(drawn(straight, true).get("student-3").toString())
        .contains("terms/soft-targets", "validation-accuracy", "gradient-norms/hard-labels");

    RunFolder run = RunFolder.create(folder.resolve("runs/stopped"));
    Watching watching = new Watching();
    assertThatThrownBy(
            () ->
                new Experiment(
                        config, run, List.of(), watching, () -> watching.studentSteps.get() == 6)
                    .run())
        .isInstanceOf(Interrupted.class);
    assertThat(drawn(run, true)).containsKey("student-3");
    // As if it had been killed between a later step and its checkpoint.
    try (EventFile file = EventFile.open(run.events("student", 3), 6, NOW)) {
      file.add(NOW, 8, Map.of("total", 7.0));
    }
    new Experiment(config, run, List.of(), new Watching(), () -> false).run();
    assertThat(drawn(run, false)).isEqualTo(drawn(straight, false));
  }

  @Test
  void withoutATime_nothingIsWritten() throws IOException {
    teacher();
    assertThat(folder.resolve("runs/teacher/result.json")).exists();
    assertThat(folder.resolve("runs/teacher/tensorboard")).doesNotExist();
  }
}
