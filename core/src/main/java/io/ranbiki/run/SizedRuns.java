package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.config.YamlWriter;
import io.ranbiki.data.Task;
import io.ranbiki.file.AtomicFile;
import io.ranbiki.result.Curve;
import io.ranbiki.result.ModelFigures;
import io.ranbiki.result.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * Distils students of several sizes, each in a run of its own beside the folder of the curve:
 * {@code runs/small-hidden-64} beside {@code runs/small}. The runs share the teacher's stored
 * answers, and each can be compared, exported and reported like any other.
 */
public final class SizedRuns {

  private final RunConfig config;
  private final RunFolder folder;
  private final List<Size> sizes;

  /**
   * One of the runs.
   *
   * @param title of its size, such as {@code hidden 64}
   */
  private record Size(String title, RunConfig config, RunFolder folder) {}

  /**
   * Prepares the runs.
   *
   * @param config with one size or more under {@code curve}
   * @param folder of the curve
   * @throws RanbikiException of kind configuration if there is no size, or one cannot be built
   */
  public SizedRuns(RunConfig config, RunFolder folder) {
    if (config.curve().isEmpty()) {
      throw RanbikiException.configuration(
          "The configuration has no 'curve', the sizes of the student to try; %s.",
          config
              .student()
              .sizes()
              .map(sizes -> "add it, such as curve: " + sizes)
              .orElse("give the student an architecture that has some, and add it"));
    }
    this.folder = folder;
    this.config = settled(config);
    sizes = sizes(this.config);
  }

  /**
   * With the number of trainings at the same time, if that is left to the runs; refuses a size that
   * cannot be built, so that the last one is not refused when the first ones are trained.
   */
  private RunConfig settled(RunConfig given) {
    List<RunConfig> runs = sizes(given).stream().map(Size::config).toList();
    try (RunData data = RunData.open(given)) {
      requireAccuracy(data.task());
      runs.forEach(run -> TrainingMemory.require(run, data));
      return given.train().sideBySide() == TrainConfig.AUTO
          ? given.withSideBySide(Trainings.worthwhile(runs, data))
          : given;
    }
  }

  /** The points of a curve have one. */
  private static void requireAccuracy(Task task) {
    if (task instanceof Task.Numbers
        || task instanceof Task.Labels
        || task instanceof Task.Embedding) {
      throw RanbikiException.configuration(
          "A curve shows accuracy against size, but the task is %s, which is judged otherwise."
              + " Leave 'curve' out, and distil each size by itself with 'ranbiki distill'.",
          task.word());
    }
  }

  private List<Size> sizes(RunConfig of) {
    return of.curve().stream().map(options -> size(of, options)).toList();
  }

  private Size size(RunConfig config, Map<String, Integer> options) {
    String title =
        options.entrySet().stream()
            .map(option -> option.getKey() + " " + option.getValue())
            .collect(Collectors.joining(", "));
    String suffix = "-" + title.replace(", ", "-").replace(' ', '-');
    Map<String, Object> student = new LinkedHashMap<>();
    ((Map<?, ?>) Objects.requireNonNull(config.resolved().get("student")))
        .forEach((key, value) -> student.put((String) key, value));
    student.putAll(options);
    Map<String, Object> resolved = new LinkedHashMap<>(config.resolved());
    resolved.remove("curve");
    resolved.put("name", config.name() + suffix);
    resolved.put("student", student);
    RunConfig sized =
        RunConfigReader.distillation(
            ConfigDocument.parse(
                "curve, " + title, YamlWriter.write(resolved), List.of(), Map.of()));
    Path path = folder.path().resolveSibling(folder.path().getFileName() + suffix);
    return new Size(title, sized, new RunFolder(path));
  }

  /** The folders of the runs, in their order. */
  public List<Path> folders() {
    return sizes.stream().map(size -> size.folder().path()).toList();
  }

  /**
   * Carries out the runs, one after the other or their trainings side by side, and writes the
   * curve. Those that have finished are read; the others begin, or go on.
   *
   * @param resumption in what runs that were begun may go on differently
   * @throws RanbikiException as an {@link Experiment}; if one of the folders holds files already
   * @throws io.ranbiki.train.Interrupted if it was asked to stop; a checkpoint was saved
   */
  public Result run(
      List<String> command, Resumption resumption, RunListener listener, BooleanSupplier stop) {
    long start = System.nanoTime();
    try (RunFolder.Held held = folder.lock()) {
      if (!Files.exists(folder.config())) {
        sizes.forEach(size -> RunFolder.create(size.folder().path()));
        writeConfig();
      }
      List<Result> results = results(command, resumption, listener, stop);
      List<Curve.Point> points = new ArrayList<>();
      Map<String, ModelFigures> models = new LinkedHashMap<>();
      for (int i = 0; i < sizes.size(); i++) {
        Result result = results.get(i);
        String name = sizes.get(i).folder().path().getFileName().toString();
        points.add(Curve.Point.of(sizes.get(i).title(), name, result));
        if (result.models().containsKey(Result.TEACHER)) {
          models.putIfAbsent(Result.TEACHER, result.models().get(Result.TEACHER));
        }
      }
      writeConfig(); // the runs have taken what is different in it
      double seconds = (System.nanoTime() - start) / 1e9;
      Result result =
          Result.of(config.name(), "curve", seconds, models, List.of()).with(new Curve(points));
      ResultJson.write(folder.result(), result);
      return result;
    }
  }

  /**
   * Checks every run as {@link Experiment#check} does, and writes nothing.
   *
   * @return what each would do, in their order
   */
  public List<DryRun> check(List<String> command, RunListener listener, BooleanSupplier stop) {
    return sizes.stream()
        .map(size -> new Experiment(size.config(), size.folder(), command, listener, stop))
        .map(run -> run.check(Resumption.SAME))
        .toList();
  }

  private List<Result> results(
      List<String> command, Resumption resumption, RunListener listener, BooleanSupplier stop) {
    Map<Size, Result> results = new HashMap<>();
    Map<Size, Experiment> open = new LinkedHashMap<>();
    for (Size size : sizes) {
      listener.note(
          "The student of " + size.title() + " is distilled in " + size.folder().path() + ".");
      boolean goesOn = !resumption.overrides().isEmpty();
      if (Files.exists(size.folder().result()) && !goesOn) {
        results.put(size, ResultJson.read(size.folder().result()));
        continue;
      }
      Experiment run = new Experiment(size.config(), size.folder(), command, listener, stop);
      if (config.train().sideBySide() > 1) {
        open.put(size, run);
      } else {
        results.put(size, run.run(resumption));
      }
    }
    List<Result> together = Experiment.runAll(List.copyOf(open.values()), resumption);
    List<Size> opened = List.copyOf(open.keySet());
    for (int i = 0; i < opened.size(); i++) {
      results.put(opened.get(i), together.get(i));
    }
    return sizes.stream().map(size -> Objects.requireNonNull(results.get(size))).toList();
  }

  private void writeConfig() {
    AtomicFile.write(folder.config(), YamlWriter.write(config.resolved()));
  }
}
