package io.ranbiki.cli;

import io.ranbiki.run.ConfigDocument;
import io.ranbiki.run.RunConfig;
import io.ranbiki.run.RunConfigReader;
import io.ranbiki.run.RunFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Goes on with a run that was interrupted. */
@Command(
    name = "resume",
    mixinStandardHelpOptions = true,
    description =
        "Goes on with a run that was interrupted, from its last checkpoint; the result is the same"
            + " as without the interruption.",
    footer = {"", "Example:", "  ranbiki resume runs/fashion-basic"})
final class ResumeCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "RUN", description = "The folder of the run.")
  private Path run = Path.of("");

  @Override
  public Integer call() {
    RunFolder folder = RunFolder.open(run);
    RunConfig config =
        RunConfigReader.any(ConfigDocument.read(folder.config(), List.of(), System.getenv()));
    return Runner.run(config, folder, spec.commandLine());
  }
}
