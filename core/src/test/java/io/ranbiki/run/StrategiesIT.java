package io.ranbiki.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.LabelsSeen;
import io.ranbiki.artifact.ModelConfig;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.artifact.Weights;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.result.ModelFigures;
import io.ranbiki.result.Result;
import io.ranbiki.tensor.Tensor;
import io.ranbiki.tensor.TensorScope;
import io.ranbiki.train.Interrupted;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A whole run of each strategy, straight through and with a stop in the middle. */
class StrategiesIT {

  private static final String DISTILL =
      """
      name: strategies
      latency: false
      doctor: false
      data: {format: digits, size: 48, validation: 0}
      student: {architecture: intermediate-cnn, hidden: 16}
      objective: [{hard-labels: {weight: 0.5}}, {soft-targets: {weight: 0.5, temperature: 2}}]
      train: {epochs: 2, batch: 16, threads: 1}
      strategy: %s
      """;

  /**
   * One strategy and what its run has to show.
   *
   * @param roles of the models in the result, in order
   * @param stages trainings in order, of 6 steps each
   * @param folders of models that were trained on the way
   */
  private record Case(
      String strategy, List<String> roles, List<String> stages, List<String> folders) {
    @Override
    public String toString() {
      return strategy;
    }

    boolean hasTeacher() {
      return strategy.contains("progressive");
    }
  }

  static Stream<Case> cases() {
    List<String> two = List.of("scratch", "student");
    return Stream.of(
        new Case("{self: {every: 1}}", two, two, List.of()),
        new Case("{self: {decay: 0.9}}", two, two, List.of()),
        new Case(
            "{born-again: {generations: 3, taught-by: all}}",
            List.of("scratch", "generation-1", "generation-2", "ensemble", "student"),
            List.of("scratch", "scratch", "generation-2", "student"),
            List.of("generation-1-1", "generation-2-1")),
        new Case(
            "{progressive: {assistants: [{architecture: intermediate-cnn, hidden: 32}]}}",
            List.of("teacher", "scratch", "decisions", "assistant-1", "student"),
            List.of("scratch", "decisions", "assistant-1", "student"),
            List.of("assistant-1-1")),
        new Case(
            "{mutual: {others: [{architecture: student-cnn}, {architecture: resnet, depth: 8, width: 4}]}}",
            List.of("scratch", "peer-2", "peer-3", "ensemble", "student"),
            two,
            List.of("peer-2-1", "peer-3-1")),
        new Case(
            "{online: {peers: 2, teacher: average, decay: 0.5}}",
            List.of("scratch", "peer-2", "ensemble", "student"),
            two,
            List.of("peer-2-1")));
  }

  @TempDir Path folder;

  private Path teacher() {
    ModelSpec spec = ModelSpec.of("intermediate-cnn", List.of(1, 28, 28), 10, Map.of("hidden", 64));
    Path model = folder.resolve("teacher");
    try (Model untrained = Model.create(spec, 1)) {
      ModelConfig config = new ModelConfig(spec, Normalization.none(), List.of());
      ModelFolder.write(model, untrained, config, LabelsSeen.NONE, "");
    }
    return model;
  }

  private RunConfig config(String strategy, boolean hasTeacher, String... overrides) {
    String text = DISTILL.formatted(strategy);
    if (hasTeacher) {
      text += "teacher: {model: " + teacher() + "}\n";
    }
    return RunConfigReader.distillation(
        ConfigDocument.parse("a.yaml", text, List.of(overrides), Map.of()));
  }

  /** Hears the steps of each training; a finished one that is only read has none. */
  private static final class Steps implements RunListener {

    private final List<String> stages = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final Map<String, Integer> steps = new LinkedHashMap<>();

    @Override
    public void stageStarted(String stage, long seed, long fromStep, long of, int batch) {
      assertThat(of).isEqualTo(6);
      stages.add(stage);
    }

    @Override
    public void stepDone(long step, int samples) {
      steps.merge(stages.get(stages.size() - 1), 1, Integer::sum);
    }

    @Override
    public void note(String note) {
      notes.add(note);
    }
  }

  private Result run(RunConfig config, RunFolder run, Steps steps, BooleanSupplier stop) {
    return new Experiment(config, run, List.of("test"), steps, stop).run();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aRun_showsEveryRole_andGoesOnAfterAStopAsIfThereHadBeenNone(Case of) {
    RunConfig config = config(of.strategy(), of.hasTeacher());
    long before = Tensor.live();
    RunFolder straightFolder = RunFolder.create(folder.resolve("runs/straight"));
    Steps steps = new Steps();
    Result straight = run(config, straightFolder, steps, () -> false);
    assertThat(Tensor.live()).isEqualTo(before);
    assertThat(straight.models().keySet()).containsExactlyElementsOf(of.roles());
    assertThat(straight.history()).hasSize(2);
    assertThat(straight.history().get(1).terms()).containsOnlyKeys("hard-labels", "soft-targets");
    assertThat(steps.stages).isEqualTo(of.stages());
    assertThat(steps.steps.values()).containsOnly(6);
    assertThat(names(straightFolder.path().resolve("stages")))
        .containsExactlyInAnyOrderElementsOf(of.folders());
    assertThat(ResultJson.read(straightFolder.result())).isEqualTo(straight);

    // The fourth step of the training after the first: the first step of its second epoch.
    RunFolder stoppedFolder = RunFolder.create(folder.resolve("runs/stopped"));
    Steps until = new Steps();
    AtomicBoolean stopped = new AtomicBoolean();
    String second = of.stages().stream().distinct().skip(1).findFirst().orElseThrow();
    BooleanSupplier stop =
        () -> until.steps.getOrDefault(second, 0) == 4 && stopped.compareAndSet(false, true);
    assertThatThrownBy(() -> run(config, stoppedFolder, until, stop))
        .isInstanceOf(Interrupted.class);
    assertThat(Files.exists(stoppedFolder.result())).isFalse();
    Steps rest = new Steps();
    Result resumed = run(config, stoppedFolder, rest, () -> false);
    assertThat(rest.steps).doesNotContainKey("scratch").containsEntry(second, 2);
    assertThat(accuracies(resumed)).isEqualTo(accuracies(straight));
    assertThat(resumed.history())
        .usingRecursiveComparison()
        .ignoringFields("seconds", "samplesPerSecond")
        .isEqualTo(straight.history());
    assertThat(weights(stoppedFolder)).isEqualTo(weights(straightFolder));
    assertThat(epochs(stoppedFolder)).containsExactlyInAnyOrderElementsOf(epochs(straightFolder));
  }

  private static Map<String, Double> accuracies(Result result) {
    Map<String, Double> accuracies = new LinkedHashMap<>();
    for (Map.Entry<String, ModelFigures> model : result.models().entrySet()) {
      accuracies.put(model.getKey(), model.getValue().accuracy());
    }
    return accuracies;
  }

  /** The bits of every model that a run kept, by file. */
  private static Map<String, List<Float>> weights(RunFolder run) {
    Map<String, List<Float>> weights = new TreeMap<>();
    try (Stream<Path> files = Files.walk(run.path());
        TensorScope scope = TensorScope.open("weights")) {
      for (Path file : files.filter(f -> f.endsWith(ModelFolder.WEIGHTS)).toList()) {
        List<Float> values = new ArrayList<>();
        for (Tensor tensor : Weights.readTensors(file).values()) {
          for (float value : tensor.toFloats()) {
            values.add(value);
          }
        }
        weights.put(run.path().relativize(file).toString(), values);
      }
      return weights;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> names(Path parent) {
    if (!Files.isDirectory(parent)) {
      return List.of();
    }
    try (Stream<Path> children = Files.list(parent)) {
      return children.map(child -> child.getFileName().toString()).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Stage, number and terms of every epoch in the log. */
  private static List<String> epochs(RunFolder run) {
    return MetricsLog.read(run.metrics()).stream()
        .map(line -> line.get("stage") + " " + line.get("epoch") + " " + line.get("terms"))
        .toList();
  }

  @Test
  void peersLinesAfterTheCheckpoint_areNotInTheLogTwice() throws IOException {
    RunConfig config = config("mutual", false, "compare.scratch=false");
    RunFolder run = RunFolder.create(folder.resolve("runs/damaged"));
    run(config, run, new Steps(), () -> false);
    List<String> straight = epochs(run);
    Path checkpoints = run.checkpoints().resolve("student-1");
    List<String> newestFirst =
        names(checkpoints).stream().sorted(java.util.Comparator.reverseOrder()).toList();
    Files.delete(checkpoints.resolve(newestFirst.get(0)));
    Steps again = new Steps();
    run(config, run, again, () -> false);
    assertThat(again.steps).containsEntry("student", 3);
    assertThat(epochs(run)).containsExactlyInAnyOrderElementsOf(straight);
  }

  @Test
  void assistantsThatLieOutside_areNamedInANote() {
    String strategy =
        "{progressive: {assistants: [{architecture: intermediate-cnn, hidden: 128}, {architecture: intermediate-cnn, hidden: 8}, {architecture: intermediate-cnn, hidden: 32}]}}";
    RunConfig config = config(strategy, true, "train.epochs=1", "compare.scratch=false");
    Steps steps = new Steps();
    AtomicBoolean stop = new AtomicBoolean();
    RunFolder run = RunFolder.create(folder.resolve("runs/outside"));
    assertThatThrownBy(
            () ->
                new Experiment(config, run, List.of("test"), new StopAtOnce(steps, stop), stop::get)
                    .run())
        .isInstanceOf(Exception.class);
    String end = "; assistants help where they lie between those who teach and who learn.";
    assertThat(steps.notes)
        .startsWith(
            "Assistant intermediate-cnn(hidden=128) has 421,642 parameters, more than the 105,866 of the teacher"
                + end,
            "Assistant intermediate-cnn(hidden=8) has 1,762 parameters, fewer than the 6,794 of the student"
                + end,
            "Assistant intermediate-cnn(hidden=32) has 26,698 parameters, more than the 1,762 of the assistant before it"
                + end);
  }

  /** Stops when the first training begins. */
  private record StopAtOnce(Steps steps, AtomicBoolean stop) implements RunListener {
    @Override
    public void note(String note) {
      steps.note(note);
    }

    @Override
    public void stageStarted(String stage, long seed, long fromStep, long of, int batch) {
      stop.set(true);
    }
  }

  private void refusedBeforeTraining(RunConfig config, String message) {
    RunFolder run = RunFolder.create(folder.resolve("runs/refused"));
    Steps steps = new Steps();
    long before = Tensor.live();
    assertThatThrownBy(() -> run(config, run, steps, () -> false))
        .isInstanceOf(RanbikiException.class)
        .hasMessage(message);
    assertThat(steps.stages).isEmpty();
    assertThat(names(run.path())).isEmpty();
    assertThat(Tensor.live()).isEqualTo(before);
  }

  @Test
  void networksThatDoNotFit_areRefusedBeforeAnythingIsTrained() {
    refusedBeforeTraining(
        config("{mutual: {others: [{architecture: mlp}]}}", false),
        "The architecture 'mlp' takes rows of numbers [features], but the data has samples of shape [1, 28, 28].");
    String layers =
        "objective=[hard-labels, {hint: {pairs: [{teacher: features.1, student: features.1}]}}]";
    refusedBeforeTraining(
        config("{mutual: {others: [{architecture: resnet, depth: 8}]}}", false, layers),
        "The student resnet(depth=8, width=16) has no module 'features.1'; the nearest paths are 'layer1', 'layer1.0', 'layer2.0'.");
    refusedBeforeTraining(
        config("{progressive: {assistants: [{architecture: resnet, depth: 8}]}}", true, layers),
        "The student resnet(depth=8, width=16) has no module 'features.1'; the nearest paths are 'layer1', 'layer1.0', 'layer2.0'.");
    Path nowhere = folder.resolve("nowhere.safetensors");
    assertThatThrownBy(
            () ->
                run(
                    config(
                        "{mutual: {others: [{architecture: student-cnn, weights: %s}]}}"
                            .formatted(nowhere),
                        false),
                    RunFolder.create(folder.resolve("runs/refused")),
                    new Steps(),
                    () -> false))
        .isInstanceOf(RanbikiException.class)
        .hasMessageContaining(nowhere.toString());
    assertThat(folder.resolve("runs/refused")).doesNotExist();
  }
}
