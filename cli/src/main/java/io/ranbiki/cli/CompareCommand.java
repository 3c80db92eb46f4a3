package io.ranbiki.cli;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.evaluate.Comparison;
import io.ranbiki.evaluate.PairedAccuracy;
import io.ranbiki.prepare.Normalization;
import io.ranbiki.result.Gain;
import io.ranbiki.result.GoodEnough;
import io.ranbiki.result.MethodComparison;
import io.ranbiki.result.Verdict;
import io.ranbiki.run.ConfigDocument;
import io.ranbiki.run.ModelFit;
import io.ranbiki.run.ResultJson;
import io.ranbiki.run.RunComparison;
import io.ranbiki.run.RunConfig;
import io.ranbiki.run.RunConfigReader;
import io.ranbiki.run.RunData;
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
import java.util.Locale;
import java.util.Map;
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
      "  ranbiki evaluate runs/fashion-basic --data examples/fashion-mnist/basic.yaml",
      "  ranbiki compare teacher.onnx runs/basic --data runs/basic/config.yaml"
    })
final class CompareCommand implements Callable<Integer> {

  /** Instead of a verdict. */
  private static final String FEW_SEEDS = "few seeds";

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
    if (data == null) {
      return compareRuns();
    }
    RunConfig config = RunConfigReader.any(ConfigDocument.read(data, List.of(), System.getenv()));
    Engine.setThreads(config.train().threads());
    List<Runnable> opened = new ArrayList<>();
    try (RunData samples = RunData.open(config.data())) {
      Map<String, Comparison.Entrant> entrants = new LinkedHashMap<>();
      for (Path path : models) {
        entrants.put(path.toString(), entrant(path, samples, opened));
      }
      Comparison comparison = Comparison.of(entrants);
      samples.readingNotes().forEach(this::note);
      print(comparison);
      return 0;
    } finally {
      opened.forEach(Runnable::run);
    }
  }

  private int compareRuns() {
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
    PrintWriter out = spec.commandLine().getOut();
    if (output.json) {
      out.print(ResultJson.text(comparison));
      out.flush();
      return 0;
    }
    Table table =
        new Table(
            "run", "seeds", "accuracy", "difference", "over seeds", "for new data", "verdict");
    for (MethodComparison.Method method : comparison.methods()) {
      Gain gain = method.difference();
      table.add(
          method.name(),
          Integer.toString(method.seeds().size()),
          Shown.percent(method.accuracy()),
          gain == null ? Shown.UNKNOWN : Shown.points(gain.seeds().mean()),
          gain == null ? Shown.UNKNOWN : Shown.points(gain.seeds().low(), gain.seeds().high()),
          gain == null || gain.newData() == null
              ? Shown.UNKNOWN
              : Shown.points(gain.newData().low(), gain.newData().high()),
          gain == null ? Shown.UNKNOWN : words(gain));
    }
    table.print(output.format(), out);
    if (output.format() == Table.Format.TEXT) {
      remarks(comparison, out);
    }
    out.flush();
    return 0;
  }

  private static String words(Gain gain) {
    return switch (gain.verdict()) {
      case GAINED -> "better";
      case LOST -> "worse";
      case NO_DIFFERENCE -> "not shown";
      case OPEN -> FEW_SEEDS;
    };
  }

  private static boolean isOpen(MethodComparison.Method method) {
    Gain gain = method.difference();
    return gain != null && gain.verdict() == Verdict.OPEN;
  }

  private static void remarks(MethodComparison comparison, PrintWriter out) {
    int compared = comparison.methods().size() - 1;
    if (compared > 0) {
      out.printf(
          Locale.ROOT,
          "%nDifferences are to the first run, in points, with 95 %% intervals; verdicts are Holm's"
              + " over %d comparison%s.%n",
          compared,
          compared == 1 ? "" : "s");
    }
    if (comparison.methods().stream().anyMatch(CompareCommand::isOpen)) {
      out.println(FEW_SEEDS + ": fewer than " + Verdict.FEWEST_SEEDS + ", so no verdict");
    }
    if (comparison.methods().stream().anyMatch(method -> method.seeds().size() > 1)) {
      out.println("±: half of the 95 % interval over the seeds of a run");
    }
    for (MethodComparison.Method method : comparison.methods()) {
      if (method.goodEnough() != null) {
        out.println(method.name() + ", its first seed: " + method.goodEnough().sentence());
      }
    }
  }

  private Comparison.Entrant entrant(Path path, RunData samples, List<Runnable> opened) {
    TeacherSource source = TeacherSource.of(path, trusted, null);
    if (source instanceof TeacherSource.Folder folder) {
      ModelFolder.Loaded loaded = ModelFolder.read(folder.folder());
      opened.add(loaded::close);
      loaded.model().notes().forEach(this::note);
      ModelFit.require("model", path.toString(), loaded.config(), samples);
      Normalization normalization =
          ModelFit.normalization(path.toString(), loaded.config(), samples, this::note);
      return Comparison.Entrant.of(
          loaded.model(), samples.evaluationLoader(samples.test(), normalization));
    }
    Teacher teacher = Teachers.open(source, samples.shape(), samples.classes(), List.of());
    opened.add(teacher::close);
    teacher.notes().forEach(this::note);
    TeacherInfo info = Teachers.describe(source);
    return new Comparison.Entrant(
        teacher, samples.evaluationLoader(samples.test()), info.parameters(), info.bytes());
  }

  private void note(String sentence) {
    spec.commandLine().getErr().println("note: " + sentence);
  }

  private void print(Comparison comparison) {
    PrintWriter out = spec.commandLine().getOut();
    Map<String, GoodEnough> judged = judged(comparison);
    if (output.json) {
      out.print(ResultJson.text(Map.of("models", comparison.scores(), "good-enough", judged)));
      out.flush();
      return;
    }
    Table table =
        new Table(
            "model", "accuracy", "agreement", "retention", "parameters", "compression", "file");
    comparison
        .scores()
        .forEach(
            (name, score) ->
                table.add(
                    name,
                    Shown.percent(score.accuracy(), 2),
                    Shown.percent(score.agreement(), 2),
                    Shown.percent(score.retention(), 1),
                    Shown.count(score.parameters()),
                    Shown.times(score.compression()),
                    Shown.bytes(score.bytes())));
    table.print(output.format(), out);
    if (output.format() == Table.Format.TEXT && !judged.isEmpty()) {
      out.println();
      judged.forEach((name, sentence) -> out.println(name + ": " + sentence.sentence()));
    }
    out.flush();
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
                      PairedAccuracy.of(comparison.answers().get(first), answers)
                          .judge(first, margin / 100));
                }
              });
    }
    return judged;
  }
}
