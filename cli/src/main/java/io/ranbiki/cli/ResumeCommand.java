package io.ranbiki.cli;

import io.ranbiki.RanbikiException;
import io.ranbiki.run.Resumption;
import io.ranbiki.run.RunConfig;
import io.ranbiki.run.RunFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Goes on with a run that was interrupted. */
@Command(
    name = "resume",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Goes on with a run that was interrupted, from its last checkpoint; the result is the same"
          + " as without the interruption. Data, teacher and every key that changes the training"
          + " must be those that the run began with; what differs is named and refused.",
      "",
      "With train.epochs=N a run is made longer, also a finished one. A cosine or linear schedule"
          + " is then laid over all N epochs from there on.",
      "",
      "Where data or teacher have moved, their new place is given; what lies there must be the same."
    },
    footer = {
      "",
      "Examples:",
      "  ranbiki resume runs/fashion-basic",
      "  ranbiki resume runs/fashion-basic train.epochs=20",
      "  ranbiki resume runs/fashion-basic data.folder=/mnt/fashion-mnist"
    })
final class ResumeCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "RUN", description = "The folder of the run.")
  private Path run = Path.of("");

  @Parameters(
      index = "1..*",
      paramLabel = "KEY=VALUE",
      description = "Values that may change: train.epochs, and where data and teacher lie.")
  private List<String> overrides = List.of();

  @Option(
      names = "--other-bits",
      description =
          "Go on also with another number of threads, on another processor, or with other versions"
              + " of Ranbiki and libtorch, which change the last bits of the result;"
              + " environment.json keeps what it was.")
  private boolean otherBits;

  @Mixin private JsonOption json = new JsonOption();
  @Mixin private DryRunOption dryRun = new DryRunOption();

  @Override
  public Integer call() {
    RunFolder folder = RunFolder.open(run);
    Resumption resumption = new Resumption(overrides, otherBits);
    RunConfig config = resumption.read(folder, System.getenv());
    CommandLine command = spec.commandLine();
    if (!config.curve().isEmpty()) {
      if (dryRun.asked()) {
        throw RanbikiException.configuration(
            "--dry-run shows what one run would do, and '%s' is a curve of several; name the folder"
                + " of one size.",
            folder.path());
      }
      return Runner.curve(config, folder, resumption, command, json.json());
    }
    return dryRun.asked()
        ? Runner.check(config, folder, resumption, command, json.json())
        : Runner.resume(config, folder, resumption, command, Runner.Shows.json(json.json()));
  }
}
