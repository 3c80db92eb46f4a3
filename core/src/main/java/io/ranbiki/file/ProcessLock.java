package io.ranbiki.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A right that one thread of one process has at a time, such as the right to write to a store or to
 * a run folder. It ends with the process, also where that is killed.
 *
 * <p>What is locked is a file of its own, which holds the number of the process. On Linux a process
 * loses its lock on a file as soon as it closes any channel of that file, and whoever writes a
 * store reads it as well. The file is deleted when the right is given back; what a killed process
 * leaves is taken over.
 */
public final class ProcessLock implements AutoCloseable {

  // A second channel of the same process would end the lock when it is closed, so it is not opened.
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  /** Behind every number of a process, so that others can read that where locks are walls. */
  private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;

  private static final int MOST_ATTEMPTS = 1000;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

  private final Path file;
  private final FileChannel channel;

  private ProcessLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Takes the right if nobody has it.
   *
   * @param file to be locked; its folder is there
   * @throws IOException if the folder is missing, cannot be written to or knows no locks
   */
  public static Optional<ProcessLock> take(Path file) throws IOException {
    Path real = real(file);
    if (!HELD.add(real)) {
      return Optional.empty();
    }
    Optional<FileChannel> locked = Optional.empty();
    try {
      locked = lock(real);
      return locked.map(channel -> new ProcessLock(real, channel));
    } finally {
      if (locked.isEmpty()) {
        HELD.remove(real);
      }
    }
  }

  /** One path for one file, whichever way leads to it; the file need not be there. */
  private static Path real(Path file) throws IOException {
    Path absolute = file.toAbsolutePath();
    Path folder = absolute.getParent();
    return folder == null ? absolute : folder.toRealPath().resolve(absolute.getFileName());
  }

  private static Optional<FileChannel> lock(Path file) throws IOException {
    for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      FileChannel channel;
      Optional<Object> before = identity(file);
      try {
        channel =
            before.isEmpty()
                ? FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)
                : FileChannel.open(file, StandardOpenOption.WRITE);
      } catch (FileAlreadyExistsException | NoSuchFileException e) {
        if (!Files.isDirectory(file.resolveSibling(""))) {
          throw e;
        }
        continue; // another process made or deleted it just now
      }
      try {
        Optional<Object> opened = before.isEmpty() ? identity(file) : before;
        if (channel.tryLock(LOCKED_BYTE, 1, false) == null) {
          channel.close();
          return Optional.empty();
        }
        if (opened.isPresent() && opened.equals(identity(file))) {
          channel.truncate(0);
          channel.write(
              ByteBuffer.wrap(
                  Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8)));
          return Optional.of(channel);
        }
        channel.close(); // whoever had the right has deleted the file meanwhile
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    }
    throw new IOException(file + " comes and goes while it is to be locked");
  }

  /** Which file stands under a name now; nothing if none does. */
  private static Optional<Object> identity(Path file) throws IOException {
    try {
      Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
      return Optional.of(key == null ? file : key); // Windows keeps the name of an open file
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /**
   * Who has a right that could not be taken, for a message: {@code process 4711 since 2026-11-28
   * 14:03:05}.
   */
  public static String holder(Path file) {
    try {
      Path real = real(file);
      String pid =
          HELD.contains(real)
              ? Long.toString(ProcessHandle.current().pid())
              : Files.readString(real).strip();
      Instant since = Files.getLastModifiedTime(real).toInstant();
      return (pid.isEmpty() ? "another process" : "process " + pid)
          + " since "
          + TIME.format(since.atZone(ZoneId.systemDefault()));
    } catch (IOException e) {
      return "another process, which has just given it back";
    }
  }

  @Override
  public void close() throws IOException {
    try (FileChannel open = channel) {
      Files.deleteIfExists(file); // while it is locked, so that nobody else's is deleted
    } finally {
      HELD.remove(file);
    }
  }
}
