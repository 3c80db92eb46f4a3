package io.ranbiki.data;

import io.ranbiki.config.ConfigNode;
import io.ranbiki.config.Options;
import io.ranbiki.config.Rule;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Sounds in WAV files, whose names say the class: see {@link SoundFolder}.
 *
 * @param folder where the files are; without a split, in {@code train} and {@code test} inside
 * @param names how the files are named below that folder
 * @param split how the test is taken from one folder; empty if it has a folder of its own
 * @param skip what becomes of files that are no sounds
 * @param unlabelled a folder of sounds without labels, side by side
 */
public record AudioFormat(
    Path folder,
    NamePattern names,
    Optional<SoundSplit> split,
    Skip skip,
    Optional<Unlabelled<Path>> unlabelled)
    implements Format {

  static AudioFormat read(Options options) {
    Path folder = Unlabelled.folder(options);
    NamePattern names =
        options.value(
            "names",
            NamePattern.CLASS_FOLDERS,
            "How the files are named, without .wav: {label} is the class, other names in braces are"
                + " groups that a split may be by",
            AudioFormat::names);
    Optional<SoundSplit> split =
        options.optionalValue(
            "split",
            "How the test is taken from one folder; the folders train and test if left out",
            node -> node.keysOr(AudioFormat::split, AudioFormat::share));
    split
        .flatMap(SoundSplit::by)
        .filter(group -> !names.groups().contains(group))
        .ifPresent(
            group ->
                options.mistake(
                    "split",
                    "is by '"
                        + group
                        + "', but 'names' has only {"
                        + String.join("}, {", names.groups())
                        + "}; write {"
                        + group
                        + "} where it stands in the names."));
    return new AudioFormat(
        folder, names, split, Skip.read(options), Unlabelled.read(options, Unlabelled::folder));
  }

  private static NamePattern names(ConfigNode node) {
    String text = node.string();
    try {
      return NamePattern.of(text);
    } catch (IllegalArgumentException e) {
      node.mistake(Objects.requireNonNull(e.getMessage()));
      return NamePattern.of(NamePattern.CLASS_FOLDERS);
    }
  }

  private static SoundSplit share(ConfigNode node) {
    double share = node.number(Rule.above(0), Rule.below(1));
    return new SoundSplit(Optional.of(share), Optional.empty(), List.of(), 0);
  }

  private static SoundSplit split(Options options) {
    Optional<Double> share =
        options.optionalNumber(
            "share", "Share of the sounds that are the test", Rule.above(0), Rule.below(1));
    Optional<String> by =
        options.optionalString(
            "by", "The group in 'names' that is in training or in the test as a whole");
    List<String> test =
        options
            .optionalValue(
                "test",
                "The values of that group that are the test",
                node -> node.oneOrMore(ConfigNode::string))
            .orElse(List.of());
    long seed =
        options.optionalLong("seed", "Draws the test").orElseGet(() -> options.settle("seed", 0L));
    if (share.isPresent() != test.isEmpty()) {
      options.mistake("must have either 'share' or 'test'.");
    } else if (!test.isEmpty() && by.isEmpty()) {
      options.mistake("gives 'test', but no 'by': say which group these are of.");
    }
    return new SoundSplit(share, by, test, seed);
  }

  @Override
  public String name() {
    return "audio";
  }

  @Override
  public Map<String, Path> files() {
    return Unlabelled.folders(folder, unlabelled);
  }

  @Override
  public Dataset train() {
    return part(Part.TRAIN, List.of());
  }

  @Override
  public Dataset test(Dataset train) {
    return part(Part.TEST, train.task().names());
  }

  private Dataset part(Part part, List<String> classes) {
    if (split.isEmpty()) {
      return SoundFolder.list(folder.resolve(part.toString()), names, skip).open(classes);
    }
    SoundFolder all = SoundFolder.list(folder, names, skip);
    return all.part(split.get(), part).open(all.classes());
  }

  @Override
  public Dataset openUnlabelled(Dataset train) {
    Path place = unlabelled.orElseThrow().place();
    return SoundFolder.list(place, NamePattern.of("{" + NamePattern.REST + "}"), skip)
        .open(List.of());
  }
}
