package io.ranbiki.data;

import io.ranbiki.config.Options;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The files of MNIST and its kin, plain or packed by gzip: see {@link Idx}.
 *
 * @param folder where they are
 * @param unlabelled the folder of a second set, of which images alone are read
 */
public record IdxFormat(Path folder, Optional<Unlabelled<Path>> unlabelled) implements Format {

  static IdxFormat read(Options options) {
    return new IdxFormat(Unlabelled.folder(options), Unlabelled.read(options, Unlabelled::folder));
  }

  @Override
  public String name() {
    return "idx";
  }

  @Override
  public Map<String, Path> files() {
    return Unlabelled.folders(folder, unlabelled);
  }

  @Override
  public Dataset train() {
    return Idx.folder(folder, Part.TRAIN);
  }

  @Override
  public Dataset test(Dataset train) {
    return Idx.folder(folder, Part.TEST);
  }

  @Override
  public Dataset openUnlabelled(Dataset train) {
    return Idx.unlabelled(unlabelled.orElseThrow().place());
  }

  @Override
  public List<String> notes() {
    return unlabelled
        .map(Unlabelled::place)
        .flatMap(Idx::trainLabels)
        .map(
            labels ->
                "The labels in "
                    + labels
                    + " are not used: its images are under 'data.unlabelled'.")
        .stream()
        .toList();
  }
}
