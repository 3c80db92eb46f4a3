package io.ranbiki.data;

import io.ranbiki.Memory;
import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import io.ranbiki.data.ImageFolder.Colour;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** Decodes one PNG or JPEG file. */
final class ImageFile {

  private ImageFile() {}

  private interface Use<T> {
    T of(ImageReader reader) throws IOException;
  }

  /** Height and width, from the header alone. */
  static int[] size(Path file) {
    return with(file, reader -> new int[] {reader.getHeight(0), reader.getWidth(0)});
  }

  static BufferedImage decode(Path file) {
    return with(file, reader -> reader.read(0));
  }

  /** By its first byte, so that nothing else is read at length. */
  private static boolean isImage(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      int first = in.read();
      return first == 0x89 || first == 0xff;
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
    // Not ImageIO.read: it writes to a temporary file, and hides why it returns nothing.
    try (var in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw new IOException("neither PNG nor JPEG");
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(in, true, true);
        return use.of(reader);
      } finally {
        reader.dispose();
      }
    } catch (IOException | RuntimeException e) {
      throw new RanbikiException(
          RanbikiException.Kind.CONFIGURATION,
          file + " is empty, damaged, or not a PNG or JPEG image. Replace or remove it.",
          e);
    }
  }

  static void write(BufferedImage image, Colour colour, float[] target, int offset) {
    int width = image.getWidth();
    int height = image.getHeight();
    int plane = width * height;
    boolean plainGrey =
        image.getRaster().getNumBands() <= 2 && !(image.getColorModel() instanceof IndexColorModel);
    if (plainGrey) {
      // getRGB would bend the values: it takes grey for linear light.
      Raster raster = image.getRaster();
      float[] row = new float[width];
      float largest = (1 << raster.getSampleModel().getSampleSize(0)) - 1;
      for (int y = 0; y < height; y++) {
        raster.getSamples(0, y, width, 1, 0, row);
        for (int x = 0; x < width; x++) {
          for (int channel = 0; channel < colour.channels(); channel++) {
            target[offset + channel * plane + y * width + x] = row[x] / largest;
          }
        }
      }
      return;
    }
    int[] row = new int[width];
    for (int y = 0; y < height; y++) {
      image.getRGB(0, y, width, 1, row, 0, width);
      for (int x = 0; x < width; x++) {
        int red = row[x] >> 16 & 0xff;
        int green = row[x] >> 8 & 0xff;
        int blue = row[x] & 0xff;
        int at = offset + y * width + x;
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
}
