package io.ranbiki.cli;

import io.ranbiki.artifact.ModelFolder;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds models by what a user types: a model folder, or a run folder that holds one. */
final class ModelPaths {

  private ModelPaths() {}

  static Path folder(Path path) {
    Path inside = path.resolve("model");
    boolean isRun =
        !Files.exists(path.resolve(ModelFolder.CONFIG))
            && Files.exists(inside.resolve(ModelFolder.CONFIG));
    return isRun ? inside : path;
  }
}
