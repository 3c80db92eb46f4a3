package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import io.ranbiki.file.Reasons;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Bytes that were written once from the first to the last, and are mapped to be read at any place.
 * A block is checked when something of it is first read.
 *
 * <pre>
 * bytes
 * for each MiB of them: 4 its CRC32C
 * 8 magic, 8 how many bytes, 4 CRC32C of the checksums and all before in this line
 * </pre>
 */
final class PackedFile {

  private static final int BLOCK = 1 << 20;
  private static final int FOOTER = 20;
  private static final long MAGIC = 0x52424b5041434b31L; // RBKPACK1

  /** Bits of a mapping, since none has more bytes than an array could. */
  private static final int SEGMENT_BITS = 30;

  private final Path file;
  private final long bytes;
  private final MappedByteBuffer[] segments;
  private final IntBuffer sums;

  /** Of each block whether it was checked; to check one twice does no harm. */
  private final boolean[] sound;

  private PackedFile(Path file, long bytes, MappedByteBuffer[] segments, IntBuffer sums) {
    this.file = file;
    this.bytes = bytes;
    this.segments = segments;
    this.sums = sums;
    sound = new boolean[sums.capacity()];
  }

  /**
   * Maps a file.
   *
   * @throws RanbikiException if it is missing, cut, or none of these
   */
  static PackedFile open(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size < FOOTER) {
        throw damaged(file);
      }
      ByteBuffer footer = read(channel, size - FOOTER, FOOTER);
      long bytes = footer.getLong(8);
      long blocks = bytes / BLOCK + (bytes % BLOCK == 0 ? 0 : 1);
      if (footer.getLong(0) != MAGIC || bytes < 0 || bytes + 4 * blocks + FOOTER != size) {
        throw damaged(file);
      }
      ByteBuffer sums = read(channel, bytes, Math.toIntExact(4 * blocks));
      if (sum(sums, footer) != footer.getInt(16)) {
        throw damaged(file);
      }
      MappedByteBuffer[] segments = new MappedByteBuffer[(int) (bytes >> SEGMENT_BITS) + 1];
      for (int i = 0; i < segments.length; i++) {
        long from = (long) i << SEGMENT_BITS;
        long length = Math.min(bytes - from, 1L << SEGMENT_BITS);
        segments[i] = channel.map(FileChannel.MapMode.READ_ONLY, from, length);
      }
      return new PackedFile(file, bytes, segments, sums.asIntBuffer());
    } catch (IOException e) {
      throw Sources.unreadable(file, e);
    }
  }

  private static ByteBuffer read(FileChannel channel, long from, int length) throws IOException {
    ByteBuffer read = ByteBuffer.allocate(length);
    int more = 0;
    while (read.hasRemaining() && more >= 0) {
      more = channel.read(read, from + read.position());
    }
    return read.flip();
  }

  private static int sum(ByteBuffer sums, ByteBuffer footer) {
    CRC32C crc = new CRC32C();
    crc.update(sums.duplicate());
    crc.update(footer.duplicate().position(0).limit(16));
    return (int) crc.getValue();
  }

  private static RanbikiException damaged(Path file) {
    return RanbikiException.configuration(
        "%s is cut or damaged. Make the pack again with 'ranbiki pack'.", file);
  }

  /** How many bytes there are. */
  long bytes() {
    return bytes;
  }

  /**
   * Reads some; safe from many threads at once.
   *
   * @throws RanbikiException if they are not there, or not what was written
   */
  byte[] read(long from, int length) {
    if (from < 0 || length < 0 || from + length > bytes) {
      throw damaged(file);
    }
    try {
      if (length > 0) {
        check((int) (from / BLOCK), (int) ((from + length - 1) / BLOCK));
      }
      byte[] read = new byte[length];
      copy(from, read, 0, length);
      return read;
    } catch (InternalError e) {
      throw cut(e);
    }
  }

  /**
   * Reads all of it.
   *
   * @throws RanbikiException if it is not what was written
   */
  void requireSound() {
    try {
      check(0, sound.length - 1);
    } catch (InternalError e) {
      throw cut(e);
    }
  }

  /** An internal error is how Java says that a file became shorter below its mapping. */
  private RanbikiException cut(InternalError e) {
    return new RanbikiException(
        RanbikiException.Kind.IO,
        file + " was cut while it was read. Make the pack again with 'ranbiki pack'.",
        e);
  }

  private void copy(long from, byte[] target, int offset, int length) {
    int done = 0;
    while (done < length) {
      MappedByteBuffer segment = segments[(int) ((from + done) >> SEGMENT_BITS)];
      int at = (int) ((from + done) & ((1L << SEGMENT_BITS) - 1));
      int part = Math.min(length - done, segment.capacity() - at);
      segment.get(at, target, offset + done, part);
      done += part;
    }
  }

  private void check(int first, int last) {
    for (int block = first; block <= last; block++) {
      if (!sound[block]) {
        long from = (long) block * BLOCK;
        int length = (int) Math.min(BLOCK, bytes - from);
        MappedByteBuffer segment = segments[(int) (from >> SEGMENT_BITS)];
        int at = (int) (from & ((1L << SEGMENT_BITS) - 1)); // blocks do not cross segments
        CRC32C crc = new CRC32C();
        crc.update(segment.duplicate().position(at).limit(at + length));
        if ((int) crc.getValue() != sums.get(block)) {
          throw damaged(file);
        }
        sound[block] = true;
      }
    }
  }

  /** Writes one; nobody may open it before it is finished. */
  static final class Writer implements AutoCloseable {

    private final Path file;
    private final FileChannel channel;
    private final ByteBuffer block = ByteBuffer.allocate(BLOCK);
    private int[] sums = new int[64];
    private int blocks;
    private long bytes;

    Writer(Path file) {
      this.file = file;
      try {
        channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      } catch (IOException e) {
        throw unwritable(e);
      }
    }

    private RanbikiException unwritable(IOException e) {
      return new RanbikiException(
          RanbikiException.Kind.IO,
          "Cannot write "
              + file
              + ": "
              + Reasons.of(e)
              + ". Check that the folder may be written to and has free space.",
          e);
    }

    /** How many bytes were written. */
    long bytes() {
      return bytes;
    }

    void write(byte[] source, int length) {
      int done = 0;
      while (done < length) {
        int part = Math.min(length - done, block.remaining());
        block.put(source, done, part);
        done += part;
        if (!block.hasRemaining()) {
          flush();
        }
      }
      bytes += length;
    }

    private void flush() {
      block.flip();
      CRC32C crc = new CRC32C();
      crc.update(block.duplicate());
      if (blocks == sums.length) {
        sums = Arrays.copyOf(sums, 2 * blocks);
      }
      sums[blocks++] = (int) crc.getValue();
      writeAll(block);
      block.clear();
    }

    private void writeAll(ByteBuffer source) {
      try {
        while (source.hasRemaining()) {
          channel.write(source);
        }
      } catch (IOException e) {
        throw unwritable(e);
      }
    }

    /** Writes the rest, to the disk itself. */
    void finish() {
      if (block.position() > 0) {
        flush();
      }
      ByteBuffer all = ByteBuffer.allocate(4 * blocks);
      all.asIntBuffer().put(sums, 0, blocks);
      ByteBuffer footer = ByteBuffer.allocate(FOOTER).putLong(MAGIC).putLong(bytes);
      footer.putInt(sum(all, footer)).flip();
      writeAll(all);
      writeAll(footer);
      try {
        channel.force(true);
        channel.close();
      } catch (IOException e) {
        throw unwritable(e);
      }
    }

    /** Gives the file up, unless it was finished. */
    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        throw unwritable(e);
      }
    }
  }
}
