package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.config.ConfigDocument;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * How a run is gone on with. What it trains must stay what it was, or the result would belong to no
 * configuration: all that differs is refused, but for more epochs that were asked for, and for what
 * changes last bits only if that was allowed.
 *
 * @param overrides {@code key.path=value} over the configuration of the run folder
 * @param otherBits whether threads, processor and versions may be others than when the run began
 */
public record Resumption(List<String> overrides, boolean otherBits) {

  /** As the run began, to the last bit. */
  public static final Resumption SAME = new Resumption(List.of(), false);

  /** Copies the list. */
  public Resumption {
    overrides = List.copyOf(overrides);
  }

  /**
   * The configuration of the run, with the overrides laid over it.
   *
   * @param environment what <code>${NAME}</code> stands for, usually {@link System#getenv()}
   * @throws RanbikiException of kind configuration if no run was begun there, if its files have
   *     moved, or with every mistake
   */
  public RunConfig read(RunFolder folder, Map<String, String> environment) {
    RunConfig config = readConfig(folder, environment);
    config
        .data()
        .format()
        .files()
        .forEach((key, path) -> requireThere("data", "data." + key, path, folder));
    config
        .teacher()
        .filter(teacher -> teacher.models().size() == 1)
        .ifPresent(
            teacher -> requireThere("teacher", "teacher.model", teacher.models().get(0), folder));
    config
        .teacher()
        .flatMap(TeacherConfig::given)
        .ifPresent(given -> requireThere("teacher", "teacher.from", given.file(), folder));
    return config;
  }

  private static void requireThere(String what, String key, Path path, RunFolder folder) {
    if (!Files.exists(path)) {
      throw RanbikiException.configuration(
          "The %s of the run in '%s' is not at '%s'. If it has moved, say where it is now: ranbiki"
              + " resume %s %s=PATH",
          what, folder.path(), path, folder.path(), key);
    }
  }

  private RunConfig readConfig(RunFolder folder, Map<String, String> environment) {
    if (!Files.exists(folder.config())) {
      throw RanbikiException.configuration(
          "No run was begun in '%s': config.yaml is missing. Begin one with train or distill.",
          folder.path());
    }
    Optional<Environment> began = Environment.read(folder.environment());
    if (began.isPresent() && isOfBefore(folder, began.get(), environment)) {
      return RunConfigReader.any(
          ConfigDocument.parse(
              folder.environment() + ", 'config'",
              began.get().latestConfig(),
              overrides,
              environment));
    }
    ConfigDocument document = ConfigDocument.read(folder.config(), List.of(), environment);
    List<String> all = new ArrayList<>(whatNewKeysMeant(document));
    all.addAll(overrides);
    return RunConfigReader.any(ConfigDocument.read(folder.config(), all, environment));
  }

  /**
   * A run folder has every key of its version, so what is missing is newer, and the run began
   * without it.
   */
  private static List<String> whatNewKeysMeant(ConfigDocument began) {
    List<String> meant = new ArrayList<>();
    if (!began.has("train.keep")) {
      meant.add("train.keep=last");
    }
    if (!began.has("model") && !began.has("compare.decisions")) {
      meant.add("compare.decisions=false");
    }
    return meant;
  }

  /**
   * Whether config.yaml is of before the run went on in another way: environment.json is written
   * first, and the process may have been killed between the two.
   */
  private static boolean isOfBefore(
      RunFolder folder, Environment began, Map<String, String> environment) {
    List<Recipe> all = began.all();
    if (all.size() == 1) {
      return false;
    }
    Map<String, String> file =
        Recipe.keys(
            RunConfigReader.any(ConfigDocument.read(folder.config(), List.of(), environment))
                .resolved());
    return !Recipe.isSame(file, began.latest().config())
        && all.stream().anyMatch(recipe -> Recipe.isSame(file, recipe.config()));
  }

  /**
   * Checks that a run may go on.
   *
   * @param began how it was until now
   * @param now how it would go on
   * @return how that differs
   * @throws RanbikiException of kind configuration that names everything that may not differ
   */
  Recipe.Difference check(Recipe began, Recipe now, RunConfig config, RunFolder folder) {
    Recipe.Difference difference = began.from(now);
    if (difference.epochs() && difference.mixing().size() == 1) {
      requireLonger(began, now, config, folder);
    } else if (!difference.mixing().isEmpty()) {
      throw RanbikiException.configuration(
          "The run in '%s' would go on as another than it began, and its result would belong to"
              + " neither: %s. Undo what changed, or begin a new run in another folder.",
          folder.path(), String.join("; ", difference.mixing()));
    }
    if (!difference.rounding().isEmpty() && !otherBits) {
      throw RanbikiException.configuration(
          "The run in '%s' would end with other bits than without the interruption: %s. Go on where"
              + " it began, or say --other-bits to go on all the same.",
          folder.path(), String.join("; ", difference.rounding()));
    }
    return difference;
  }

  private void requireLonger(Recipe began, Recipe now, RunConfig config, RunFolder folder) {
    String was = Objects.requireNonNull(began.config().get(Recipe.EPOCHS));
    String is = Objects.requireNonNull(now.config().get(Recipe.EPOCHS));
    String start = "The run in '" + folder.path() + "' was begun with train.epochs " + was;
    if (Integer.parseInt(is) < Integer.parseInt(was)) {
      throw RanbikiException.configuration(
          "%s and cannot be made shorter, to %s; begin a new run in another folder.", start, is);
    }
    if (config.strategy().teachesWithItsOwn()) {
      throw RanbikiException.configuration(
          "%s, and models that were trained for so long teach others in it, so that it cannot be"
              + " made longer, to %s; begin a new run in another folder.",
          start, is);
    }
    if (overrides.stream().noneMatch(words -> words.startsWith(Recipe.EPOCHS + "="))) {
      throw RanbikiException.configuration(
          "%s, but would go on to %s. If it is to be longer, say so: ranbiki resume %s %s=%s",
          start, is, folder.path(), Recipe.EPOCHS, is);
    }
  }
}
