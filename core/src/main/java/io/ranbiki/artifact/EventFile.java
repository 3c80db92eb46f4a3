package io.ranbiki.artifact;

import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import io.ranbiki.file.Reasons;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * A file of figures that TensorBoard draws as curves, and reads while it grows. Each record is a
 * protobuf message of the schema {@code tensorflow.Event}, framed as TFRecord: length in 8 bytes,
 * its checksum in 4, the message, its checksum in 4, all little-endian. Every call hands one whole
 * record to the operating system.
 */
public final class EventFile implements AutoCloseable {

  private static final String VERSION = "brain.Event:2";

  /** Fields of the schema. */
  private static final int EVENT_TIME = 1;

  private static final int EVENT_STEP = 2;
  private static final int EVENT_VERSION = 3;
  private static final int EVENT_SUMMARY = 5;
  private static final int SUMMARY_VALUE = 1;
  private static final int VALUE_TAG = 1;
  private static final int VALUE_SCALAR = 2;

  private static final int LENGTH_BYTES = 8;
  private static final int CHECKSUM_BYTES = 4;

  private final Path file;
  private final FileChannel channel;

  private EventFile(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Opens a file to append to it, and makes it if it is not there. What it holds of later steps is
   * cut off, and so is a damaged end: a training that goes on from a checkpoint writes these steps
   * again.
   *
   * @param lastStep the last step whose figures stay
   * @param now written into a new file
   * @throws RanbikiException of kind io if the disk refuses
   */
  public static EventFile open(Path file, long lastStep, Instant now) {
    try {
      int kept = Files.exists(file) ? kept(Files.readAllBytes(file), lastStep) : 0;
      EventFile opened =
          new EventFile(
              file, FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE));
      opened.channel.truncate(kept).position(kept);
      if (kept == 0) {
        byte[] version = VERSION.getBytes(StandardCharsets.UTF_8);
        opened.write(event(now, 0, Protobuf.written(EVENT_VERSION, version)));
      }
      return opened;
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  /** How many bytes the whole records up to a step take. */
  private static int kept(byte[] bytes, long lastStep) {
    ByteBuffer records = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int kept = 0;
    while (records.remaining() >= LENGTH_BYTES + CHECKSUM_BYTES) {
      long length = records.getLong();
      boolean sound = records.getInt() == checksum(bytes, kept, LENGTH_BYTES);
      if (!sound || length < 0 || length > records.remaining() - CHECKSUM_BYTES) {
        return kept;
      }
      int start = records.position();
      records.position(start + (int) length);
      if (records.getInt() != checksum(bytes, start, (int) length)
          || step(Arrays.copyOfRange(bytes, start, start + (int) length)) > lastStep) {
        return kept;
      }
      kept = records.position();
    }
    return kept;
  }

  /** The step of an event; past all steps if it is none. */
  private static long step(byte[] event) {
    try {
      for (Protobuf.Field field : Protobuf.fields(event)) {
        if (field.id() == EVENT_STEP) {
          return field.integer();
        }
      }
      return 0;
    } catch (Protobuf.Damaged e) {
      return Long.MAX_VALUE;
    }
  }

  /**
   * Appends figures of one step.
   *
   * @param step 0 or more
   * @param scalars figures by tag, such as {@code terms/hint}; kept as float32
   */
  public void add(Instant now, long step, Map<String, Double> scalars) {
    ByteArrayOutputStream summary = new ByteArrayOutputStream();
    scalars.forEach(
        (tag, value) -> {
          ByteArrayOutputStream scalar = new ByteArrayOutputStream();
          scalar.writeBytes(Protobuf.written(VALUE_TAG, tag.getBytes(StandardCharsets.UTF_8)));
          scalar.writeBytes(Protobuf.float32(VALUE_SCALAR, value.floatValue()));
          summary.writeBytes(Protobuf.written(SUMMARY_VALUE, scalar.toByteArray()));
        });
    try {
      write(event(now, step, Protobuf.written(EVENT_SUMMARY, summary.toByteArray())));
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  private static byte[] event(Instant now, long step, byte[] content) {
    ByteArrayOutputStream event = new ByteArrayOutputStream();
    event.writeBytes(Protobuf.float64(EVENT_TIME, now.toEpochMilli() / 1e3));
    if (step != 0) { // protobuf leaves out what is 0
      event.writeBytes(Protobuf.number(EVENT_STEP, step));
    }
    event.writeBytes(content);
    return event.toByteArray();
  }

  private void write(byte[] event) throws IOException {
    ByteBuffer record =
        ByteBuffer.allocate(LENGTH_BYTES + CHECKSUM_BYTES + event.length + CHECKSUM_BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    record.putLong(event.length);
    record.putInt(checksum(record.array(), 0, LENGTH_BYTES));
    record.put(event).putInt(checksum(event, 0, event.length)).flip();
    while (record.hasRemaining()) {
      channel.write(record);
    }
  }

  /** CRC-32C, masked so that a checksum of bytes that hold checksums is a good one, too. */
  private static int checksum(byte[] bytes, int start, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, start, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  private static RanbikiException failure(Path file, IOException e) {
    return new RanbikiException(
        Kind.IO,
        "Cannot write the event file "
            + file
            + ": "
            + Reasons.of(e)
            + ". Check that its folder may be written to and has free space.",
        e);
  }
}
