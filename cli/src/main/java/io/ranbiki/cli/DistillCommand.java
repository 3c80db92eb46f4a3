package io.ranbiki.cli;

import io.ranbiki.RanbikiException;
import io.ranbiki.run.RunConfig;
import io.ranbiki.run.RunConfigReader;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Distils a student from a teacher. */
@Command(
    name = "distill",
    mixinStandardHelpOptions = true,
    description = "Distils a student from a teacher and compares it with one from labels alone.",
    footer = {
      "",
      "Examples:",
      "  ranbiki distill examples/fashion-mnist/basic.yaml seed=2 --run-dir runs/second",
      "  ranbiki distill student.yaml accept.accuracy-loss=1.5 accept.bytes=500kB",
      "",
      "Exit codes: 0 done, also where nothing was to be accepted; 7 a limit under",
      "accept failed; 8 none failed, but one cannot be shown with these data. The run",
      "is complete in each case. ranbiki --help shows the codes of mistakes."
    })
final class DistillCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private RunArguments arguments = new RunArguments();
  @Mixin private JsonOption json = new JsonOption();
  @Mixin private DryRunOption dryRun = new DryRunOption();

  @Override
  public Integer call() {
    RunConfig config = RunConfigReader.distillation(arguments.document());
    if (!config.curve().isEmpty()) {
      throw RanbikiException.configuration(
          "The configuration lists sizes of the student under 'curve'; distil them with 'ranbiki"
              + " curve', or leave 'curve' out.");
    }
    return Runner.begin(config, arguments, dryRun, spec.commandLine(), json.json());
  }
}
