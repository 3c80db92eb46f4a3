package io.ranbiki.cli;

import io.ranbiki.run.Resumption;
import io.ranbiki.run.RunConfig;
import io.ranbiki.run.RunConfigReader;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Distils students of several sizes. */
@Command(
    name = "curve",
    mixinStandardHelpOptions = true,
    description = {
      "Distils students of the sizes that the configuration lists under 'curve', and shows"
          + " accuracy against size and time.",
      "",
      "Each size has a run folder of its own beside that of the curve, runs/NAME-hidden-64, for"
          + " compare, export and report; the teacher is asked once for all. An interrupted curve"
          + " goes on with: ranbiki resume runs/NAME"
    },
    footer = {
      "",
      "Examples:",
      "  ranbiki curve examples/fashion-mnist/curve.yaml",
      "  ranbiki curve student.yaml 'curve=[{hidden: 64}, {hidden: 16}]' seed=1"
    })
final class CurveCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private RunArguments arguments = new RunArguments();
  @Mixin private JsonOption json = new JsonOption();
  @Mixin private DryRunOption dryRun = new DryRunOption();

  @Override
  public Integer call() {
    RunConfig config = RunConfigReader.distillation(arguments.document());
    CommandLine command = spec.commandLine();
    if (dryRun.asked()) {
      return Runner.checkCurve(config, arguments.folderToBe(config.name()), command, json.json());
    }
    return Runner.curve(
        config,
        arguments.folder(config.name(), command.getErr()),
        Resumption.SAME,
        command,
        json.json());
  }
}
