package io.ranbiki.prepare;

import io.ranbiki.Memory;
import io.ranbiki.RanbikiException;
import io.ranbiki.RanbikiException.Kind;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A decoded picture: a PNG, JPEG, BMP, GIF or WebP file with a single picture. WebP needs a plug-in
 * of ImageIO, which the command line brings. Pixels are those that Pillow's {@code convert("RGB")}
 * and {@code convert("L")} give; colour profiles are not applied.
 */
public final class Image {

  private static final double WHITE = 255;

  /** Enough for the header of nearly every file; then for one with the remarks of a camera. */
  private static final int[] HEADS = {4096, 1 << 18};

  private static final int TAIL = 16;

  /** Numbers of a picture; some 90 million pixels. */
  private static final long LARGEST = 1L << 28;

  private static final int BLUE = 3;

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
   * @param animated whether it holds several pictures
   * @param turned whether the camera says that a viewer is to turn it (EXIF); the pixels here lie
   *     as in the file
   */
  public record Header(int height, int width, boolean plain, boolean animated, boolean turned) {

    /**
     * Checks that the picture can be decoded in this machine's memory.
     *
     * @param image its name, in a sentence
     */
    private Header requireRoom(String image) {
      double numbers = 3.0 * height * width;
      if (numbers > LARGEST) {
        throw RanbikiException.configuration(
            "%s is %d x %d pixels large, but an image may have %,d pixels at most. Make it"
                + " smaller.",
            image, width, height, LARGEST / 3);
      }
      Memory.requireHeap(
          Kind.CONFIGURATION,
          2 * numbers,
          String.format(
              Locale.ROOT, "Decoding %s, which is %d x %d pixels large,", image, width, height),
          "Make the images smaller");
      return this;
    }
  }

  /** Makes one row of pixels, each {@code 0xRRGGBB}. */
  private interface Rows {
    void read(int y, int[] row);
  }

  private interface Use<T> {
    T of(ImageFormat format, ImageReader reader, @Nullable Jpeg jpeg) throws IOException;
  }

  /**
   * Reads the header, and looks whether the file is there to its end: of most files only the first
   * and the last bytes.
   *
   * @throws RanbikiException if it is no image, damaged, or animated, or ends early
   */
  public static Header header(Path file) {
    String name = file.toString();
    try (FileChannel channel = FileChannel.open(file)) {
      long size = channel.size();
      byte[] tail = some(channel, Math.max(0, size - TAIL), (int) Math.min(TAIL, size));
      for (int length : HEADS) {
        byte[] head = some(channel, 0, (int) Math.min(length, size));
        Optional<ImageFormat> format = ImageFormat.of(head);
        if (format.isEmpty() || format.get() == ImageFormat.GIF) {
          break;
        }
        requireReader(format.get(), name);
        try {
          if (!format.get().ends(head, tail, size)) {
            break;
          }
          return requireSingle(format.get().header(head).requireRoom(name), format.get(), name);
        } catch (EOFException e) {
          // a longer header
        } catch (IOException e) {
          throw damaged(name, e);
        }
      }
    } catch (IOException e) {
      throw unreadable(file, e);
    }
    byte[] bytes = bytes(file);
    Header header = header(bytes, name);
    read(bytes, name); // that cannot be seen without decoding whether it ends early
    return header;
  }

  private static byte[] some(FileChannel channel, long from, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) > 0) {
      // until all are there
    }
    return bytes.array();
  }

  static Header header(byte[] bytes, String name) {
    return with(bytes, name, (format, reader, jpeg) -> single(format, reader, bytes, name));
  }

  private static Header single(ImageFormat format, ImageReader reader, byte[] bytes, String name)
      throws IOException {
    Header header;
    try {
      header = format.header(bytes).requireRoom(name);
    } catch (EOFException e) {
      throw new IOException("no whole header", e); // who knows whether it was ever an image
    }
    boolean several = format == ImageFormat.GIF && reader.getNumImages(true) > 1;
    return requireSingle(
        several ? new Header(header.height, header.width, header.plain, true, false) : header,
        format,
        name);
  }

  private static Header requireSingle(Header header, ImageFormat format, String name) {
    if (header.animated) {
      throw RanbikiException.configuration(
          "%s is an animated %s image. Save the one picture that counts.", name, format.word());
    }
    return header;
  }

  private static void requireReader(ImageFormat format, String name) {
    if (format == ImageFormat.WEBP && reader(format).isEmpty()) { // Java has the others
      throw RanbikiException.configuration(
          "%s is a %s image, which needs a plug-in of ImageIO. Put"
              + " com.twelvemonkeys.imageio:imageio-webp on the class path, or convert the image.",
          name, format.word());
    }
  }

  /** Java's own before others, so that training and services decode alike. */
  private static Optional<ImageReader> reader(ImageFormat format) {
    List<ImageReader> readers = new ArrayList<>();
    ImageIO.getImageReadersByFormatName(format.word()).forEachRemaining(readers::add);
    return readers.stream()
        .filter(reader -> reader.getClass().getName().startsWith("com.sun."))
        .findFirst()
        .or(() -> readers.stream().findFirst());
  }

  /**
   * Decodes a file.
   *
   * @throws RanbikiException if it cannot be read or decoded, or is animated
   */
  public static Image read(Path file) {
    return read(bytes(file), file.toString());
  }

  /**
   * Decodes the bytes of a file.
   *
   * @param name of the image, to begin a sentence with
   * @throws RanbikiException if they cannot be decoded, or are animated
   */
  public static Image read(byte[] bytes, String name) {
    return with(
        bytes,
        name,
        (format, reader, jpeg) -> {
          single(format, reader, bytes, name);
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
        name, picture.getRaster(), grey ? null : rows(picture.getRaster(), picture), damaged);
  }

  /** The bands as they are where they are bytes, else what Java makes of them. */
  private static Rows rows(Raster raster, BufferedImage picture) {
    int bands = raster.getNumBands();
    ColorModel model = picture.getColorModel();
    boolean bytes =
        bands >= BLUE
            && model.getColorSpace().getType() == ColorSpace.TYPE_RGB
            && !model.isAlphaPremultiplied()
            && IntStream.of(raster.getSampleModel().getSampleSize())
                .allMatch(size -> size == Byte.SIZE);
    if (!bytes) {
      return (y, row) -> picture.getRGB(0, y, row.length, 1, row, 0, row.length);
    }
    return (y, row) -> {
      int[] values = raster.getPixels(0, y, row.length, 1, (int[]) null);
      for (int x = 0; x < row.length; x++) {
        int at = x * bands;
        row[x] = values[at] << 16 | values[at + 1] << 8 | values[at + 2];
      }
    };
  }

  /** The bytes of a file; the first of another kind of file, so that none is read at length. */
  static byte[] bytes(Path file) {
    try {
      try (FileChannel channel = FileChannel.open(file)) {
        byte[] head = some(channel, 0, (int) Math.min(ImageFormat.HEAD, channel.size()));
        if (ImageFormat.of(head).isEmpty()) {
          return head;
        }
      }
      Memory.requireHeap(
          Kind.CONFIGURATION, Files.size(file), "Reading " + file, "Replace or remove it");
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static RanbikiException unreadable(Path file, IOException e) {
    if (e instanceof NoSuchFileException) {
      return new RanbikiException(
          Kind.IO, "There is no file " + file + ". Check the path, or the disk.", e);
    }
    return new RanbikiException(
        Kind.IO,
        file
            + " cannot be read ("
            + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage())
            + "). Check its permissions and the disk.",
        e);
  }

  private static <T> T with(byte[] bytes, String name, Use<T> use) {
    ImageFormat format = ImageFormat.of(bytes).orElseThrow(() -> noImage(bytes, name));
    requireReader(format, name);
    ImageReader reader = reader(format).orElseThrow();
    try {
      Jpeg jpeg = format == ImageFormat.JPEG ? new Jpeg(bytes) : null;
      byte[] decoded = jpeg == null ? bytes : jpeg.withoutRemarks();
      // Not ImageIO.read: it writes to a temporary file, and hides why it returns nothing.
      try (var in = new MemoryCacheImageInputStream(new ByteArrayInputStream(decoded))) {
        reader.setInput(in, format != ImageFormat.GIF, true);
        return use.of(format, reader, jpeg);
      }
    } catch (EOFException e) {
      throw new RanbikiException(
          Kind.CONFIGURATION,
          name
              + " ends early, so that a part of its picture is missing. Fetch it again or remove"
              + " it.",
          e);
    } catch (RanbikiException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw damaged(name, e);
    } finally {
      reader.dispose();
    }
  }

  private static RanbikiException noImage(byte[] bytes, String name) {
    return ImageFormat.other(bytes)
        .map(
            other ->
                RanbikiException.configuration(
                    "%s is a file of the format %s, which cannot be read here. Convert it to PNG or"
                        + " JPEG, or remove it.",
                    name, other))
        .orElseGet(() -> damaged(name, null));
  }

  private static RanbikiException damaged(String name, @Nullable Exception cause) {
    return new RanbikiException(
        Kind.CONFIGURATION,
        name
            + " is empty, damaged, or not a PNG, JPEG, BMP, GIF or WebP image. Replace or remove"
            + " it.",
        cause);
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
   * Writes the pixels channel by channel. A pixel is a whole number of 0 to 255, times the factor,
   * and rounded once: {@code 1 / 255.0} gives the very floats of a division by 255. Where a file
   * has more than 8 bits, it is the nearest one, since data sets keep bytes; Pillow's {@code
   * convert("L")} would cut 16 bits off at 255, so that nearly all are white.
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
   * The pixels channel by channel, as whole numbers of 0 to 255.
   *
   * @return {@code [channels, height, width]}
   */
  public byte[] bytes(Colour colour) {
    int plane = height() * width();
    byte[] bytes = new byte[colour.channels() * plane];
    if (rows == null || colour == Colour.GREY) {
      float[] values = new float[bytes.length];
      write(colour, 1, values, 0);
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) Math.round(values[i]);
      }
      return bytes;
    }
    int[] row = new int[width()];
    for (int y = 0; y < height(); y++) {
      rows.read(y, row);
      for (int x = 0; x < row.length; x++) {
        int at = y * row.length + x;
        bytes[at] = (byte) (row[x] >> 16);
        bytes[at + plane] = (byte) (row[x] >> 8);
        bytes[at + 2 * plane] = (byte) row[x];
      }
    }
    return bytes;
  }

  /** The same with its shape. */
  Values.Bytes values(Colour colour) {
    return new Values.Bytes(bytes(colour), new int[] {colour.channels(), height(), width()});
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
              (float) (Math.round(row[x] * WHITE / largest) * factor);
        }
      }
    }
  }
}
