package io.ranbiki.data;

import io.ranbiki.Memory;
import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import io.ranbiki.data.ImageFolder.Colour;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.jspecify.annotations.Nullable;

/** Decodes one PNG or JPEG file. */
final class ImageFile {

  private final Raster stored;
  private final @Nullable Rows rows;
  private final boolean damaged;

  private ImageFile(Raster stored, @Nullable Rows rows, boolean damaged) {
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
  record Header(int height, int width, boolean plain) {}

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
  static Header header(Path file) {
    return with(
        file,
        (reader, jpeg) ->
            new Header(reader.getHeight(0), reader.getWidth(0), jpeg == null || jpeg.isPlain()));
  }

  /**
   * Decodes the file.
   *
   * @throws RanbikiException if that cannot be done
   */
  static ImageFile decode(Path file) {
    return with(
        file,
        (reader, jpeg) -> {
          AtomicBoolean damaged = new AtomicBoolean();
          reader.addIIOReadWarningListener((source, warning) -> damaged.set(true));
          if (jpeg != null) {
            Raster stored = reader.readRaster(0, null);
            Rows rows = jpeg.isGrey() ? null : (y, row) -> jpeg.colours(stored, y, row);
            return new ImageFile(stored, rows, damaged.get());
          }
          BufferedImage image = reader.read(0);
          // For plain grey getRGB would bend the values: it takes grey for linear light.
          boolean grey =
              image.getRaster().getNumBands() <= 2
                  && !(image.getColorModel() instanceof IndexColorModel);
          return new ImageFile(
              image.getRaster(),
              grey ? null : (y, row) -> image.getRGB(0, y, row.length, 1, row, 0, row.length),
              damaged.get());
        });
  }

  /** By its first byte, so that nothing else is read at length. */
  private static boolean isImage(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      int first = in.read();
      // PNG and JPEG; people also have GIF files under the name of a PNG.
      return first == 0x89 || first == 0xff || first == 'G';
    }
  }

  private static byte[] wholeFile(Path file) throws IOException {
    Memory.requireHeap(
        Kind.CONFIGURATION, Files.size(file), "Reading " + file, "Replace or remove it");
    return Files.readAllBytes(file);
  }

  private static <T> T with(Path file, Use<T> use) {
    byte[] bytes;
    try {
      bytes = isImage(file) ? wholeFile(file) : new byte[0];
    } catch (IOException e) {
      throw Sources.unreadable(file, e);
    }
    try {
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
          RanbikiException.Kind.CONFIGURATION,
          file
              + " ends early, so that a part of its picture is missing. Fetch it again or remove it.",
          e);
    } catch (IOException | RuntimeException e) {
      throw new RanbikiException(
          RanbikiException.Kind.CONFIGURATION,
          file + " is empty, damaged, or not a PNG or JPEG image. Replace or remove it.",
          e);
    }
  }

  int height() {
    return stored.getHeight();
  }

  int width() {
    return stored.getWidth();
  }

  /** Whether the decoder read over damaged data. */
  boolean isDamaged() {
    return damaged;
  }

  /** Writes the pixels, scaled to 0..1, channel by channel. */
  void write(Colour colour, float[] target, int offset) {
    if (rows == null) {
      writeGrey(colour, target, offset);
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
          target[at] = luma / 255f;
        } else {
          target[at] = red / 255f;
          target[at + plane] = green / 255f;
          target[at + 2 * plane] = blue / 255f;
        }
      }
    }
  }

  private void writeGrey(Colour colour, float[] target, int offset) {
    int plane = height() * width();
    float[] row = new float[width()];
    float largest = (1 << stored.getSampleModel().getSampleSize(0)) - 1;
    for (int y = 0; y < height(); y++) {
      stored.getSamples(0, y, row.length, 1, 0, row);
      for (int x = 0; x < row.length; x++) {
        for (int channel = 0; channel < colour.channels(); channel++) {
          target[offset + channel * plane + y * row.length + x] = row[x] / largest;
        }
      }
    }
  }
}
