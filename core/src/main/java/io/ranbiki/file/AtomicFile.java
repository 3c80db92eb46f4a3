package io.ranbiki.file;

import io.ranbiki.RanbikiException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes a file so that its name holds either the old content or the whole new one, also after a
 * crash or a power cut: temporary name in the same folder, force, atomic rename, force the folder.
 */
public final class AtomicFile {

  /** What puts the bytes into the file. */
  @FunctionalInterface
  public interface Content {
    /** Writes everything to the channel, which the caller forces and closes. */
    void writeTo(FileChannel channel) throws IOException;
  }

  private static final Pattern TEMPORARY = Pattern.compile("\\.(.+)\\.(\\d+)-\\d+\\.tmp");
  private static final AtomicLong WRITES = new AtomicLong();

  private AtomicFile() {}

  /**
   * Writes or replaces a file. After a failure the old file, if any, is untouched and no temporary
   * file is left.
   *
   * @throws RanbikiException of kind IO that names the file when the disk refuses
   */
  public static void write(Path file, Content content) {
    Path target = file.toAbsolutePath();
    Path folder = target.getParent();
    if (folder == null) {
      throw RanbikiException.io("Cannot write %s: it is not the name of a file.", file);
    }
    Path temporary = folder.resolve(temporaryName(target));
    try {
      try (FileChannel channel =
          FileChannel.open(
              temporary,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        content.writeTo(channel);
        channel.force(true);
      }
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      forceFolder(folder);
    } catch (IOException e) {
      throw new RanbikiException(
          RanbikiException.Kind.IO,
          "Cannot write "
              + file
              + ": "
              + Reasons.of(e)
              + ". Check that the folder exists, may be written to and has free space.",
          e);
    } finally {
      deleteQuietly(temporary);
    }
  }

  /** Writes or replaces a file of some bytes, as {@link #write(Path, Content)}. */
  public static void write(Path file, byte[] bytes) {
    ByteBuffer left = ByteBuffer.wrap(bytes);
    write(
        file,
        channel -> {
          while (left.hasRemaining()) {
            channel.write(left);
          }
        });
  }

  /** Writes or replaces a file of text in UTF-8, as {@link #write(Path, Content)}. */
  public static void write(Path file, String text) {
    write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Whether this is the name of a file that is being written, or was when its process died. */
  public static boolean isTemporary(String name) {
    return TEMPORARY.matcher(name).matches();
  }

  /** Removes what processes left that were killed while they wrote a file. */
  public static void removeAbandoned(Path file) {
    Path target = file.toAbsolutePath();
    try (DirectoryStream<Path> beside = Files.newDirectoryStream(target.getParent())) {
      for (Path other : beside) {
        Matcher name = TEMPORARY.matcher(other.getFileName().toString());
        if (name.matches()
            && name.group(1).equals(target.getFileName().toString())
            && ProcessHandle.of(Long.parseLong(name.group(2))).isEmpty()) {
          deleteQuietly(other);
        }
      }
    } catch (IOException e) {
      // what stays takes room, and nothing else
    }
  }

  /** Unique among the processes and threads that write to the same folder. */
  private static String temporaryName(Path target) {
    return "."
        + target.getFileName()
        + "."
        + ProcessHandle.current().pid()
        + "-"
        + WRITES.incrementAndGet()
        + ".tmp";
  }

  private static void forceFolder(Path folder) throws IOException {
    FileChannel channel;
    try {
      channel = FileChannel.open(folder, StandardOpenOption.READ);
    } catch (IOException e) {
      return; // Windows does not open folders; there the rename itself is all that can be had
    }
    try (channel) {
      channel.force(true);
    }
  }

  private static void deleteQuietly(Path temporary) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      // the failure that led here is the one to report
    }
  }
}
