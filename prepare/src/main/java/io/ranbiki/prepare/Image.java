package io.ranbiki.prepare;

import io.ranbiki.Memory;
import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A decoded picture from a PNG or JPEG file. Its pixels are those that Pillow's {@code
 * convert("RGB")} and {@code convert("L")} give; colour profiles are not applied.
 */
public final class Image {

  private static final double WHITE = 255;

  private final String name;
  private final Raster stored;
  private final @Nullable Rows rows;
  private final boolean damaged;

  private Image(String name, Raster stored, @Nullable Rows rows, boolean damaged) {
    this.name = name;
    this.stored = stored;
    this.rows = rows;
    this.damaged = damaged;
  }

  /**
   * What the header says.
   *
   * @param height in pixels
   * @param width in pixels
   * @param plain whether Java's conversion of colours gives the pixels that are read here
   */
  public record Header(int height, int width, boolean plain) {}

  /** Makes one row of pixels, each {@code 0xRRGGBB}. */
  private interface Rows {
    void read(int y, int[] row);
  }

  private interface Use<T> {
    T of(ImageReader reader, @Nullable Jpeg jpeg) throws IOException;
  }

  /**
   * Reads the header.
   *
   * @throws RanbikiException if it is damaged, or a JPEG file ends early
   */
  public static Header header(Path file) {
    return header(bytes(file), file.toString());
  }

  static Header header(byte[] bytes, String name) {
    return with(
        bytes,
        name,
        (reader, jpeg) ->
            new Header(reader.getHeight(0), reader.getWidth(0), jpeg == null || jpeg.isPlain()));
  }

  /**
   * Decodes a file.
   *
   * @throws RanbikiException if it cannot be read or decoded
   */
  public static Image read(Path file) {
    return read(bytes(file), file.toString());
  }

  /**
   * Decodes the bytes of a file.
   *
   * @param name of the image, to begin a sentence with
   * @throws RanbikiException if they cannot be decoded
   */
  public static Image read(byte[] bytes, String name) {
    return with(
        bytes,
        name,
        (reader, jpeg) -> {
          AtomicBoolean damaged = new AtomicBoolean();
          reader.addIIOReadWarningListener((source, warning) -> damaged.set(true));
          if (jpeg != null) {
            Raster stored = reader.readRaster(0, null);
            Rows rows = jpeg.isGrey() ? null : (y, row) -> jpeg.colours(stored, y, row);
            return new Image(name, stored, rows, damaged.get());
          }
          return of(reader.read(0), name, damaged.get());
        });
  }

  /**
   * Takes a picture that is in memory already.
   *
   * @param name of the image, to begin a sentence with
   */
  public static Image of(BufferedImage picture, String name) {
    return of(picture, name, false);
  }

  private static Image of(BufferedImage picture, String name, boolean damaged) {
    // For plain grey getRGB would bend the values: it takes grey for linear light.
    boolean grey =
        picture.getRaster().getNumBands() <= 2
            && !(picture.getColorModel() instanceof IndexColorModel);
    return new Image(
        name,
        picture.getRaster(),
        grey ? null : (y, row) -> picture.getRGB(0, y, row.length, 1, row, 0, row.length),
        damaged);
  }

  /** PNG and JPEG by their first byte; people also have GIF files under the name of a PNG. */
  private static boolean begins(int first) {
    return first == 0x89 || first == 0xff || first == 'G';
  }

  /** The bytes of a file; none of another kind of file, so that nothing else is read at length. */
  static byte[] bytes(Path file) {
    try {
      try (InputStream in = Files.newInputStream(file)) {
        if (!begins(in.read())) {
          return new byte[0];
        }
      }
      Memory.requireHeap(
          Kind.CONFIGURATION, Files.size(file), "Reading " + file, "Replace or remove it");
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new RanbikiException(
          Kind.IO, "There is no file " + file + ". Check the path, or the disk.", e);
    } catch (IOException e) {
      throw new RanbikiException(
          Kind.IO,
          file
              + " cannot be read ("
              + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage())
              + "). Check its permissions and the disk.",
          e);
    }
  }

  private static <T> T with(byte[] bytes, String name, Use<T> use) {
    try {
      if (bytes.length == 0 || !begins(bytes[0] & 0xff)) {
        throw new IOException("neither PNG nor JPEG");
      }
      Jpeg jpeg = Jpeg.is(bytes) ? new Jpeg(bytes) : null;
      byte[] decoded = jpeg == null ? bytes : jpeg.withoutRemarks();
      // Not ImageIO.read: it writes to a temporary file, and hides why it returns nothing.
      try (var in = new MemoryCacheImageInputStream(new ByteArrayInputStream(decoded))) {
        Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
        if (!readers.hasNext()) {
          throw new IOException("neither PNG nor JPEG");
        }
        ImageReader reader = readers.next();
        try {
          reader.setInput(in, true, true);
          return use.of(reader, jpeg);
        } finally {
          reader.dispose();
        }
      }
    } catch (EOFException e) {
      throw new RanbikiException(
          Kind.CONFIGURATION,
          name
              + " ends early, so that a part of its picture is missing. Fetch it again or remove it.",
          e);
    } catch (IOException | RuntimeException e) {
      throw new RanbikiException(
          Kind.CONFIGURATION,
          name + " is empty, damaged, or not a PNG or JPEG image. Replace or remove it.",
          e);
    }
  }

  /** What messages call it. */
  public String name() {
    return name;
  }

  /** In pixels. */
  public int height() {
    return stored.getHeight();
  }

  /** In pixels. */
  public int width() {
    return stored.getWidth();
  }

  /** Whether the decoder read over damaged data. */
  public boolean isDamaged() {
    return damaged;
  }

  /**
   * Writes the pixels channel by channel. A pixel is 0 to 255, with places after the point where a
   * file has more than 8 bits, times the factor, and rounded once: {@code 1 / 255.0} gives the very
   * floats of a division by 255.
   */
  public void write(Colour colour, double factor, float[] target, int offset) {
    if (rows == null) {
      writeGrey(colour, factor, target, offset);
      return;
    }
    int plane = height() * width();
    int[] row = new int[width()];
    for (int y = 0; y < height(); y++) {
      rows.read(y, row);
      for (int x = 0; x < row.length; x++) {
        int red = row[x] >> 16 & 0xff;
        int green = row[x] >> 8 & 0xff;
        int blue = row[x] & 0xff;
        int at = offset + y * row.length + x;
        if (colour == Colour.GREY) {
          int luma = (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
          target[at] = (float) (luma * factor);
        } else {
          target[at] = (float) (red * factor);
          target[at + plane] = (float) (green * factor);
          target[at + 2 * plane] = (float) (blue * factor);
        }
      }
    }
  }

  /**
   * The pixels channel by channel, 0 to 255, rounded where a file has more than 8 bits.
   *
   * @return {@code [channels, height, width]}
   */
  public byte[] bytes(Colour colour) {
    float[] values = new float[colour.channels() * height() * width()];
    write(colour, 1, values, 0);
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) Math.round(values[i]);
    }
    return bytes;
  }

  private void writeGrey(Colour colour, double factor, float[] target, int offset) {
    int plane = height() * width();
    float[] row = new float[width()];
    int largest = (1 << stored.getSampleModel().getSampleSize(0)) - 1;
    for (int y = 0; y < height(); y++) {
      stored.getSamples(0, y, row.length, 1, 0, row);
      for (int x = 0; x < row.length; x++) {
        for (int channel = 0; channel < colour.channels(); channel++) {
          target[offset + channel * plane + y * row.length + x] =
              (float) (row[x] * WHITE / largest * factor);
        }
      }
    }
  }
}
