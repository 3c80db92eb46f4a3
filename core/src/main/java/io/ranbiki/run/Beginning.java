package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.YamlWriter;
import io.ranbiki.file.AtomicFile;
import io.ranbiki.train.Schedule;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a run begins or goes on: compared with what stands in its folder before anything is written,
 * and written there when all else was found sound.
 */
final class Beginning {

  private final RunConfig config;
  private final RunFolder folder;
  private final Provenance now;
  private final Optional<Environment> began;
  private boolean changes;
  private final List<String> notes;

  private Beginning(
      RunConfig config,
      RunFolder folder,
      Provenance now,
      Optional<Environment> began,
      boolean changes,
      List<String> notes) {
    this.config = config;
    this.folder = folder;
    this.now = now;
    this.began = began;
    this.changes = changes;
    this.notes = notes;
  }

  /**
   * Compares; nothing is written.
   *
   * @throws RanbikiException of kind configuration if a run was begun in the folder and may not go
   *     on like this
   */
  static Beginning of(RunConfig config, RunFolder folder, Provenance now, Resumption resumption) {
    Optional<Environment> began = Environment.read(folder.environment());
    List<String> notes = new ArrayList<>();
    if (began.isEmpty()) {
      if (Files.isDirectory(folder.checkpoints())) {
        notes.add(
            "environment.json is missing in "
                + folder.path()
                + ", so that it is not known whether the run goes on as it began.");
      }
      return new Beginning(config, folder, now, began, true, notes);
    }
    Recipe before = began.get().latest();
    Recipe after = Recipe.of(Json.MAPPER.valueToTree(now), folder.environment());
    Recipe.Difference difference = resumption.check(before, after, config, folder);
    if (!before.isWhole()) {
      notes.add(
          folder.path()
              + " was made by an earlier version and does not say with which configuration, test"
              + " samples, class names, processor and versions the run began; these are not"
              + " compared.");
      if (config.data().limit().isPresent()) {
        notes.add(
            "Earlier versions took the first samples for 'limit', and this one takes samples of each"
                + " class by turns, so that the run goes on with others; for figures of one kind"
                + " begin a new run.");
      }
    }
    if (difference.epochs()) {
      notes.add(longer(before, after, config.train().options().schedule().decay()));
    }
    return new Beginning(config, folder, now, began, !difference.isNone(), notes);
  }

  private static String longer(Recipe before, Recipe after, Schedule.Decay decay) {
    String is = after.config().get(Recipe.EPOCHS);
    String sentence =
        "The run is made longer, from " + before.config().get(Recipe.EPOCHS) + " epochs to " + is;
    return decay instanceof Schedule.Cosine || decay instanceof Schedule.Linear
        ? sentence
            + "; from here on the learning rate follows the schedule of "
            + is
            + " epochs, so that the result is not that of a run begun with these."
        : sentence + ".";
  }

  /** What a user should know about how the run goes on, in sentences. */
  List<String> notes() {
    return notes;
  }

  /**
   * Writes what is known before training, once; not earlier, so that what is refused can run again.
   */
  void write() {
    folder.removeLeftovers();
    if (!changes) {
      return;
    }
    changes = false;
    // The configuration first, since it makes a run of a folder; what it went on with is known by
    // environment.json first.
    began.ifPresent(environment -> environment.append(now));
    AtomicFile.write(folder.config(), YamlWriter.write(config.resolved()));
    if (began.isEmpty()) {
      now.write(folder.environment());
    }
  }
}
