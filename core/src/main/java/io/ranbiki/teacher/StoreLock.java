package io.ranbiki.teacher;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The right to write to a store, which one thread of one process has at a time; it ends with the
 * process.
 *
 * <p>What is locked is an empty file beside the store, which nobody else opens. On Linux a process
 * loses its lock on a file as soon as it closes any channel of that file, and whoever writes a
 * store reads it as well. The file is never deleted: another process may be about to lock it.
 */
final class StoreLock implements AutoCloseable {

  // A second channel of the same process would end the lock when it is closed, so it is not opened.
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final FileChannel channel;

  private StoreLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Takes the right if nobody has it.
   *
   * @throws IOException if there is no such store, or its folder cannot be written to or knows no
   *     locks
   */
  static Optional<StoreLock> take(Path store) throws IOException {
    Path real = store.toRealPath();
    Path file = real.resolveSibling("." + real.getFileName() + ".lock");
    if (!HELD.add(file)) {
      return Optional.empty();
    }
    FileChannel channel = null;
    try {
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      @Nullable FileLock lock = channel.tryLock();
      if (lock != null) {
        return Optional.of(new StoreLock(file, channel));
      }
    } catch (IOException | RuntimeException e) {
      release(file, channel);
      throw e;
    }
    release(file, channel);
    return Optional.empty();
  }

  private static void release(Path file, @Nullable FileChannel channel) throws IOException {
    try {
      if (channel != null) {
        channel.close();
      }
    } finally {
      HELD.remove(file);
    }
  }

  @Override
  public void close() throws IOException {
    release(file, channel);
  }
}
