package io.ranbiki.cli;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.artifact.Safetensors;
import io.ranbiki.artifact.SafetensorsFile;
import io.ranbiki.evaluate.Latency;
import io.ranbiki.model.Model;
import io.ranbiki.model.ModelSpec;
import io.ranbiki.run.ResultJson;
import io.ranbiki.run.RunFolder;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what a model or run holds. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description = "Shows what a run folder, a model folder or a safetensors file holds.",
    footer = {
      "",
      "Examples:",
      "  ranbiki inspect runs/fashion-basic",
      "  ranbiki inspect runs/fashion-basic/model",
      "  ranbiki inspect teacher.safetensors"
    })
final class InspectCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "PATH", description = "A folder or file.")
  private Path path = Path.of("");

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    if (Files.isRegularFile(path)) {
      tensors(path, out);
    } else if (Files.isRegularFile(path.resolve(ModelFolder.CONFIG))) {
      model(path, out);
    } else if (Files.isRegularFile(path.resolve("config.yaml"))) {
      run(RunFolder.open(path), out);
    } else {
      throw RanbikiException.model(
          "%s is neither a run folder, nor a model folder, nor a safetensors file. Give a folder that train or distill wrote, or a file.",
          path);
    }
    out.flush();
    return 0;
  }

  private static void run(RunFolder run, PrintWriter out) {
    out.printf("run folder %s%n", run.path());
    if (Files.exists(run.result())) {
      ResultTable.print(ResultJson.read(run.result()), out);
    } else {
      out.printf("not finished; go on with: ranbiki resume %s%n", run.path());
    }
    if (Files.exists(run.model().resolve(ModelFolder.CONFIG))) {
      out.println();
      model(run.model(), out);
    }
  }

  private static void model(Path folder, PrintWriter out) {
    try (ModelFolder.Loaded loaded = ModelFolder.read(folder)) {
      Model model = loaded.model();
      ModelSpec is = model.spec();
      out.printf("model folder %s%n", folder);
      out.printf("  architecture  %s%n", is.title());
      out.printf("  input         %s, %s%n", is.input(), loaded.config().normalization());
      out.printf("  classes       %d %s%n", is.classes(), loaded.config().classNames());
      out.printf(
          Locale.ROOT,
          "  parameters    %,d in %s%n",
          model.parameterCount(),
          ResultTable.bytes(model.byteCount()));
      out.printf(Locale.ROOT, "  time          %.2f ms a sample%n", Latency.milliseconds(model));
      out.println("  layers that can be tapped:");
      model
          .module()
          .modules()
          .forEach(
              (layer, module) -> {
                if (!layer.isEmpty()) {
                  out.printf("    %-28s %s%n", layer, module.getClass().getSimpleName());
                }
              });
    }
    tensors(folder.resolve(ModelFolder.WEIGHTS), out);
  }

  private static void tensors(Path file, PrintWriter out) {
    SafetensorsFile read = Safetensors.read(file);
    out.printf("tensors of %s%n", file);
    read.entries()
        .forEach(
            (name, entry) ->
                out.printf(
                    "  %-36s %-5s %s%n", name, entry.dtype(), Arrays.toString(entry.shape())));
  }
}
