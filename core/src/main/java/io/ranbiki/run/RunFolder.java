package io.ranbiki.run;

import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The folder in which a run keeps everything. Nothing that exists is overwritten: a new run needs a
 * folder that is new or empty.
 *
 * @param path the folder
 */
public record RunFolder(Path path) {

  private static final Path RUNS = Path.of("runs");

  /**
   * The folder of a run that no {@code --run-dir} was given for: {@code runs/<name>}.
   *
   * @param name letters, digits, {@code .}, {@code _} and {@code -}, beginning with a letter or
   *     digit
   */
  public static Path named(String name) {
    if (!name.matches("[\\p{L}\\p{Nd}][\\p{L}\\p{Nd}._-]{0,99}")) {
      throw RanbikiException.configuration(
          "the name '%s' cannot name a folder; use up to 100 letters, digits, '.', '_' and '-',"
              + " beginning with a letter or digit.",
          Words.shorten(name));
    }
    return RUNS.resolve(name);
  }

  /**
   * Makes the folder of a new run.
   *
   * @throws RanbikiException of kind io if it holds files already, or cannot be made or written
   */
  public static RunFolder create(Path folder) {
    try {
      if (Files.isDirectory(folder) && !isEmpty(folder)) {
        throw RanbikiException.io(
            "the run folder '%s' already holds files; choose another with --run-dir, or resume the"
                + " run that is there.",
            folder);
      }
      Files.createDirectories(folder);
      Path probe = folder.resolve(".writable");
      Files.write(probe, new byte[] {1}, StandardOpenOption.CREATE_NEW);
      Files.delete(probe);
      return new RunFolder(folder);
    } catch (IOException e) {
      throw new RanbikiException(
          Kind.IO,
          "cannot write the run folder '"
              + folder
              + "': "
              + reason(e)
              + "; choose another with --run-dir.",
          e);
    }
  }

  /** Opens the folder of a run that is there. */
  public static RunFolder open(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw RanbikiException.io("there is no run folder '%s'; check the path.", folder);
    }
    return new RunFolder(folder);
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.findAny().isEmpty();
    }
  }

  /** The resolved configuration, with every default written out. */
  public Path config() {
    return path.resolve("config.yaml");
  }

  /** The answers of teachers: beside the run folders, so that all runs share them. */
  public Path answers() {
    return path.toAbsolutePath().resolveSibling("answers");
  }

  /** Versions, processor, threads, seed, hashes. */
  public Path environment() {
    return path.resolve("environment.json");
  }

  /** One line an epoch, and every n steps. */
  public Path metrics() {
    return path.resolve("metrics.jsonl");
  }

  /** The last few states and the best. */
  public Path checkpoints() {
    return path.resolve("checkpoints");
  }

  /** The student. */
  public Path model() {
    return path.resolve("model");
  }

  /** A model that was trained on the way to the student, such as an assistant. */
  public Path stage(String stage, long seed) {
    return path.resolve("stages").resolve(stage + "-" + seed);
  }

  /** What was found. */
  public Path result() {
    return path.resolve("result.json");
  }

  /** The page that shows it. */
  public Path report() {
    return path.resolve("report.html");
  }

  /**
   * Writes a file that is whole or absent, whatever happens meanwhile: under a temporary name,
   * forced to disk, renamed over the target, and the folder forced.
   *
   * @throws RanbikiException of kind io, naming the file and the bytes; the old file is then intact
   */
  public static void writeAtomically(Path target, byte[] bytes) {
    Path folder = Objects.requireNonNullElse(target.toAbsolutePath().getParent(), target);
    Path temporary = folder.resolve("." + target.getFileName() + ".tmp");
    try {
      try (FileChannel channel =
          FileChannel.open(
              temporary,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        while (left.hasRemaining()) {
          channel.write(left);
        }
        channel.force(true);
      }
      move(temporary, target);
      force(folder);
    } catch (IOException e) {
      RanbikiException failure =
          new RanbikiException(
              Kind.IO,
              "cannot write " + bytes.length + " bytes to '" + target + "': " + reason(e) + ".",
              e);
      try {
        Files.deleteIfExists(temporary);
      } catch (IOException again) {
        failure.addSuppressed(again);
      }
      throw failure;
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      throw new IOException("this file system cannot rename a file in one step", e);
    }
  }

  /** Makes the rename itself survive a power loss; Windows cannot open a folder for that. */
  private static void force(Path folder) throws IOException {
    if (!System.getProperty("os.name", "").startsWith("Windows")) {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  /** Why the disk refused, in words. */
  static String reason(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "access denied";
    }
    if (e instanceof NoSuchFileException missing) {
      return "'" + missing.getFile() + "' does not exist";
    }
    if (e instanceof NotDirectoryException || e instanceof FileAlreadyExistsException) {
      return "'" + ((FileSystemException) e).getFile() + "' is a file";
    }
    String reason = e instanceof FileSystemException system ? system.getReason() : e.getMessage();
    return reason == null ? e.getClass().getSimpleName() : reason;
  }
}
