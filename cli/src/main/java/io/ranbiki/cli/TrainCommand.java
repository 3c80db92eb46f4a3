package io.ranbiki.cli;

import io.ranbiki.run.RunConfig;
import io.ranbiki.run.RunConfigReader;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Trains a model from labels. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    description = "Trains a model from labels, for example a teacher.",
    footer = {
      "",
      "Example:",
      "  ranbiki train examples/fashion-mnist/teacher.yaml train.epochs=1 seed=2"
    })
final class TrainCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private RunArguments arguments = new RunArguments();
  @Mixin private JsonOption json = new JsonOption();
  @Mixin private DryRunOption dryRun = new DryRunOption();

  @Override
  public Integer call() {
    RunConfig config = RunConfigReader.training(arguments.document());
    return Runner.begin(config, arguments, dryRun, spec.commandLine(), json.json());
  }
}
