package io.ranbiki.cli;

import picocli.CommandLine.Option;

/** Asks to look and not to touch. */
final class DryRunOption {

  @Option(
      names = "--dry-run",
      description =
          "Check the configuration, the data and that all fits together, say what would be done,"
              + " and write nothing.")
  private boolean asked;

  boolean asked() {
    return asked;
  }
}
