package io.ranbiki.cli;

import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.data.Normalization;
import io.ranbiki.evaluate.Comparison;
import io.ranbiki.run.ConfigDocument;
import io.ranbiki.run.ModelFit;
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
import java.util.Map;
import java.util.concurrent.Callable;
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
        "Measures one or more models on the test set of a configuration; the first one, usually"
            + " the teacher, is what the others are held against.",
    footer = {
      "",
      "Examples:",
      "  ranbiki evaluate runs/fashion-basic --data examples/fashion-mnist/basic.yaml",
      "  ranbiki compare runs/fashion-teacher runs/fashion-basic --data runs/fashion-basic/config.yaml"
    })
final class CompareCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      arity = "1..*",
      paramLabel = "MODEL",
      description =
          "Model folders, run folders that hold one, or files: .onnx, or TorchScript as .pt.")
  private List<Path> models = List.of();

  @Option(
      names = "--data",
      required = true,
      paramLabel = "CONFIG",
      description = "A configuration whose data is measured on.")
  private Path data = Path.of("");

  @Option(
      names = "--trusted",
      description = "Let a TorchScript file run: it is a program with your rights.")
  private boolean trusted;

  @Override
  public Integer call() {
    RunConfig config = RunConfigReader.any(ConfigDocument.read(data, List.of(), System.getenv()));
    Engine.setThreads(config.train().threads());
    List<Runnable> opened = new ArrayList<>();
    try (RunData samples = RunData.open(config.data())) {
      Map<String, Comparison.Entrant> entrants = new LinkedHashMap<>();
      for (Path path : models) {
        entrants.put(path.toString(), entrant(path, samples, opened));
      }
      print(Comparison.of(entrants), spec.commandLine().getOut());
      return 0;
    } finally {
      opened.forEach(Runnable::run);
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
        teacher,
        samples.evaluationLoader(samples.test()),
        samples.shape(),
        source.smallestBatch(),
        info.parameters(),
        info.bytes());
  }

  private void note(String sentence) {
    spec.commandLine().getErr().println("note: " + sentence);
  }

  private static void print(Comparison comparison, PrintWriter out) {
    String row = "%-40s %10s %10s %10s %12s %12s %10s %10s%n";
    out.printf(
        row,
        "model",
        "accuracy",
        "agreement",
        "retention",
        "parameters",
        "compression",
        "file",
        "ms/image");
    comparison
        .scores()
        .forEach(
            (name, score) ->
                out.printf(
                    row,
                    name,
                    Shown.percent(score.accuracy(), 2),
                    Shown.percent(score.agreement(), 2),
                    Shown.percent(score.retention(), 1),
                    Shown.count(score.parameters()),
                    Shown.times(score.compression()),
                    Shown.bytes(score.bytes()),
                    Shown.milliseconds(score.milliseconds())));
    out.flush();
  }
}
