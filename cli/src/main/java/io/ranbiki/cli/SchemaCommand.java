package io.ranbiki.cli;

import io.ranbiki.run.RunConfigReader;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Says what may be written in a configuration. */
@Command(
    name = "schema",
    mixinStandardHelpOptions = true,
    description = {
      "Prints a JSON Schema of the configuration, by which editors complete and check it: every"
          + " key with its type, default, range and meaning, also those of your own jars."
    },
    footer = {"", "Example:", "  ranbiki schema", "", "  ./ranbiki schema > ranbiki.schema.json"})
final class SchemaCommand implements Runnable {

  @Option(names = "--tables", description = "Prints tables in Markdown instead.")
  private boolean tables;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    spec.commandLine()
        .getOut()
        .println(tables ? RunConfigReader.tables().stripTrailing() : RunConfigReader.jsonSchema());
  }
}
