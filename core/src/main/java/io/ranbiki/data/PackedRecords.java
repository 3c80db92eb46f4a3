package io.ranbiki.data;

import io.ranbiki.RanbikiException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Records, one for each sample: all of one length, or each of its own, with a second file that says
 * where each ends.
 */
final class PackedRecords {

  private final PackedFile file;
  private final PackedFile ends;
  private final int width;

  private PackedRecords(PackedFile file, PackedFile ends, int width) {
    this.file = file;
    this.ends = ends;
    this.width = width;
  }

  /**
   * Opens records.
   *
   * @param width bytes of each, or 0 where they differ
   * @throws RanbikiException if there are not so many
   */
  static PackedRecords open(Path folder, String name, int width, int count) {
    PackedFile file = PackedFile.open(folder.resolve(name));
    PackedFile ends = width > 0 ? file : PackedFile.open(endsOf(folder, name));
    boolean whole =
        width > 0
            ? file.bytes() == (long) width * count
            : ends.bytes() == (long) Long.BYTES * count;
    if (!whole) {
      throw RanbikiException.configuration(
          "%s does not hold the %d samples that the pack should have. Make the pack again with"
              + " 'ranbiki pack'.",
          folder.resolve(name), count);
    }
    return new PackedRecords(file, ends, width);
  }

  private static Path endsOf(Path folder, String name) {
    return folder.resolve(name + "-ends");
  }

  /** One record; safe from many threads at once. */
  ByteBuffer read(int index) {
    if (width > 0) {
      return ByteBuffer.wrap(file.read((long) index * width, width));
    }
    long from = index == 0 ? 0 : end(index - 1);
    return ByteBuffer.wrap(file.read(from, (int) Math.max(-1, end(index) - from)));
  }

  private long end(int index) {
    return ByteBuffer.wrap(ends.read((long) index * Long.BYTES, Long.BYTES)).getLong();
  }

  /** All of them as they lie there, one behind the other. */
  PackedFile file() {
    return file;
  }

  /** Writes records. */
  static final class Writer implements AutoCloseable {

    private final PackedFile.Writer file;
    private final PackedFile.Writer ends;
    private final boolean varies;

    /**
     * Begins.
     *
     * @param varies whether records differ in length
     */
    Writer(Path folder, String name, boolean varies) {
      this.varies = varies;
      file = new PackedFile.Writer(folder.resolve(name));
      ends = varies ? new PackedFile.Writer(endsOf(folder, name)) : file;
    }

    void add(ByteBuffer record) {
      file.write(record.array(), record.limit());
      if (varies) {
        ends.write(ByteBuffer.allocate(Long.BYTES).putLong(file.bytes()).array(), Long.BYTES);
      }
    }

    void finish() {
      file.finish();
      if (varies) {
        ends.finish();
      }
    }

    @Override
    public void close() {
      file.close();
      ends.close();
    }
  }
}
