package io.ranbiki.cli;

import io.ranbiki.config.ConfigDocument;
import io.ranbiki.run.RunFolder;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What {@code train} and {@code distill} are told. */
final class RunArguments {

  @Parameters(index = "0", paramLabel = "CONFIG", description = "The YAML file of the run.")
  private Path config = Path.of("");

  @Parameters(
      index = "1..*",
      paramLabel = "KEY=VALUE",
      description = "Replaces a value of the file: train.epochs=2.")
  private List<String> overrides = List.of();

  @Option(
      names = "--run-dir",
      paramLabel = "DIR",
      description =
          "Where everything is written; default: runs/<name>, or runs/<name>-2 and so"
              + " on where that is taken.")
  private Optional<Path> runDir = Optional.empty();

  /** The file with the overrides laid over it. */
  ConfigDocument document() {
    return ConfigDocument.read(config, overrides, System.getenv());
  }

  /**
   * A new folder for the run.
   *
   * @param err is told which, where it is not the first that the run could have
   */
  RunFolder folder(String name, PrintWriter err) {
    RunFolder folder = RunFolder.create(path(name));
    if (runDir.isEmpty() && !folder.path().equals(RunFolder.named(name))) {
      err.println(
          "note: " + RunFolder.named(name) + " is taken, so this run is in " + folder.path() + ".");
    }
    return folder;
  }

  /** The folder that the run has or would have; nothing is made. */
  RunFolder folderToBe(String name) {
    return new RunFolder(path(name));
  }

  private Path path(String name) {
    return runDir.orElseGet(() -> RunFolder.free(name));
  }
}
