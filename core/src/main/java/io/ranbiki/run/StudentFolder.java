package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.artifact.ModelFolder;
import io.ranbiki.config.ConfigDocument;
import io.ranbiki.result.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A model that is ready, with the run that made it.
 *
 * @param folder of the model
 * @param run its folder; empty for a model folder by itself
 * @param config of the run; empty for a model folder by itself
 */
public record StudentFolder(Path folder, Optional<RunFolder> run, Optional<RunConfig> config) {

  /**
   * Finds it.
   *
   * @param path of a run folder or a model folder
   * @param seed which of a run's students; empty for the first
   * @throws RanbikiException if there is none
   */
  public static StudentFolder find(Path path, Optional<Long> seed) {
    if (Files.isRegularFile(path.resolve(ModelFolder.CONFIG))) {
      if (seed.isPresent()) {
        throw RanbikiException.configuration(
            "A seed chooses among the students of a run, but %s is the folder of one model. Leave"
                + " the seed out, or name the run folder.",
            path);
      }
      return new StudentFolder(path, Optional.empty(), Optional.empty());
    }
    RunFolder run = new RunFolder(path);
    if (!Files.isRegularFile(run.config())) {
      throw RanbikiException.model(
          "%s is neither a run folder nor a model folder. Give a folder that train or distill wrote.",
          path);
    }
    RunConfig config =
        RunConfigReader.any(ConfigDocument.read(run.config(), List.of(), System.getenv()));
    long first = config.seeds().get(0);
    long wanted = seed.orElse(first);
    if (!config.seeds().contains(wanted)) {
      throw RanbikiException.configuration(
          "Run %s has students of the seeds %s, but none of seed %d. Choose one of these.",
          path, config.seeds(), wanted);
    }
    Path folder = wanted == first ? run.model() : run.stage(Result.STUDENT, wanted);
    if (!Files.isRegularFile(folder.resolve(ModelFolder.CONFIG))) {
      throw RanbikiException.model(
          "Run %s has no student of seed %d yet. Finish it with: ranbiki resume %s",
          path, wanted, path);
    }
    return new StudentFolder(folder, Optional.of(run), Optional.of(config));
  }
}
