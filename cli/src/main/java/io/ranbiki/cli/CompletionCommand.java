package io.ranbiki.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Lets the shell complete what is typed. */
@Command(
    name = "completion",
    mixinStandardHelpOptions = true,
    description = {
      "Prints a script for bash and zsh with which the tab key completes commands, options and"
          + " files. To have it always, put the line below, with the full path of ranbiki, into"
          + " .bashrc or .zshrc."
    },
    footer = {"", "Example:", "  ranbiki completion", "", "  source <(./ranbiki completion)"})
final class CompletionCommand implements Runnable {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    spec.commandLine().getOut().println(AutoComplete.bash(Main.NAME, Main.commandLine()));
  }
}
