package io.ranbiki.cli;

import io.ranbiki.run.RunConfig;
import io.ranbiki.run.RunConfigReader;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Stores a teacher's answers before they are needed. */
@Command(
    name = "label",
    mixinStandardHelpOptions = true,
    description =
        "Asks the teacher of a distillation for every sample and view and stores its answers, as"
            + " distill does by itself. Interrupted, it keeps what is there and goes on next time.",
    footer = {
      "",
      "Examples:",
      "  ranbiki label examples/fashion-mnist/basic.yaml",
      "  ranbiki label examples/fashion-mnist/basic.yaml teacher.encoding=float16"
    })
final class LabelCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private RunArguments arguments = new RunArguments();
  @Mixin private JsonOption json = new JsonOption();

  @Override
  public Integer call() {
    RunConfig config = RunConfigReader.distillation(arguments.document());
    return Runner.label(
        config, arguments.folderToBe(config.name()), spec.commandLine(), json.json());
  }
}
