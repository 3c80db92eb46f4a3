package io.ranbiki.data;

import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A second set of samples, which have no label: the key {@code data.unlabelled}.
 *
 * @param <P> what a format needs to find them, such as a folder
 * @param place where they are
 * @param limit first samples that are used; empty for all
 */
public record Unlabelled<P>(P place, Optional<Integer> limit) {

  /**
   * Reads the key {@code unlabelled}.
   *
   * @param options the keys of {@code data}
   * @param place reads where the samples are
   */
  public static <P> Optional<Unlabelled<P>> read(Options options, Function<Options, P> place) {
    return options.optionalMap(
        "unlabelled",
        "A second set of samples, which have no label",
        set ->
            new Unlabelled<>(
                place.apply(set),
                set.optionalInteger(
                    "limit", "First samples that are used; all if left out", Rule.atLeast(1))));
  }

  /** Reads the key {@code folder}, of the samples with label or of those without. */
  static Path folder(Options options) {
    return options.path("folder", "Where the files are");
  }

  /** What {@link Format#files} answers where samples lie in folders. */
  static Map<String, Path> folders(Path folder, Optional<Unlabelled<Path>> unlabelled) {
    Map<String, Path> folders = new LinkedHashMap<>();
    folders.put("folder", folder);
    unlabelled.ifPresent(set -> folders.put("unlabelled.folder", set.place()));
    return folders;
  }
}
