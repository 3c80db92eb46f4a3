package io.ranbiki.cli;

import picocli.CommandLine.Option;

/** Asks for a result that programs read. */
final class JsonOption {

  @Option(
      names = "--json",
      description = "Write the result as JSON to standard output, and nothing else.")
  private boolean json;

  boolean json() {
    return json;
  }
}
