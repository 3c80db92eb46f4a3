package io.ranbiki.cli;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.data.Task;
import io.ranbiki.evaluate.Candidate;
import io.ranbiki.evaluate.Comparison;
import io.ranbiki.evaluate.Costs;
import io.ranbiki.evaluate.Deployed;
import io.ranbiki.evaluate.Latency;
import io.ranbiki.evaluate.Limit;
import io.ranbiki.evaluate.Metric;
import io.ranbiki.evaluate.PairedAccuracy;
import io.ranbiki.evaluate.Predictions;
import io.ranbiki.evaluate.TaskMetrics;
import io.ranbiki.prepare.Prepare;
import io.ranbiki.result.Acceptance;
import io.ranbiki.result.Cost;
import io.ranbiki.result.GoodEnough;
import io.ranbiki.result.MethodComparison;
import io.ranbiki.run.ModelFit;
import io.ranbiki.run.ModelInputs;
import io.ranbiki.run.ResultJson;
import io.ranbiki.run.RunComparison;
import io.ranbiki.run.RunConfig;
import io.ranbiki.run.RunConfigReader;
import io.ranbiki.run.RunData;
import io.ranbiki.run.RunFolder;
import io.ranbiki.teacher.Teacher;
import io.ranbiki.teacher.TeacherInfo;
import io.ranbiki.teacher.TeacherSource;
import io.ranbiki.teacher.Teachers;
import io.ranbiki.tensor.Engine;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures models side by side. */
@Command(
    name = "compare",
    aliases = "evaluate",
    mixinStandardHelpOptions = true,
    description =
        "Holds finished runs against the first one, by the answers that they keep, or with --data"
            + " measures models on the test set of a configuration; the first one, usually the"
            + " teacher, is what the others are held against.",
    footer = {
      "",
      "Examples:",
      "  ranbiki compare runs/soft-targets runs/dkd runs/hints --markdown",
      "  ranbiki compare runs/fashion-basic --margin 1.5",
      "  ranbiki compare runs/fashion-basic --accept accuracy-loss=1.5",
      "  ranbiki compare runs/fashion-basic --latency",
      "  ranbiki evaluate runs/fashion-basic --data examples/fashion-mnist/basic.yaml",
      "  ranbiki compare teacher.onnx runs/basic --data runs/basic/config.yaml",
      "",
      "Exit codes: 7 a limit under --accept failed; 8 none failed, but one cannot be",
      "shown with these data. ranbiki --help shows the others."
    })
final class CompareCommand implements Callable<Integer> {

  /** What is measured, by name; closed with the models that it borrows. */
  private final Map<String, Deployed> deployed = new LinkedHashMap<>();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      arity = "1..*",
      paramLabel = "MODEL",
      description =
          "Model folders, run folders that hold one, ONNX files, or TorchScript files (.pt).")
  private List<Path> models = List.of();

  @Option(
      names = "--data",
      paramLabel = "CONFIG",
      description = "A configuration whose data is measured on.")
  private @Nullable Path data;

  @Option(
      names = "--margin",
      paramLabel = "POINTS",
      description =
          "Judge whether a model loses less than this many points: a run's student against its"
              + " teacher, with --data every model against the first.")
  private @Nullable Double margin;

  @Option(
      names = "--accept",
      paramLabel = "KEY=VALUE",
      description =
          "Judge by limits, as 'accept' in a configuration: a run's student, with --data every model"
              + " against the first.")
  private List<String> accept = List.of();

  @Option(
      names = "--latency",
      description =
          "Measure how long the models take, a run's student or all of --data: with one thread and"
              + " with all, one sample a call and 32, in turns; 10 seconds for each model and more.")
  private boolean latency;

  /** How long is measured; tests have less time. */
  Latency.Protocol protocol = Latency.Protocol.WHOLE;

  @ArgGroup private Output output = new Output();

  /** At most one of these. */
  private static final class Output {
    @Option(names = "--json", description = "Write JSON.")
    private boolean json;

    @Option(names = "--csv", description = "Write comma-separated values.")
    private boolean csv;

    @Option(names = "--markdown", description = "Write a Markdown table.")
    private boolean markdown;

    Table.Format format() {
      return csv ? Table.Format.CSV : markdown ? Table.Format.MARKDOWN : Table.Format.TEXT;
    }
  }

  @Option(
      names = "--trusted",
      description = "Let a TorchScript file run: it is a program with your rights.")
  private boolean trusted;

  @Override
  public Integer call() {
    if (margin != null && !(margin >= 0 && margin <= 100)) {
      throw RanbikiException.configuration(
          "--margin is %s, but must be 0 to 100 points; try 1.5.", margin);
    }
    if (latency && output.csv) {
      throw RanbikiException.configuration(
          "--latency gives tables of its own, which --csv has no place for; use --json or"
              + " --markdown.");
    }
    Map<Limit, Double> limits = Limit.read(accept);
    if (data == null) {
      return compareRuns(limits);
    }
    RunConfig config = RunConfigReader.any(ConfigDocument.read(data, List.of(), System.getenv()));
    Engine.setThreads(config.train().threads());
    List<Runnable> opened = new ArrayList<>();
    try (RunData samples = RunData.open(config)) {
      requireJudgeable(samples.task(), limits);
      Map<String, Comparison.Entrant> entrants = new LinkedHashMap<>();
      for (Path path : models) {
        entrants.put(path.toString(), entrant(path, samples, opened));
      }
      Comparison comparison = Comparison.of(entrants);
      samples.readingNotes().forEach(this::note);
      Map<String, Cost> costs = costs(limits);
      List<Acceptance> judged =
          limits.isEmpty() ? List.of() : judged(comparison, limits, costs, samples.classNames());
      print(samples.task(), comparison, costs, judged);
      return AcceptanceList.exitCode(judged);
    } finally {
      opened.forEach(Runnable::run);
    }
  }

  private void requireJudgeable(Task task, Map<Limit, Double> limits) {
    Limit.requireServe(limits.keySet(), task);
    if (margin != null && !(task instanceof Task.Classes)) {
      throw RanbikiException.configuration(
          "--margin judges right answers of classes, but the task of the data is %s. Leave it out.",
          task.word());
    }
  }

  /** Every model but the first, against the first. */
  private static List<Acceptance> judged(
      Comparison comparison,
      Map<Limit, Double> limits,
      Map<String, Cost> costs,
      List<String> classNames) {
    List<String> names = List.copyOf(comparison.answers().keySet());
    Predictions first = comparison.answers().get(names.get(0));
    return names.subList(1, names.size()).stream()
        .map(
            name ->
                new Candidate(
                        name,
                        null,
                        first,
                        Objects.requireNonNull(comparison.answers().get(name)),
                        classNames,
                        Objects.requireNonNull(costs.get(name)))
                    .judge(limits))
        .toList();
  }

  /** What was asked for, and what limits speak of. */
  private Map<String, Cost> costs(Map<Limit, Double> limits) {
    List<Costs.Setting> settings =
        latency
            ? Costs.Setting.all(Runtime.getRuntime().availableProcessors())
            : limits.containsKey(Limit.LATENCY_P95_MS) ? List.of(Costs.Setting.SERVICE) : List.of();
    return latency || !limits.isEmpty()
        ? Costs.of(deployed, settings, protocol, System::nanoTime)
        : Map.of();
  }

  private int compareRuns(Map<Limit, Double> limits) {
    for (Path path : models) {
      if (!RunComparison.isRun(path)) {
        throw RanbikiException.configuration(
            "%s is no run folder that keeps answers; name a configuration with --data to measure"
                + " models, such as the config.yaml of a run.",
            path);
      }
    }
    MethodComparison comparison =
        RunComparison.of(models, margin == null ? null : (Double) (margin / 100));
    List<Acceptance> judged =
        limits.isEmpty()
            ? List.of()
            : models.stream().map(run -> RunComparison.judge(run, limits)).toList();
    Map<String, Cost> costs = latency ? costsOfRuns() : Map.of();
    int code = AcceptanceList.exitCode(judged);
    PrintWriter out = spec.commandLine().getOut();
    if (output.json) {
      json(Map.of("metric", comparison.metric(), "methods", comparison.methods()), costs, judged);
      return code;
    }
    MethodTable.print(comparison, output.format(), out);
    printMore(costs, judged);
    if (output.format() == Table.Format.TEXT) {
      Next.sayOther(spec.commandLine(), "report");
    }
    return code;
  }

  private Map<String, Cost> costsOfRuns() {
    List<ModelFolder.Loaded> opened = new ArrayList<>();
    try {
      for (Path run : models) {
        ModelFolder.Loaded loaded = ModelFolder.read(new RunFolder(run).model());
        opened.add(loaded);
        deployed.put(run.toString(), Deployed.of(loaded));
      }
      return costs(Map.of());
    } finally {
      opened.forEach(ModelFolder.Loaded::close);
    }
  }

  private void json(
      Map<String, Object> comparison, Map<String, Cost> costs, List<Acceptance> judged) {
    Map<String, Object> all = new LinkedHashMap<>(comparison);
    if (!costs.isEmpty()) {
      all.put("cost", costs);
    }
    if (!judged.isEmpty()) {
      all.put("acceptance", judged);
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(ResultJson.text(all));
    out.flush();
  }

  /** Behind the table of the comparison. */
  private void printMore(Map<String, Cost> costs, List<Acceptance> judged) {
    PrintWriter out = spec.commandLine().getOut();
    if (latency) {
      out.println();
      CostTable.print(costs, output.format(), out);
    }
    boolean words = output.format() != Table.Format.CSV;
    PrintWriter list = words ? out : spec.commandLine().getErr();
    judged.forEach(acceptance -> AcceptanceList.print(acceptance, list));
    out.flush();
  }

  private Comparison.Entrant entrant(Path path, RunData samples, List<Runnable> opened) {
    TeacherSource source = TeacherSource.of(path, trusted, null);
    if (source instanceof TeacherSource.Folder folder) {
      boolean guesses = samples.task() instanceof Task.MaskedLanguage;
      ModelFolder.Loaded loaded = new TeacherSource.Folder(folder.folder(), guesses).read();
      opened.add(loaded::close);
      loaded.model().notes().forEach(this::note);
      ModelFit.require("model", path.toString(), loaded.config(), samples);
      Prepare prepare =
          ModelInputs.prepare(
              "The model " + path,
              loaded.config().prepare(),
              samples.said(),
              samples.prepare(),
              this::note);
      if (isMeasured()) {
        deployed.put(path.toString(), Deployed.of(loaded));
      }
      return Comparison.Entrant.of(
          loaded.model(), samples.evaluationLoader(samples.test(), prepare));
    }
    ModelFit.requireClasses("model", source, samples);
    Prepare prepare =
        ModelInputs.prepare(
            "The model " + path, source, samples.said(), samples.prepare(), this::note);
    Teacher teacher = Teachers.open(source, samples.shape(prepare), samples.classes(), List.of());
    opened.add(teacher::close);
    teacher.notes().forEach(this::note);
    if (isMeasured()) {
      deployed.put(path.toString(), Deployed.of(source, teacher, samples.shape(prepare), prepare));
    }
    TeacherInfo info = Teachers.describe(source);
    return new Comparison.Entrant(
        teacher,
        samples.evaluationLoader(samples.test(), prepare),
        info.parameters(),
        info.bytes());
  }

  private boolean isMeasured() {
    return latency || !accept.isEmpty();
  }

  private void note(String sentence) {
    spec.commandLine().getErr().println("note: " + sentence);
  }

  private void print(
      Task task, Comparison comparison, Map<String, Cost> costs, List<Acceptance> accepted) {
    PrintWriter out = spec.commandLine().getOut();
    Map<String, GoodEnough> judged = judged(comparison);
    if (output.json) {
      json(Map.of("models", comparison.scores(), "good-enough", judged), costs, accepted);
      return;
    }
    boolean classes = task instanceof Task.Classes;
    List<String> metrics = TaskMetrics.shown(task).stream().map(Metric::name).toList();
    List<String> columns = new ArrayList<>(List.of("model"));
    columns.addAll(classes ? List.of("accuracy", "agreement", "retention") : metrics);
    columns.addAll(List.of("parameters", "compression", "file"));
    Table table = new Table(columns.toArray(String[]::new));
    comparison
        .scores()
        .forEach(
            (name, score) -> {
              List<String> row = new ArrayList<>(List.of(name));
              if (classes) {
                row.add(Shown.percent(score.accuracy(), 2));
                row.add(Shown.percent(score.agreement(), 2));
                row.add(Shown.percent(score.retention(), 1));
              } else {
                metrics.forEach(
                    each -> row.add(Shown.figure(score.metrics().getOrDefault(each, Double.NaN))));
              }
              row.add(Shown.count(score.parameters()));
              row.add(Shown.times(score.compression()));
              row.add(Shown.bytes(score.bytes()));
              table.add(row.toArray(String[]::new));
            });
    table.print(output.format(), out);
    if (output.format() == Table.Format.TEXT && !judged.isEmpty()) {
      out.println();
      judged.forEach((name, sentence) -> out.println(name + ": " + sentence.sentence()));
    }
    printMore(costs, accepted);
  }

  private Map<String, GoodEnough> judged(Comparison comparison) {
    Map<String, GoodEnough> judged = new LinkedHashMap<>();
    if (margin != null) {
      String first = comparison.answers().keySet().iterator().next();
      comparison
          .answers()
          .forEach(
              (name, answers) -> {
                if (!name.equals(first) && answers.isAnyLabelled()) {
                  judged.put(
                      name,
                      PairedAccuracy.of(
                              Objects.requireNonNull(comparison.answers().get(first)), answers)
                          .judge(first, margin / 100));
                }
              });
    }
    return judged;
  }
}
