package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Opens files for the readers, and says what is wrong with them in the same words everywhere. */
final class Sources {

  private Sources() {}

  static void requireFile(Path file) {
    if (!Files.exists(file)) {
      throw RanbikiException.configuration(
          "The data file %s does not exist. Check the path.", file);
    }
    if (!Files.isRegularFile(file)) {
      throw RanbikiException.configuration("%s must be a file, but is not. Check the path.", file);
    }
  }

  static void requireFolder(Path folder) {
    if (!Files.exists(folder)) {
      throw RanbikiException.configuration(
          "The data folder %s does not exist. Check the path.", folder);
    }
    if (!Files.isDirectory(folder)) {
      throw RanbikiException.configuration(
          "%s must be a folder, but is not. Check the path.", folder);
    }
  }

  static boolean compressed(Path file) {
    return file.toString().endsWith(".gz");
  }

  /**
   * A file, or its copy packed by gzip under the same name and {@code .gz}; empty if neither is
   * there. Dates of files say little after copying, so where both are there, they must hold the
   * same.
   *
   * @throws RanbikiException if they do not
   */
  static Optional<Path> plainOrPacked(Path plain) {
    Path packed = plain.resolveSibling(plain.getFileName() + ".gz");
    if (!Files.exists(packed)) {
      return Optional.of(plain).filter(Files::exists);
    }
    if (!Files.exists(plain)) {
      return Optional.of(packed);
    }
    if (!holdSame(plain, packed)) {
      throw RanbikiException.configuration(
          "%s and %s hold different data. Remove the one that is out of date.", plain, packed);
    }
    return Optional.of(plain);
  }

  /** The plain file, or the packed one where that is alone; neither is read. */
  static Path there(Path plain) {
    Path packed = plain.resolveSibling(plain.getFileName() + ".gz");
    return !Files.exists(plain) && Files.exists(packed) ? packed : plain;
  }

  private static boolean holdSame(Path plain, Path packed) {
    try (InputStream one = open(plain)) {
      try (InputStream other = open(packed)) {
        byte[] some = new byte[1 << 16];
        for (int read = one.readNBytes(some, 0, some.length);
            read > 0;
            read = one.readNBytes(some, 0, some.length)) {
          byte[] others = other.readNBytes(read);
          if (!Arrays.equals(some, 0, read, others, 0, others.length)) {
            return false;
          }
        }
        return other.read() < 0;
      } catch (IOException e) {
        throw unreadable(packed, e);
      }
    } catch (IOException e) {
      throw unreadable(plain, e);
    }
  }

  /** Opens a file, unpacking it if its name ends in {@code .gz}. */
  static InputStream open(Path file) throws IOException {
    return open(file, bytes -> {});
  }

  /**
   * The same.
   *
   * @param progress is told of bytes of the file that were read
   */
  static InputStream open(Path file, LongConsumer progress) throws IOException {
    InputStream in = new Counted(Files.newInputStream(file), progress);
    try {
      return compressed(file) ? new Unpacked(in) : new BufferedInputStream(in, 1 << 16);
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  private static final class Counted extends FilterInputStream {

    private final LongConsumer progress;

    Counted(InputStream in, LongConsumer progress) {
      super(in);
      this.progress = progress;
    }

    @Override
    public int read() throws IOException {
      int read = super.read();
      progress.accept(read < 0 ? 0 : 1);
      return read;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int read = super.read(target, offset, length);
      progress.accept(Math.max(0, read));
      return read;
    }
  }

  private static final class Unpacked extends GZIPInputStream {

    Unpacked(InputStream in) throws IOException {
      super(in, 1 << 16);
    }

    /** Java calls itself once for every empty part, and a file may hold millions of them. */
    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      try {
        return super.read(target, offset, length);
      } catch (StackOverflowError e) {
        throw new ZipException("it consists of empty parts");
      }
    }
  }

  /** Tells a damaged file, which a new copy repairs, from a disk that refuses. */
  static RanbikiException unreadable(Path file, IOException e) {
    if (e instanceof EOFException || e instanceof ZipException) {
      return new RanbikiException(
          RanbikiException.Kind.CONFIGURATION,
          file + " is truncated or damaged and cannot be unpacked. Fetch it again.",
          e);
    }
    return new RanbikiException(
        RanbikiException.Kind.IO,
        file + " cannot be read (" + reason(e) + "). Check its permissions and the disk.",
        e);
  }

  private static String reason(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
