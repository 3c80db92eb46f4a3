package io.ranbiki.data;

import io.ranbiki.file.Sha256;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Notices that files changed, by their sizes and times, without reading them. */
final class SourceFiles {

  private static final String ABSENT = "absent";

  /** A list may name a hundred thousand images, each a source of its own. */
  private static final int MOST_NAMED = 20;

  private SourceFiles() {}

  /**
   * What a file or folder looked like.
   *
   * @param path as the configuration leads to it
   * @param files how many there are below
   * @param bytes of all of them
   * @param stamp a hash of names, sizes and times
   */
  record Seen(String path, long files, long bytes, String stamp) {

    boolean isSame(Seen other) {
      return files == other.files && bytes == other.bytes && stamp.equals(other.stamp);
    }
  }

  /**
   * Looks at the files of a format.
   *
   * @param without a folder that does not count, wherever it lies
   */
  static List<Seen> see(Format format, Path without) {
    List<Path> sources = format.sources();
    List<Seen> seen = new ArrayList<>();
    for (Path source : sources.subList(0, Math.min(MOST_NAMED, sources.size()))) {
      seen.add(see(source.toString(), List.of(source), without));
    }
    if (sources.size() > MOST_NAMED) {
      List<Path> others = sources.subList(MOST_NAMED, sources.size());
      seen.add(see("A file of " + format.title(), others, without));
    }
    return seen;
  }

  private static Seen see(String name, List<Path> sources, Path without) {
    TreeMap<String, BasicFileAttributes> files = new TreeMap<>();
    for (int i = 0; i < sources.size(); i++) {
      if (Files.exists(sources.get(i))) {
        addFiles(i + "/", sources.get(i), without, files);
      }
    }
    if (files.isEmpty()) {
      return new Seen(name, 0, 0, ABSENT);
    }
    Sha256 stamp = new Sha256();
    long bytes = 0;
    for (Map.Entry<String, BasicFileAttributes> file : files.entrySet()) {
      stamp.add((long) file.getKey().length()).add(file.getKey());
      stamp.add(file.getValue().size());
      stamp.add(file.getValue().lastModifiedTime().toString());
      bytes += file.getValue().size();
    }
    return new Seen(name, files.size(), bytes, stamp.hex(16));
  }

  /** Names are taken from the source on, so that a folder may be moved as a whole. */
  private static void addFiles(
      String number, Path source, Path without, Map<String, BasicFileAttributes> files) {
    try {
      Files.walkFileTree(
          source,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes any) {
              return folder.toAbsolutePath().normalize().equals(without)
                  ? FileVisitResult.SKIP_SUBTREE
                  : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              if (!file.getFileName().toString().startsWith(".")) {
                files.put(number + source.relativize(file), attributes);
              }
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw Sources.unreadable(source, e);
    }
  }

  /** Whether none of the files is there. */
  static boolean areGone(List<Seen> now) {
    return now.stream().allMatch(seen -> seen.stamp().equals(ABSENT));
  }

  /** The first that is another now; empty if all are the same. */
  static String changed(List<Seen> before, List<Seen> now) {
    for (int i = 0; i < Math.max(before.size(), now.size()); i++) {
      if (i >= before.size() || i >= now.size() || !before.get(i).isSame(now.get(i))) {
        return (i < now.size() ? now : before).get(i).path();
      }
    }
    return "";
  }
}
