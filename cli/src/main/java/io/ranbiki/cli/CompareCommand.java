package io.ranbiki.cli;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.evaluate.Comparison;
import io.ranbiki.model.Model;
import io.ranbiki.run.ConfigDocument;
import io.ranbiki.run.RunConfig;
import io.ranbiki.run.RunConfigReader;
import io.ranbiki.run.RunData;
import io.ranbiki.tensor.Engine;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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
      description = "Model folders, or run folders that hold one.")
  private List<Path> models = List.of();

  @Option(
      names = "--data",
      required = true,
      paramLabel = "CONFIG",
      description = "A configuration whose data is measured on.")
  private Path data = Path.of("");

  @Override
  public Integer call() {
    RunConfig config = RunConfigReader.any(ConfigDocument.read(data, List.of(), System.getenv()));
    Engine.setThreads(config.train().threads());
    List<Model> opened = new ArrayList<>();
    try (RunData samples = RunData.open(config.data())) {
      Map<String, Model> named = new LinkedHashMap<>();
      for (Path path : models) {
        ModelFolder.Loaded loaded = ModelFolder.read(ModelPaths.folder(path));
        opened.add(loaded.model());
        requireFits(path, loaded, samples);
        named.put(path.toString(), loaded.model());
      }
      print(
          Comparison.of(named, samples.evaluationLoader(samples.test())),
          spec.commandLine().getOut());
      return 0;
    } finally {
      opened.forEach(Model::close);
    }
  }

  private static void requireFits(Path path, ModelFolder.Loaded loaded, RunData samples) {
    if (!loaded.config().spec().input().equals(samples.shape())
        || loaded.config().spec().classes() != samples.classes()) {
      throw RanbikiException.configuration(
          "model %s takes %s and knows %d classes, but the data has %s and %d; measure it on its own data",
          path,
          loaded.config().spec().input(),
          loaded.config().spec().classes(),
          samples.shape(),
          samples.classes());
    }
  }

  private static void print(Comparison comparison, PrintWriter out) {
    out.printf(
        "%-40s %10s %10s %10s %12s %12s %10s %10s%n",
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
                    Locale.ROOT,
                    "%-40s %8.2f %% %8.2f %% %8.1f %% %,12d %11.1fx %10s %10.2f%n",
                    name,
                    100 * score.accuracy(),
                    100 * score.agreement(),
                    100 * score.retention(),
                    score.parameters(),
                    score.compression(),
                    ResultTable.bytes(score.bytes()),
                    score.milliseconds()));
    out.flush();
  }
}
