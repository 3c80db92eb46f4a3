package io.ranbiki.cli;

import io.ranbiki.run.AnswersExport;
import io.ranbiki.run.ResultJson;
import io.ranbiki.run.RunConfig;
import io.ranbiki.run.RunConfigReader;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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
      "  ranbiki label examples/fashion-mnist/basic.yaml teacher.encoding=float16",
      "  ranbiki label examples/fashion-mnist/basic.yaml --export answers.csv",
      "  ranbiki label student.yaml --unanswered keys.csv"
    })
final class LabelCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private RunArguments arguments = new RunArguments();
  @Mixin private JsonOption json = new JsonOption();

  @Option(
      names = "--export",
      paramLabel = "FILE",
      description =
          "Also writes the answers to a file that 'teacher.from' reads, CSV or JSONL by its ending;"
              + " those to the test go to FILE-test beside it.")
  private Optional<Path> export = Optional.empty();

  @Option(
      names = "--unanswered",
      paramLabel = "FILE",
      description =
          "Writes the keys of the samples that have no answer in the file of 'teacher.from' yet, and"
              + " asks nobody.")
  private Optional<Path> unanswered = Optional.empty();

  @Override
  public Integer call() {
    RunConfig config = RunConfigReader.distillation(arguments.document());
    if (export.isPresent() && unanswered.isPresent()) {
      throw new ParameterException(
          spec.commandLine(),
          "--export writes answers, --unanswered the keys without one. Give one of them.");
    }
    if (unanswered.isPresent()) {
      return unanswered(AnswersExport.unanswered(config, unanswered.get()));
    }
    return Runner.label(
        config, arguments.folderToBe(config.name()), export, spec.commandLine(), json.json());
  }

  private int unanswered(AnswersExport.Written keys) {
    PrintWriter out = spec.commandLine().getOut();
    if (json.json()) {
      out.print(ResultJson.text(keys));
    } else {
      out.printf(
          Locale.ROOT,
          "%,d training samples have no answer; their keys are in %s%n",
          keys.rows(),
          keys.file());
      if (keys.testRows() > 0) {
        out.printf(
            Locale.ROOT,
            "%,d samples of the test have none; their keys are in %s%n",
            keys.testRows(),
            keys.testFile());
      }
    }
    out.flush();
    return 0;
  }
}
