package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import io.ranbiki.prepare.Field;
import io.ranbiki.prepare.Row;
import io.ranbiki.prepare.Wav;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * WAV files below a folder, of any rates and lengths. Their names say the class, by a {@link
 * NamePattern}; in their order they are the samples, read when asked for. Names that start with a
 * dot are left out; any other file is an error, so that no sample is lost in silence. The head of
 * every file is read when samples are opened, so that training does not begin with a file that is
 * no sound or is cut off.
 */
final class SoundFolder {

  private static final long TEST = 7;
  private static final String ENDING = ".wav";

  private record Sound(Path file, String name, Map<String, String> values) {
    String value(String group) {
      return Objects.requireNonNull(values.get(group));
    }
  }

  private final Path folder;
  private final List<Sound> sounds;
  private final boolean isLabelled;
  private final Skip skip;

  /** Files that were left out by their name. */
  private final List<Path> others;

  private SoundFolder(
      Path folder, List<Sound> sounds, boolean isLabelled, Skip skip, List<Path> others) {
    this.folder = folder;
    this.sounds = sounds;
    this.isLabelled = isLabelled;
    this.skip = skip;
    this.others = others;
  }

  /**
   * Lists the files.
   *
   * @throws RanbikiException if there is none, or one is named otherwise than by the pattern
   */
  static SoundFolder list(Path folder, NamePattern names, Skip skip) {
    Sources.requireFolder(folder);
    List<Sound> sounds = new ArrayList<>();
    List<Path> others = new ArrayList<>();
    for (Path file : files(folder)) {
      String path = ClassNames.nfc(name(folder.relativize(file)));
      if (!path.toLowerCase(Locale.ROOT).endsWith(ENDING)) {
        if (skip == Skip.DAMAGED) {
          others.add(file);
          continue;
        }
        throw RanbikiException.configuration(
            "%s is not a file that ends in .wav. Convert it or move it elsewhere.", file);
      }
      String name = path.substring(0, path.length() - ENDING.length());
      Map<String, String> values =
          names
              .values(name)
              .orElseThrow(
                  () ->
                      RanbikiException.configuration(
                          "%s is not named as data.names says: '%s' is not like '%s'. Rename it,"
                              + " move it elsewhere, or correct data.names.",
                          file, name, names));
      sounds.add(new Sound(file, path, values));
    }
    if (sounds.isEmpty()) {
      throw RanbikiException.configuration(
          "The folder %s has no WAV files. Put sounds into it, or name another folder.", folder);
    }
    sounds.sort(Comparator.comparing(Sound::name));
    return new SoundFolder(
        folder, sounds, names.groups().contains(NamePattern.LABEL), skip, others);
  }

  private static List<Path> files(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(path -> !isHidden(folder, path)).filter(Files::isRegularFile).toList();
    } catch (UncheckedIOException e) {
      throw Sources.unreadable(folder, Objects.requireNonNull(e.getCause()));
    } catch (IOException e) {
      throw Sources.unreadable(folder, e);
    }
  }

  private static boolean isHidden(Path folder, Path path) {
    for (Path part : folder.relativize(path)) {
      if (part.toString().startsWith(".")) {
        return true;
      }
    }
    return false;
  }

  private static String name(Path relative) {
    List<String> parts = new ArrayList<>();
    relative.forEach(part -> parts.add(FileNames.of(part)));
    return String.join("/", parts);
  }

  /** The classes in order. */
  List<String> classes() {
    return isLabelled ? values(NamePattern.LABEL) : List.of();
  }

  private List<String> values(String group) {
    return sounds.stream().map(sound -> sound.value(group)).distinct().sorted().toList();
  }

  /**
   * One part of a split.
   *
   * @throws RanbikiException if a member that is named is not there, or a part is empty
   */
  SoundFolder part(SoundSplit split, Part part) {
    boolean[] isTest = new boolean[sounds.size()];
    if (split.by().isEmpty()) {
      drawByClass(split.share().orElseThrow(), split.seed(), isTest);
    } else {
      String group = split.by().get();
      Set<String> test =
          split.test().isEmpty()
              ? drawn(group, split.share().orElseThrow(), split.seed())
              : named(group, split.test());
      for (int i = 0; i < isTest.length; i++) {
        isTest[i] = test.contains(sounds.get(i).value(group));
      }
    }
    List<Sound> some =
        IntStream.range(0, isTest.length)
            .filter(index -> isTest[index] == (part == Part.TEST))
            .mapToObj(sounds::get)
            .toList();
    if (some.isEmpty()) {
      throw RanbikiException.configuration(
          "data.split leaves no sound of %s for %s. Correct the split.",
          folder, part == Part.TEST ? "the test" : "training");
    }
    return new SoundFolder(folder, some, isLabelled, skip, part == Part.TRAIN ? others : List.of());
  }

  /** Of every class the same share, to the nearest number, and one sound at least. */
  private void drawByClass(double share, long seed, boolean[] isTest) {
    Map<String, List<Integer>> byClass = new TreeMap<>();
    for (int index : new SplitMix(TEST, seed).permutation(isTest.length)) {
      String label = isLabelled ? sounds.get(index).value(NamePattern.LABEL) : "";
      byClass.computeIfAbsent(label, name -> new ArrayList<>()).add(index);
    }
    byClass.forEach(
        (label, members) -> {
          long count = Math.max(1, Math.round(share * members.size()));
          if (count >= members.size()) {
            throw RanbikiException.configuration(
                "data.split takes %d of the %d sounds of class '%s' for the test, which leaves none"
                    + " to train on. Take a smaller share, or add sounds.",
                count, members.size(), label);
          }
          members.subList(0, (int) count).forEach(index -> isTest[index] = true);
        });
  }

  /** Members of a group in random order, until they have the share of the sounds. */
  private Set<String> drawn(String group, double share, long seed) {
    List<String> members = values(group);
    if (members.size() < 2) {
      throw RanbikiException.configuration(
          "data.split is by '%s', but all sounds of %s have the same, '%s'. Split them by another"
              + " group, or leave 'by' out.",
          group, folder, members.get(0));
    }
    Set<String> test = new HashSet<>();
    long count = 0;
    int[] order = new SplitMix(TEST, seed).permutation(members.size());
    for (int i = 0; i < order.length - 1 && (i == 0 || count < share * sounds.size()); i++) {
      String member = members.get(order[i]);
      test.add(member);
      count += sounds.stream().filter(sound -> sound.value(group).equals(member)).count();
    }
    return test;
  }

  private Set<String> named(String group, List<String> wanted) {
    List<String> members = values(group);
    for (String member : wanted) {
      if (!members.contains(member)) {
        throw RanbikiException.configuration(
            "data.split.test names '%s', but no sound of %s has this %s: there are %s. Name some of"
                + " these.",
            member, folder, group, ClassNames.abridged(members));
      }
    }
    return Set.copyOf(wanted);
  }

  /**
   * Opens the sounds.
   *
   * @param classNames the classes in the order of their numbers; empty for those that there are
   * @throws RanbikiException if a file is no sound or cut off, or is of a class that has no number
   */
  Dataset open(List<String> classNames) {
    List<String> names = classNames.isEmpty() ? classes() : ClassNames.distinct(classNames);
    Map<String, Integer> numbers = ClassNames.numbers(names);
    int[] labels = new int[sounds.size()];
    for (int i = 0; i < labels.length; i++) {
      Integer label =
          isLabelled
              ? numbers.get(sounds.get(i).value(NamePattern.LABEL))
              : Integer.valueOf(Dataset.UNLABELLED);
      if (label == null) {
        throw RanbikiException.configuration(
            "%s is of a class that training lacks: it has %s. Give training sounds of this class,"
                + " too, or remove the file.",
            sounds.get(i).file(), ClassNames.abridged(names));
      }
      labels[i] = label;
    }
    int[] kept = kept();
    int[] keptLabels = IntStream.of(kept).map(index -> labels[index]).toArray();
    Dataset samples =
        new Samples(
            List.of(new Field(Batch.SOUND, Field.Kind.SOUND, List.of())),
            new Truth.OfClasses(keptLabels, new Task.Classes(names)),
            index -> kept[index],
            new Source(kept),
            () -> {
              Fingerprint fingerprint = new Fingerprint("sounds").texts(names).ints(keptLabels);
              if (kept.length < sounds.size()) {
                fingerprint.ints(kept);
              }
              IntStream.of(kept).forEach(index -> fingerprint.file(sounds.get(index).file()));
              return fingerprint.hex();
            },
            () -> {});
    return new Placed(
        samples,
        index -> sounds.get(kept[index]).file().toString(),
        index -> sounds.get(kept[index]).name());
  }

  /** The sounds that can be read. */
  private int[] kept() {
    RanbikiException[] refusals = new RanbikiException[sounds.size()];
    IntStream.range(0, refusals.length)
        .parallel()
        .forEach(
            index -> {
              try {
                Wav.header(sounds.get(index).file());
              } catch (RanbikiException e) {
                refusals[index] = e;
              }
            });
    for (RanbikiException refusal : refusals) {
      boolean isOdd = refusal != null && refusal.kind() == RanbikiException.Kind.CONFIGURATION;
      if (refusal != null && !(isOdd && skip == Skip.DAMAGED)) {
        throw refusal; // the first by name, whichever thread was faster
      }
    }
    int[] kept = IntStream.range(0, refusals.length).filter(i -> refusals[i] == null).toArray();
    if (kept.length == 0) {
      throw RanbikiException.configuration(
          "None of %,d files is a sound that can be read, the first being %s. Check the path.",
          sounds.size(), sounds.get(0).file());
    }
    return kept;
  }

  private final class Source implements Samples.Source {

    private final int[] kept;

    Source(int[] kept) {
      this.kept = kept;
    }

    @Override
    public Row read(int index) {
      return Row.of(Batch.SOUND, Wav.read(sounds.get(kept[index]).file()));
    }

    @Override
    public List<String> notes() {
      BitSet read = new BitSet();
      IntStream.of(kept).forEach(read::set);
      List<Path> out = new ArrayList<>(others);
      IntStream.range(0, sounds.size())
          .filter(index -> !read.get(index))
          .forEach(index -> out.add(sounds.get(index).file()));
      if (out.isEmpty()) {
        return List.of();
      }
      return List.of(
          String.format(
              Locale.ROOT,
              "Left out are %,d of %,d files, which are damaged or no sounds; the first is %s.",
              out.size(),
              sounds.size() + others.size(),
              out.stream().min(Comparator.naturalOrder()).orElseThrow()));
    }
  }
}
